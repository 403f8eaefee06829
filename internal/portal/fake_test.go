package portal

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/thingward/thingward/internal/authserver/account"
	"github.com/thingward/thingward/internal/authserver/key"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/resourceserver/reading"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/web"
)

// world stands in for the use cases: people, keys and sensors in memory. It
// is small because the portal decides nothing; the whole program is tested in
// test/browser and test/acceptance.
type world struct {
	mu        sync.Mutex
	now       time.Time
	setupCode string // empty: done
	users     map[string]*person
	sessions  map[string]*signIn
	keys      []*fakeKey
	sensors   []domain.Sensor
	devices   []domain.Device
	unkept    bool                // LAN keys are shown once
	grants    []domain.Connection // of apps
	clients   []*fakeClient
	events    []domain.AuditEvent
	throttled bool
	serial    int64
}

type person struct {
	domain.User
	password string
}

type signIn struct {
	domain.Session
	name string
}

type fakeKey struct {
	domain.Key
	password string
}

func newWorld() *world {
	return &world{now: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC), users: map[string]*person{}, sessions: map[string]*signIn{}}
}

func (w *world) next() int64 { w.serial++; return w.serial }

func (w *world) addUser(name, password string, admin bool) *person {
	made := &person{User: domain.User{ID: domain.UserID(w.next()), Name: name, Admin: admin, CreatedAt: w.now}, password: password}
	w.users[name] = made
	return made
}

func (w *world) addSensor(owner *person, name, longName string, visibility domain.Visibility) domain.Sensor {
	made := domain.Sensor{ID: domain.SensorID(w.next()), Owner: owner.ID.Owner(), OwnerName: owner.Name, Publisher: owner.Name, Name: name,
		LongName: longName, Visibility: visibility, Latitude: 49.26, Longitude: -123.11, Tags: []string{"garden"},
		Fields: domain.DefaultFields(), CreatedAt: w.now, UpdatedAt: w.now}
	w.sensors = append(w.sensors, made)
	return made
}

func (w *world) portal() *Portal {
	return &Portal{Accounts: w, Keys: fakeKeys{w}, Connections: fakeConnections{w}, Clients: fakeClients{w}, Devices: fakeDevices{w}, Recovery: fakeRecovery{w}, Mails: fakeMails{w}, Sensors: fakeSensors{w}, Collaborators: fakeCollaborators{w}, Readings: w, Applications: fakeApplications{}, Gateways: fakeGateways{}, PublicURL: "http://localhost:8080",
		SignUp: SignUpOpen, Version: "test", Now: func() time.Time { return w.now }, Log: slog.New(slog.DiscardHandler)}
}

// handler serves the pages as the program does.
func (w *world) handler(p *Portal) http.Handler { return web.NewTable(w.identify, p.Log, p.Web()) }

func (w *world) identify(r *http.Request, _ web.Accepts) (domain.Caller, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	caller := domain.Caller{Address: netip.MustParseAddr("127.0.0.1"), Program: r.UserAgent()}
	cookie, err := r.Cookie(guard.SessionCookie(false))
	if err != nil || w.sessions[cookie.Value] == nil {
		return caller, nil
	}
	session := w.sessions[cookie.Value]
	session.LastSeenAt = w.now
	caller.User, caller.Credential, caller.Session, caller.Scopes = w.users[session.name].User, domain.SessionCredential, session.ID, domain.EveryScope()
	return caller, nil
}

func (w *world) note(c domain.Caller, act, thing string) {
	w.events = append([]domain.AuditEvent{domain.NewAudit(c, w.now, act, thing)}, w.events...)
}

func (w *world) SignUp(_ context.Context, in account.NewUser, _ account.Origin) (domain.User, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := domain.CheckOwnerName(in.Name); err != nil {
		return domain.User{}, err
	}
	if w.users[in.Name] != nil {
		return domain.User{}, domain.Errorf(domain.Conflict, "name_taken", "The name %s is taken.", in.Name)
	}
	if err := domain.CheckPassword(in.Password.Reveal(), in.Name); err != nil {
		return domain.User{}, err
	}
	made := w.addUser(in.Name, in.Password.Reveal(), in.Admin)
	made.Email, made.DisplayName, made.TimeZone = in.Email, in.DisplayName, in.TimeZone
	return made.User, nil
}

