package application

import (
	"net/http"
	"net/url"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/web"
)

// maxBody holds an application with payload functions, each as long as it may
// be and written in escapes.
const maxBody = 1 << 20

// Routes are the applications of the native API. Nothing of an application is
// public.
func (s *Service) Routes() []web.Route {
	read, write, devices := web.Scoped(domain.ScopeApplicationsRead), web.Scoped(domain.ScopeApplicationsWrite), web.Scoped(domain.ScopeOf(domain.ApplicationDevices))
	return []web.Route{
		{Pattern: "GET /api/v1/applications", Need: read, Handle: s.list},
		{Pattern: "POST /api/v1/applications", Need: write, Handle: s.create},
		{Pattern: "GET /api/v1/applications/{application}", Need: read, Handle: s.show},
		{Pattern: "PATCH /api/v1/applications/{application}", Need: write, Handle: s.change},
		{Pattern: "DELETE /api/v1/applications/{application}", Need: write, Handle: s.remove},
		{Pattern: "POST /api/v1/applications/{application}/restore", Need: write, Handle: s.restore},
		{Pattern: "GET /api/v1/applications/{application}/rights", Need: read, Handle: s.rights},
		{Pattern: "POST /api/v1/applications/{application}/euis", Need: write, Handle: s.addEUI},
		{Pattern: "DELETE /api/v1/applications/{application}/euis/{eui}", Need: write, Handle: s.removeEUI},
		{Pattern: "PUT /api/v1/applications/{application}/registration", Need: write, Handle: s.register},
		{Pattern: "DELETE /api/v1/applications/{application}/registration", Need: write, Handle: s.unregister},
		{Pattern: "GET /api/v1/applications/{application}/access-keys", Need: write, Handle: s.listAccessKeys},
		{Pattern: "POST /api/v1/applications/{application}/access-keys", Need: write, Handle: s.createAccessKey},
		{Pattern: "DELETE /api/v1/applications/{application}/access-keys/{name}", Need: write, Handle: s.removeAccessKey},
		{Pattern: "GET /api/v1/applications/{application}/end-devices", Need: devices, Handle: s.listEndDevices},
		{Pattern: "POST /api/v1/applications/{application}/end-devices", Need: devices, Handle: s.createEndDevice},
		{Pattern: "GET /api/v1/applications/{application}/end-devices/{device}", Need: devices, Handle: s.showEndDevice},
		{Pattern: "PUT /api/v1/applications/{application}/end-devices/{device}", Need: devices, Handle: s.setEndDevice},
		{Pattern: "DELETE /api/v1/applications/{application}/end-devices/{device}", Need: devices, Handle: s.removeEndDevice},
	}
}

func ref(r *http.Request) string { return r.PathValue("application") }

// listedJSON is an application as lists show it.
type listedJSON struct {
	ID           string     `json:"id"`
	Owner        string     `json:"owner"`
	Description  string     `json:"description"`
	EUIs         []string   `json:"euis"`
	Rights       []string   `json:"rights"`
	RegisteredAt *time.Time `json:"registered_at"`
	EndDevices   int64      `json:"end_devices"`
	CreatedAt    time.Time  `json:"created_at"`
	UpdatedAt    time.Time  `json:"updated_at"`
	DeletedAt    *time.Time `json:"deleted_at,omitempty"`
}

type payloadJSON struct {
	Format    domain.PayloadFormat `json:"format"`
	Decoder   string               `json:"decoder"`
	Converter string               `json:"converter"`
	Validator string               `json:"validator"`
	Encoder   string               `json:"encoder"`
}

type applicationJSON struct {
	listedJSON
	Payload payloadJSON `json:"payload"`
	JoinKey string      `json:"join_key"`
}

func asListed(c domain.Caller, a domain.Application) listedJSON {
	return listedJSON{ID: a.Name, Owner: a.OwnerName, Description: a.Description, EUIs: a.EUIs, Rights: RightsOn(c, a).Names(), RegisteredAt: web.Moment(a.RegisteredAt),
		EndDevices: a.EndDevices, CreatedAt: a.CreatedAt, UpdatedAt: a.ChangedAt, DeletedAt: web.Moment(a.DeletedAt)}
}

// answer writes an application: whole for who may see it.
func (s *Service) answer(w http.ResponseWriter, r *http.Request, c domain.Caller, status int, a domain.Application) error {
	if !guard.May(c, domain.ApplicationSee, a.Thing()) {
		return web.WriteJSON(w, status, map[string]string{"id": a.Name, "owner": a.OwnerName})
	}
	joinKey, err := s.JoinKey(r.Context(), c, a)
	if err != nil {
		return err
	}
	web.NotKept(w)
	return web.WriteJSON(w, status, applicationJSON{asListed(c, a), payloadJSON(a.Payload), joinKey})
}

