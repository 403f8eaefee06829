package store

import (
	"context"
	"fmt"

	"github.com/thingward/thingward/internal/domain"
)

const applicationColumns = `t.id, t.name, t.owner_id, o.name, t.description, t.registered_at, t.payload_format, t.decoder, t.converter, t.validator, t.encoder,
	t.join_key_id, t.end_devices, t.created_at, t.changed_at, t.deleted_at FROM applications t JOIN owners o ON o.id = t.owner_id`

func scanApplication(r row) (domain.Application, error) {
	var a domain.Application
	var registered, created, changed, deleted int64
	err := r.Scan(&a.ID, &a.Name, &a.Owner, &a.OwnerName, &a.Description, &registered, &a.Payload.Format, &a.Payload.Decoder, &a.Payload.Converter,
		&a.Payload.Validator, &a.Payload.Encoder, &a.JoinKey, &a.EndDevices, &created, &changed, &deleted)
	a.RegisteredAt, a.CreatedAt, a.ChangedAt, a.DeletedAt = fromMillis(registered), fromMillis(created), fromMillis(changed), fromMillis(deleted)
	return a, err
}

// Application returns the application with the name, or "#" and its id, from
// memory where it can: its slices are shared and must not be changed. Unknown
// and deleted ones are NotFound.
func (s *Store) Application(ctx context.Context, ref string) (domain.Application, error) {
	application, err := found(s.caches.network.applications, ref, func(condition string, value any) (domain.Application, error) {
		application, err := scanApplication(s.queryRow(ctx, `SELECT `+applicationColumns+` WHERE t.deleted_at = 0 AND `+condition, value))
		if err != nil {
			return domain.Application{}, err
		}
		application.EUIs, err = s.applicationEUIs(ctx, application.ID)
		return application, err
	})
	if err != nil {
		return domain.Application{}, applicationMissing(err)
	}
	return application, nil
}

func applicationMissing(err error) error {
	return notFound(err, "application_not_found", "There is no such application, or it is not yours to see.")
}

func (s *Store) applicationEUIs(ctx context.Context, id domain.ApplicationID) ([]string, error) {
	rows, err := s.query(ctx, `SELECT eui FROM application_euis WHERE application_id = $1 ORDER BY eui`, id)
	euis, err := collect(rows, err, func(r row) (eui string, err error) { return eui, r.Scan(&eui) })
	if err != nil {
		return nil, fmt.Errorf("EUIs of an application: %w", err)
	}
	return euis, nil
}
