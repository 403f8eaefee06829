package application

import (
	"context"
	"fmt"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
)

// AccessKeys keeps the access keys of applications.
type AccessKeys interface {
	CreateAccessKey(ctx context.Context, by domain.Caller, id domain.ApplicationID, key domain.NewAccessKey, allowed domain.MayApplication) (domain.AccessKey, error)
	DeleteAccessKey(ctx context.Context, by domain.Caller, id domain.ApplicationID, name string, allowed domain.MayApplication) error
	AccessKeysOf(ctx context.Context, noun domain.Noun, things []int64) ([]domain.SealedAccessKey, error)
	AccessKeyByHash(ctx context.Context, hash secret.Hash) (domain.AccessKey, error)
	ApplicationsViewed(ctx context.Context, by domain.Caller, act string, applications []domain.Application) error
}

// ShownKey is an access key as it is shown to somebody.
type ShownKey struct {
	domain.AccessKey
	Text string // masked where he may not see it, or where it was shown once and not kept
}

// Kept reports whether access keys can be seen again after they were made.
func (s *Service) Kept() bool { return s.Sealer != nil }

// Masked is what stands in the place of an access key that is not shown: of
// the issuer, and nothing of the key.
func (s *Service) Masked() string { return s.Issuer + ".********" }

// newAccessKey makes an access key to be stored.
func (s *Service) newAccessKey(name string, rights domain.RightSet) (domain.NewAccessKey, secret.Secret) {
	key := secret.GenerateAccessKey(s.Issuer)
	seal := func(id domain.AccessKeyID) []byte {
		if s.Sealer == nil {
			return nil
		}
		return s.Sealer.Seal(key, domain.AccessKeyRow(id))
	}
	return domain.NewAccessKey{Name: name, Rights: rights, Hash: key.Hash(), Seal: seal}, key
}

// mayHandOut reports whether the caller may give an access key the right, and
// see one that has it: he has it himself, or it is about messages and he
// manages the settings. Either way his credential reaches as far.
func mayHandOut(c domain.Caller, right domain.Right, thing domain.Thing) bool {
	if guard.May(c, right, thing) {
		return true
	}
	messages := right == domain.MessagesUpRead || right == domain.MessagesUpWrite || right == domain.MessagesDownWrite
	return messages && guard.May(c, domain.ApplicationSettings, thing) && c.Holds(domain.ScopeOf(right).On(thing.ID))
}

// requireAll refuses rights that the caller may not hand out.
func requireAll(c domain.Caller, rights domain.RightSet, thing domain.Thing) error {
	for _, right := range rights.List() {
		if !mayHandOut(c, right, thing) {
			return domain.Errorf(domain.Forbidden, "right_missing", "Nobody gives a right that he has not, and a credential gives none that it does not reach: %s is missing.", right.Name())
		}
	}
	return nil
}

// CreateAccessKey makes an access key of an application and returns its text,
// which may be shown once only. A name that another one has is a Conflict
// (access_key_name_taken).
func (s *Service) CreateAccessKey(ctx context.Context, c domain.Caller, ref, name string, rights domain.RightSet) (domain.AccessKey, secret.Secret, error) {
	found, err := s.Finder.Application(ctx, c, ref, domain.ApplicationSettings)
	if err == nil {
		err = domain.CheckAccessKeyName(name)
	}
	if err == nil {
		err = domain.CheckAccessRights(rights)
	}
	if err != nil {
		return domain.AccessKey{}, secret.Secret{}, err
	}
	wanted, text := s.newAccessKey(name, rights)
	made, err := s.Store.CreateAccessKey(ctx, c, found.ID, wanted, func(now domain.Application) error {
		if err := guard.Require(c, domain.ApplicationSettings, now.Thing()); err != nil {
			return err
		}
		return requireAll(c, rights, now.Thing())
	})
	if err != nil {
		return domain.AccessKey{}, secret.Secret{}, err
	}
	return made, text, nil
}

// DeleteAccessKey ends an access key: nothing that was got for it works any
// more.
func (s *Service) DeleteAccessKey(ctx context.Context, c domain.Caller, ref, name string) error {
	found, err := s.Finder.Application(ctx, c, ref, domain.ApplicationSettings)
	if err != nil {
		return err
	}
	return s.Store.DeleteAccessKey(ctx, c, found.ID, name, requiring(c, domain.ApplicationSettings))
}

