package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/thingward/thingward/internal/domain"
)

var applicationKind = networkKind{domain.NounApplication, "applications", topicApplication}

const (
	applicationColumns = `t.id, t.name, t.owner_id, o.name, t.description, t.registered_at, t.payload_format,
	t.join_key_id, t.end_devices, t.created_at, t.changed_at, t.deleted_at`
	functionColumns   = `, COALESCE(f.decoder, ''), COALESCE(f.converter, ''), COALESCE(f.validator, ''), COALESCE(f.encoder, '')`
	applicationTables = ` FROM applications t JOIN owners o ON o.id = t.owner_id`
	functionTable     = ` LEFT JOIN application_functions f ON f.application_id = t.id`
	wholeApplication  = `SELECT ` + applicationColumns + functionColumns + applicationTables + functionTable + ` WHERE t.deleted_at = 0 AND t.id = $1`
)

// scanApplication scans an application and what was selected behind its columns.
func scanApplication(r row, more ...any) (domain.Application, error) {
	var a domain.Application
	var registered, created, changed, deleted int64
	err := r.Scan(append([]any{&a.ID, &a.Name, &a.Owner, &a.OwnerName, &a.Description, &registered, &a.Payload.Format,
		&a.JoinKey, &a.EndDevices, &created, &changed, &deleted}, more...)...)
	a.RegisteredAt, a.CreatedAt, a.ChangedAt, a.DeletedAt = fromMillis(registered), fromMillis(created), fromMillis(changed), fromMillis(deleted)
	return a, err
}

// scanWholeApplication scans an application with its payload functions.
func scanWholeApplication(r row) (domain.Application, error) {
	var functions domain.Payload
	a, err := scanApplication(r, &functions.Decoder, &functions.Converter, &functions.Validator, &functions.Encoder)
	functions.Format = a.Payload.Format
	a.Payload = functions
	return a, err
}

// Application returns the application with the name, or "#" and its id, from
// memory where it can: its slices are shared and must not be changed. It comes
// without payload functions, and EndDevices may be of a while ago:
// WholeApplication has both. Unknown and deleted ones are NotFound.
func (s *Store) Application(ctx context.Context, ref string) (domain.Application, error) {
	application, err := found(s.caches.network.applications, ref, func(condition string, value any) (domain.Application, error) {
		application, err := scanApplication(s.queryRow(ctx, `SELECT `+applicationColumns+applicationTables+` WHERE t.deleted_at = 0 AND `+condition, value))
		if err != nil {
			return domain.Application{}, err
		}
		application.EUIs, err = s.applicationEUIs(ctx, application.ID)
		return application, err
	})
	if err != nil {
		return domain.Application{}, applicationKind.missing(err)
	}
	return application, nil
}

// WholeApplication returns an application with all that is known of it now.
// Unknown and deleted ones are NotFound.
func (s *Store) WholeApplication(ctx context.Context, id domain.ApplicationID) (domain.Application, error) {
	application, err := scanWholeApplication(s.queryRow(ctx, wholeApplication, id))
	if err != nil {
		return domain.Application{}, applicationKind.missing(err)
	}
	application.EUIs, err = s.applicationEUIs(ctx, id)
	return application, err
}

const selectEUIs = `SELECT eui FROM application_euis WHERE application_id = $1 ORDER BY eui`

func scanEUI(r row) (eui string, err error) { return eui, r.Scan(&eui) }

func (s *Store) applicationEUIs(ctx context.Context, id domain.ApplicationID) ([]string, error) {
	rows, err := s.query(ctx, selectEUIs, id)
	euis, err := collect(rows, err, scanEUI)
	if err != nil {
		return nil, fmt.Errorf("EUIs of an application: %w", err)
	}
	return euis, nil
}

// applicationWalk lists applications as their people see them.
var applicationWalk = networkWalk[domain.Application]{
	kind: applicationKind, columns: applicationColumns, scan: scanApplication,
	give: func(a *domain.Application, given domain.RightSet) { a.Given = given },
	id:   func(a domain.Application) int64 { return int64(a.ID) },
}

// Applications returns the applications that a user works on by growing id,
// with what he was given on them and without payload functions. The cursor is
// an id.
func (s *Store) Applications(ctx context.Context, filter domain.NetworkFilter[domain.ApplicationID], page domain.Page) (domain.Listed[domain.Application], error) {
	listed, err := applicationWalk.page(ctx, s, filter.User, numbers(filter.Only), s.walked(filter.Which), page)
	if err != nil {
		return domain.Listed[domain.Application]{}, err
	}
	return listed, s.addEUIs(ctx, listed.Items)
}

// addEUIs gives applications their EUIs.
func (s *Store) addEUIs(ctx context.Context, applications []domain.Application) error {
	places := make(map[domain.ApplicationID]int, len(applications))
	ids := make([]domain.ApplicationID, len(applications))
	for i := range applications {
		applications[i].EUIs = []string{}
		places[applications[i].ID], ids[i] = i, applications[i].ID
	}
	for some := range slices.Chunk(ids, idsAtOnce) {
		c := &condition{}
		c.add("application_id IN ("+marks(len(some))+")", anys(some)...)
		rows, err := s.queryOnce(ctx, `SELECT application_id, eui FROM application_euis`+c.where()+` ORDER BY application_id, eui`, c.args...)
		_, err = collect(rows, err, func(r row) (none struct{}, err error) {
			var id domain.ApplicationID
			var eui string
			err = r.Scan(&id, &eui)
			if at, listed := places[id]; err == nil && listed {
				applications[at].EUIs = append(applications[at].EUIs, eui)
			}
			return none, err
		})
		if err != nil {
			return fmt.Errorf("EUIs of applications: %w", err)
		}
	}
	return nil
}