func (w *world) SignIn(_ context.Context, name string, password secret.Secret, from account.Origin) (account.SignedIn, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.throttled {
		return account.SignedIn{}, &domain.Error{Kind: domain.TooMany, Code: "too_many_attempts", Message: "Too many attempts.", RetryIn: 30}
	}
	user := w.users[name]
	if user == nil || user.password != password.Reveal() {
		return account.SignedIn{}, domain.Errorf(domain.Unauthenticated, "wrong_password", "The name or the password is wrong.")
	}
	return w.signIn(user, from), nil
}

func (w *world) signIn(user *person, from account.Origin) account.SignedIn {
	cookie := secret.Generate(secret.Session)
	w.sessions[cookie.Reveal()] = &signIn{name: user.Name, Session: domain.Session{ID: domain.SessionID(w.next()), User: user.ID,
		CreatedAt: w.now, LastSeenAt: w.now, Address: from.Address.String(), Program: from.Program}}
	user.LastSignInAt = w.now
	w.note(domain.Caller{User: user.User, Address: from.Address, Credential: domain.SessionCredential}, "session.start", "")
	return account.SignedIn{Cookie: cookie, User: user.User}
}

func (w *world) SignOut(ctx context.Context, c domain.Caller) error {
	return w.EndSession(ctx, c, c.Session)
}

func (w *world) SetupNeeded(context.Context) (bool, error) { return w.setupCode != "", nil }

func (w *world) Setup(_ context.Context, code secret.Secret, in account.NewUser, from account.Origin) (account.SignedIn, error) {
	if code.Reveal() != w.setupCode || w.setupCode == "" {
		return account.SignedIn{}, domain.InvalidField("code", "The setup code is not right.")
	}
	w.setupCode = ""
	return w.signIn(w.addUser(in.Name, in.Password.Reveal(), true), from), nil
}

func (w *world) ConfirmPassword(_ context.Context, c domain.Caller, password secret.Secret) error {
	if w.users[c.User.Name].password != password.Reveal() {
		return domain.InvalidField("password", "The password is wrong.")
	}
	for _, session := range w.sessions {
		if session.ID == c.Session {
			session.ConfirmedAt = w.now
		}
	}
	return nil
}

func (w *world) Sessions(_ context.Context, c domain.Caller) ([]domain.Session, error) {
	var own []domain.Session
	for _, session := range w.sessions {
		if session.User == c.User.ID {
			own = append(own, session.Session)
		}
	}
	slices.SortFunc(own, func(a, b domain.Session) int { return int(b.ID - a.ID) })
	return own, nil
}

func (w *world) EndSession(_ context.Context, c domain.Caller, id domain.SessionID) error {
	for cookie, session := range w.sessions {
		if session.ID == id && session.User == c.User.ID {
			delete(w.sessions, cookie)
		}
	}
	return nil
}

func (w *world) EndOtherSessions(_ context.Context, c domain.Caller) error {
	for cookie, session := range w.sessions {
		if session.ID != c.Session && session.User == c.User.ID {
			delete(w.sessions, cookie)
		}
	}
	return nil
}

func (w *world) ChangePassword(ctx context.Context, c domain.Caller, old, new secret.Secret) error {
	user := w.users[c.User.Name]
	if user.password != old.Reveal() {
		return domain.InvalidField("password", "This is not your password.")
	}
	if err := domain.CheckPassword(new.Reveal(), user.Name); err != nil {
		return err
	}
	user.password = new.Reveal()
	return w.EndOtherSessions(ctx, c)
}

func (w *world) EditProfile(_ context.Context, c domain.Caller, edit account.ProfileEdit) (domain.User, error) {
	if err := domain.CheckTimeZone(*edit.TimeZone); err != nil {
		return domain.User{}, err
	}
	user := w.users[c.User.Name]
	user.Email, user.DisplayName, user.TimeZone, user.NoPasswordIn = *edit.Email, *edit.DisplayName, *edit.TimeZone, *edit.NoPasswordIn
	return user.User, nil
}

func (w *world) Audit(_ context.Context, c domain.Caller, page domain.Page) (domain.Listed[domain.AuditEvent], error) {
	var own []domain.AuditEvent
	for _, event := range w.events {
		if event.Subject == c.User.ID {
			own = append(own, event)
		}
	}
	return listed(own, page), nil
}