// AccessKeys returns the access keys of an application in the order in which
// they were made. It needs the right to its settings.
func (s *Service) AccessKeys(ctx context.Context, c domain.Caller, ref string) ([]ShownKey, error) {
	found, err := s.Finder.Application(ctx, c, ref, domain.ApplicationSettings)
	if err != nil {
		return nil, err
	}
	keys, err := s.AccessKeysIn(ctx, c, found)
	return keys[found.ID], err
}

// AccessKeysIn returns the access keys of those of the applications, looked up
// for the caller, whose settings he manages; the others have an empty list.
// Whom it showed what is audited once a day.
func (s *Service) AccessKeysIn(ctx context.Context, c domain.Caller, applications ...domain.Application) (map[domain.ApplicationID][]ShownKey, error) {
	shown := make(map[domain.ApplicationID][]ShownKey, len(applications))
	things := make(map[int64]domain.Application, len(applications))
	ids := []int64{}
	for _, a := range applications {
		shown[a.ID] = []ShownKey{}
		if a.DeletedAt.IsZero() && guard.May(c, domain.ApplicationSettings, a.Thing()) {
			ids, things[int64(a.ID)] = append(ids, int64(a.ID)), a
		}
	}
	if len(ids) == 0 {
		return shown, nil
	}
	keys, err := s.Store.AccessKeysOf(ctx, domain.NounApplication, ids)
	if err != nil {
		return nil, err
	}
	var seen []domain.Application
	for _, key := range keys {
		of := things[key.Thing.ID]
		text, err := s.textOf(c, key, of)
		if err != nil {
			return nil, err
		}
		if text != s.Masked() {
			seen = append(seen, of)
		}
		shown[of.ID] = append(shown[of.ID], ShownKey{key.AccessKey, text})
	}
	return shown, s.keysShown.Record(s.Now(), c, seen, func(fresh []domain.Application) error {
		return s.Store.ApplicationsViewed(ctx, c, "access_key.view", fresh)
	})
}

// textOf returns the text of a key, masked where the caller may not see it.
func (s *Service) textOf(c domain.Caller, key domain.SealedAccessKey, of domain.Application) (string, error) {
	if s.Sealer == nil || len(key.Sealed) == 0 || requireAll(c, key.Rights, of.Thing()) != nil {
		return s.Masked(), nil
	}
	text, err := s.Sealer.Open(key.Sealed, domain.AccessKeyRow(key.ID))
	if err != nil {
		return "", fmt.Errorf("access key %d of application %d does not open: %w", key.ID, of.ID, err)
	}
	return text.Reveal(), nil
}

// JoinKey returns the text of the access key with which end devices of an
// application, looked up for the caller, register themselves; masked without
// the right to the end devices, empty where there is none.
func (s *Service) JoinKey(ctx context.Context, c domain.Caller, a domain.Application) (string, error) {
	if a.JoinKey == 0 {
		return "", nil
	}
	if !guard.May(c, domain.ApplicationDevices, a.Thing()) {
		return s.Masked(), nil
	}
	keys, err := s.AccessKeysIn(ctx, c, a)
	if err != nil {
		return "", err
	}
	for _, key := range keys[a.ID] {
		if key.ID == a.JoinKey {
			return key.Text, nil
		}
	}
	return s.Masked(), nil
}

// newJoinKey is what an edit makes of the join key. The zero value leaves it.
type newJoinKey struct {
	set bool
	key domain.AccessKey // the zero key: none
}

// findJoinKey looks up what the text of an edit means. As it is shown masked
// it means what is there already.
func (s *Service) findJoinKey(ctx context.Context, text *string) (newJoinKey, error) {
	switch {
	case text == nil || *text == s.Masked():
		return newJoinKey{}, nil
	case *text == "":
		return newJoinKey{set: true}, nil
	}
	key, err := s.Store.AccessKeyByHash(ctx, secret.New(*text).Hash())
	if domain.IsKind(err, domain.NotFound) {
		return newJoinKey{set: true, key: domain.AccessKey{ID: -1}}, nil // refused when it is known that he may ask
	}
	return newJoinKey{set: true, key: key}, err
}

func (j newJoinKey) apply(c domain.Caller, now *domain.Application) error {
	if !j.set || j.key.ID == now.JoinKey {
		return nil
	}
	if err := guard.Require(c, domain.ApplicationDevices, now.Thing()); err != nil {
		return err
	}
	if j.key.ID != 0 && (j.key.Thing != now.Thing().Key() || !j.key.Rights.Has(domain.ApplicationDevices)) {
		return domain.InvalidField("register_on_join_access_key", "End devices register themselves with an access key of this application that has the right devices.")
	}
	now.JoinKey = j.key.ID
	return nil
}
