package ttn

import (
	"net/http"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/resourceserver/application"
)

// shownKeys returns the access keys of the application that a request names.
func (d *Door) shownKeys(r *http.Request, c domain.Caller) ([]application.ShownKey, error) {
	name, err := nameOf(r)
	if err != nil {
		return nil, err
	}
	return d.Applications.AccessKeys(r.Context(), c, name)
}

func (d *Door) listAccessKeys(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	keys, err := d.shownKeys(r, c)
	if err != nil {
		return err
	}
	list := make([]accessKeyJSON, len(keys))
	for i, key := range keys {
		list[i] = accessKeyAsJSON(key.AccessKey, key.Text)
	}
	return answer(w, http.StatusOK, list)
}

func (d *Door) showAccessKey(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	keys, err := d.shownKeys(r, c)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if key.Name == r.PathValue("key") {
			return answer(w, http.StatusOK, accessKeyAsJSON(key.AccessKey, key.Text))
		}
	}
	return domain.Errorf(domain.NotFound, "access_key_not_found", "The application has no access key %q.", domain.Clip(r.PathValue("key")))
}

// createAccessKey answers the key itself: programs take an empty answer for a
// broken connection.
func (d *Door) createAccessKey(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	name, err := nameOf(r)
	if err != nil {
		return err
	}
	// Who may not change the application learns nothing of the body's faults.
	if _, err := d.Applications.Finder.Application(r.Context(), c, name, domain.ApplicationSettings); err != nil {
		return err
	}
	var body struct {
		Name   string   `json:"name"`
		Rights []string `json:"rights"`
	}
	if err := readBody(w, r, &body); err != nil {
		return err
	}
	rights, err := domain.ParseRights(domain.NounApplication, body.Rights...)
	if err != nil {
		return err
	}
	key, text, err := d.Applications.CreateAccessKey(r.Context(), c, name, body.Name, rights)
	if err != nil {
		return err
	}
	return answer(w, http.StatusCreated, accessKeyAsJSON(key, text.Reveal()))
}

func (d *Door) deleteAccessKey(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	name, err := nameOf(r)
	if err != nil {
		return err
	}
	return done(w, d.Applications.DeleteAccessKey(r.Context(), c, name, r.PathValue("key")))
}