func (w *world) AuditAll(_ context.Context, _ domain.Caller, page domain.Page) (domain.Listed[domain.AuditEvent], error) {
	return listed(w.events, page), nil
}

func listed[T any](items []T, page domain.Page) domain.Listed[T] {
	start, _ := strconv.Atoi(page.Cursor)
	end, next := len(items), ""
	if start+page.Limit < end {
		end = start + page.Limit
		next = strconv.Itoa(end)
	}
	return domain.Listed[T]{Items: items[start:end], Next: next, Total: len(items)}
}

func (w *world) Users(_ context.Context, _ domain.Caller, page domain.Page) (domain.Listed[domain.User], error) {
	var all []domain.User
	for _, user := range w.users {
		all = append(all, user.User)
	}
	slices.SortFunc(all, func(a, b domain.User) int { return int(a.ID - b.ID) })
	return listed(all, page), nil
}

func (w *world) Create(ctx context.Context, _ domain.Caller, in account.NewUser) (domain.User, error) {
	return w.SignUp(ctx, in, account.Origin{})
}

func (w *world) Suspend(_ context.Context, _ domain.Caller, name string) error {
	return w.setSuspended(name, true)
}

func (w *world) Resume(_ context.Context, _ domain.Caller, name string) error {
	return w.setSuspended(name, false)
}

func (w *world) setSuspended(name string, suspended bool) error {
	user := w.users[name]
	if user == nil {
		return domain.Errorf(domain.NotFound, "user_not_found", "There is no such user.")
	}
	user.Suspended = suspended
	return nil
}

func (w *world) ResetPassword(_ context.Context, _ domain.Caller, name string) (secret.Secret, error) {
	if w.users[name] == nil {
		return secret.Secret{}, domain.Errorf(domain.NotFound, "user_not_found", "There is no such user.")
	}
	return secret.Generate(secret.TempPassword), nil
}

func (w *world) Invite(context.Context, domain.Caller) (secret.Secret, error) {
	return secret.Generate(secret.InviteCode), nil
}

func (w *world) Query(context.Context, domain.Caller, string, reading.Query) (domain.Sensor, iter.Seq2[domain.Reading, error], error) {
	return domain.Sensor{}, func(yield func(domain.Reading, error) bool) {
		for i := range 12 {
			at := w.now.Add(-time.Duration(i) * 10 * time.Minute)
			values := []domain.NamedValue{{Name: "value", Value: domain.Number(21.5 - float64(i)/4)}}
			if !yield(domain.Reading{ID: domain.ReadingID(100 - i), At: domain.MillisOf(at), Values: values}, nil) {
				return
			}
		}
	}, nil
}

type fakeKeys struct{ *world }

func (w fakeKeys) own(c domain.Caller, id domain.KeyID) (*fakeKey, error) {
	for _, k := range w.keys {
		if k.ID == id && k.Grant.User == c.User.ID {
			return k, nil
		}
	}
	return nil, domain.Errorf(domain.NotFound, "key_not_found", "There is no such key among yours.")
}

func (w fakeKeys) Create(_ context.Context, c domain.Caller, in key.NewKey) (domain.Key, secret.Secret, error) {
	password := secret.Generate(secret.KeyPassword)
	id := domain.KeyID(fmt.Sprintf("%016x", w.next()))
	made := &fakeKey{password: password.Reveal(), Key: domain.Key{ID: id, Owner: c.User.Name, Description: in.Description, Allowed: in.Allowed, Viewable: true,
		Grant: domain.Grant{ID: domain.GrantID(w.next()), User: c.User.ID, Name: in.Name, Scopes: in.Scopes, CreatedAt: w.now, ExpiresAt: in.ExpiresAt}}}
	w.keys = append(w.keys, made)
	w.note(c, "key.create", "key "+string(id))
	return made.Key, password, nil
}

func (w fakeKeys) List(_ context.Context, c domain.Caller, page domain.Page) (domain.Listed[domain.Key], error) {
	var own []domain.Key
	for _, k := range w.keys {
		if k.Grant.User == c.User.ID {
			own = append(own, k.Key)
		}
	}
	return listed(own, page), nil
}

func (w fakeKeys) Find(_ context.Context, c domain.Caller, id domain.KeyID) (domain.Key, error) {
	found, err := w.own(c, id)
	if err != nil {
		return domain.Key{}, err
	}
	return found.Key, nil
}