func (s *Service) list(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	page, err := web.ReadPage(r)
	if err != nil {
		return err
	}
	which, err := web.ReadWhich(r)
	if err != nil {
		return err
	}
	listed, err := s.List(r.Context(), c, which, page)
	if err != nil {
		return err
	}
	return web.WriteList(w, r, listed, func(a domain.Application) listedJSON { return asListed(c, a) })
}

func (s *Service) create(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	var in struct {
		ID          string   `json:"id"`
		Description string   `json:"description"`
		EUIs        []string `json:"euis"`
	}
	if err := web.DecodeJSON(w, r, web.SmallBody, &in); err != nil {
		return err
	}
	made, err := s.Create(r.Context(), c, New{Name: in.ID, Description: in.Description, EUIs: in.EUIs})
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/api/v1/applications/"+made.Name)
	return s.answer(w, r, c, http.StatusCreated, made)
}

func (s *Service) show(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	a, err := s.Find(r.Context(), c, ref(r))
	if err != nil {
		return err
	}
	return s.answer(w, r, c, http.StatusOK, a)
}

func (s *Service) change(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	// Who may not change the application learns nothing of the body's faults.
	if _, err := s.Finder.Application(r.Context(), c, ref(r), domain.ApplicationSettings); err != nil {
		return err
	}
	var in struct {
		Description *string      `json:"description"`
		Payload     *payloadJSON `json:"payload"`
		JoinKey     *string      `json:"join_key"`
	}
	if err := web.DecodeJSON(w, r, maxBody, &in); err != nil {
		return err
	}
	changed, err := s.Edit(r.Context(), c, ref(r), Edit{Description: in.Description, Payload: (*domain.Payload)(in.Payload), JoinKey: in.JoinKey})
	if err != nil {
		return err
	}
	return s.answer(w, r, c, http.StatusOK, changed)
}

func (s *Service) remove(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return web.WriteDone(w, s.Delete(r.Context(), c, ref(r)))
}

func (s *Service) restore(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	restored, err := s.Restore(r.Context(), c, ref(r))
	if err != nil {
		return err
	}
	return s.answer(w, r, c, http.StatusOK, restored)
}

func (s *Service) rights(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	rights, err := s.Rights(r.Context(), c, ref(r))
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, map[string][]string{"rights": rights.Names()})
}

func (s *Service) addEUI(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	if _, err := s.Finder.Application(r.Context(), c, ref(r), domain.ApplicationSettings); err != nil {
		return err
	}
	var in struct {
		EUI string `json:"eui"`
	}
	if err := web.DecodeJSON(w, r, web.SmallBody, &in); err != nil {
		return err
	}
	eui, err := s.AddEUI(r.Context(), c, ref(r), in.EUI)
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusCreated, map[string]string{"eui": eui})
}

func (s *Service) removeEUI(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return web.WriteDone(w, s.RemoveEUI(r.Context(), c, ref(r), r.PathValue("eui")))
}

func (s *Service) register(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return web.WriteDone(w, s.Register(r.Context(), c, ref(r)))
}

func (s *Service) unregister(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return web.WriteDone(w, s.Unregister(r.Context(), c, ref(r)))
}

type accessKeyJSON struct {
	Name      string    `json:"name"`
	Rights    []string  `json:"rights"`
	Key       string    `json:"key"`
	CreatedAt time.Time `json:"created_at"`
}

func keyAsJSON(k domain.AccessKey, text string) accessKeyJSON {
	return accessKeyJSON{k.Name, k.Rights.Names(), text, k.CreatedAt}
}

func (s *Service) listAccessKeys(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	keys, err := s.AccessKeys(r.Context(), c, ref(r))
	if err != nil {
		return err
	}
	web.NotKept(w)
	return web.WriteList(w, r, domain.Listed[ShownKey]{Items: keys, Total: len(keys)}, func(k ShownKey) accessKeyJSON { return keyAsJSON(k.AccessKey, k.Text) })
}

func (s *Service) createAccessKey(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	if _, err := s.Finder.Application(r.Context(), c, ref(r), domain.ApplicationSettings); err != nil {
		return err
	}
	var in struct {
		Name   string   `json:"name"`
		Rights []string `json:"rights"`
	}
	if err := web.DecodeJSON(w, r, web.SmallBody, &in); err != nil {
		return err
	}
	rights, err := domain.ParseRights(domain.NounApplication, in.Rights...)
	if err != nil {
		return err
	}
	made, text, err := s.CreateAccessKey(r.Context(), c, ref(r), in.Name, rights)
	if err != nil {
		return err
	}
	web.NotKept(w)
	w.Header().Set("Location", r.URL.EscapedPath()+"/"+url.PathEscape(made.Name))
	return web.WriteJSON(w, http.StatusCreated, keyAsJSON(made, text.Reveal()))
}

func (s *Service) removeAccessKey(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return web.WriteDone(w, s.DeleteAccessKey(r.Context(), c, ref(r), r.PathValue("name")))
}