func (w fakeKeys) Uses(_ context.Context, _ domain.Caller, _ domain.KeyID) ([]domain.DayUse, error) {
	if len(w.sensors) == 0 {
		return nil, nil
	}
	today := w.now.Truncate(day)
	return []domain.DayUse{
		{Thing: w.sensors[0].FullName(), Right: domain.ReadingsWrite, Day: today, Uses: 61, LastAt: w.now.Add(-time.Minute), Address: "192.0.2.7"},
		{Thing: w.sensors[0].FullName(), Right: domain.ReadingsWrite, Day: today.Add(-day), Uses: 144, LastAt: today, Address: "192.0.2.7"},
	}, nil
}

func (w fakeKeys) View(_ context.Context, c domain.Caller, id domain.KeyID) (secret.Secret, error) {
	for _, session := range w.sessions {
		if session.ID == c.Session && session.Fresh(w.now) {
			found, err := w.own(c, id)
			if err != nil {
				return secret.Secret{}, err
			}
			return secret.New(found.password), nil
		}
	}
	return secret.Secret{}, domain.Errorf(domain.Forbidden, "password_needed", "Viewing a secret needs your password again.")
}

func (w fakeKeys) Edit(_ context.Context, c domain.Caller, id domain.KeyID, edit key.KeyEdit) (domain.Key, error) {
	found, err := w.own(c, id)
	if err != nil {
		return domain.Key{}, err
	}
	if err := domain.CheckKeyName(*edit.Name); err != nil {
		return domain.Key{}, err
	}
	found.Grant.Name, found.Description, found.Allowed = *edit.Name, *edit.Description, *edit.Allowed
	if edit.ExpiresAt != nil {
		found.Grant.ExpiresAt = *edit.ExpiresAt
	}
	return found.Key, nil
}

func (w fakeKeys) Rotate(_ context.Context, c domain.Caller, id domain.KeyID, overlap time.Duration) (secret.Secret, error) {
	found, err := w.own(c, id)
	if err != nil {
		return secret.Secret{}, err
	}
	password := secret.Generate(secret.KeyPassword)
	found.password, found.OldUntil = password.Reveal(), w.now.Add(overlap)
	return password, nil
}

func (w fakeKeys) Revoke(_ context.Context, c domain.Caller, id domain.KeyID) error {
	if _, err := w.own(c, id); err != nil {
		return err
	}
	w.world.keys = slices.DeleteFunc(w.keys, func(k *fakeKey) bool { return k.ID == id })
	return nil
}

type fakeSensors struct{ *world }

func (w fakeSensors) Find(_ context.Context, c domain.Caller, ref string, right domain.Right) (domain.Sensor, error) {
	for _, sensor := range w.sensors {
		if sensor.FullName() == ref {
			return sensor, guard.Require(c, right, sensor.Thing())
		}
	}
	return domain.Sensor{}, guard.NotThere(domain.NounSensor)
}

func (w fakeSensors) List(_ context.Context, c domain.Caller, f domain.SensorFilter) ([]domain.Sensor, error) {
	var own []domain.Sensor
	for _, sensor := range w.sensors {
		sought := strings.Contains(strings.ToLower(sensor.Name+" "+sensor.LongName+" "+sensor.Description), strings.ToLower(f.Text))
		if sought && sensor.Owner == c.User.ID.Owner() && sensor.ID > f.After && (f.Limit == 0 || len(own) < f.Limit) {
			own = append(own, sensor)
		}
	}
	return own, nil
}

func (w fakeSensors) Count(ctx context.Context, c domain.Caller, f domain.SensorFilter) (int, error) {
	own, err := w.List(ctx, c, f)
	return len(own), err
}

func (w fakeSensors) StatesFor(_ context.Context, _ domain.Caller, sensors ...domain.Sensor) (map[domain.SensorID]domain.SensorState, error) {
	states := map[domain.SensorID]domain.SensorState{}
	for i, sensor := range sensors {
		at := w.now.Add(-time.Duration(i*20+3) * time.Minute)
		states[sensor.ID] = domain.SensorState{LastUpdate: at, Last: map[string]domain.LastValue{"value": {Value: domain.Number(21.5), At: at}}}
	}
	return states, nil
}
