package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/thingward/thingward/internal/domain"
)

// nextEUI is the fact that counts the EUIs which were assigned.
const nextEUI = "next.eui"

// assignEUI returns an EUI that was never assigned. Whoever assigns at the
// same time waits for the row: no EUI is assigned twice, by any node.
func (tx *Tx) assignEUI() (string, error) {
	var next int64
	const text = `INSERT INTO facts (name, value) VALUES ($1, '1')
		ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(facts.value AS BIGINT) + 1 AS TEXT) RETURNING CAST(value AS BIGINT)`
	if err := tx.queryRow(text, nextEUI).Scan(&next); err != nil {
		return "", fmt.Errorf("assign EUI: %w", err)
	}
	eui, left := domain.AssignedEUI(next - 1)
	if !left {
		return "", domain.Errorf(domain.Conflict, "euis_used_up", "All EUIs of the block of this network are assigned. Add one of your own.")
	}
	return eui, nil
}

// insertEUI reports false where the application has the EUI already.
func (tx *Tx) insertEUI(id domain.ApplicationID, eui string) (bool, error) {
	fresh, err := tx.execOne(`INSERT INTO application_euis (application_id, eui) VALUES ($1, $2) ON CONFLICT DO NOTHING`, id, eui)
	if err != nil {
		return false, fmt.Errorf("insert EUI: %w", err)
	}
	return fresh, nil
}

// firstEUIs gives a new application its EUIs, or assigns one.
func (tx *Tx) firstEUIs(id domain.ApplicationID, euis []string) ([]string, error) {
	if len(euis) == 0 {
		eui, err := tx.assignEUI()
		if err != nil {
			return nil, err
		}
		euis = []string{eui}
	}
	for _, eui := range euis {
		if _, err := tx.insertEUI(id, eui); err != nil {
			return nil, err
		}
	}
	return euis, nil
}

// AddApplicationEUI adds an EUI to an application that allowed lets through,
// and returns it; an empty one is assigned. One that it has is no error.
func (s *Store) AddApplicationEUI(ctx context.Context, by domain.Caller, id domain.ApplicationID, eui string, allowed domain.MayApplication) (string, error) {
	var added string
	err := s.write(ctx, func(tx *Tx) error {
		return tx.changeApplication(by, id, "add-eui", allowed, func(a domain.Application) (err error) {
			if added = eui; added != "" && slices.Contains(a.EUIs, added) {
				return nil
			}
			if len(a.EUIs) >= domain.MaxApplicationEUIs {
				return domain.InvalidField("euis", "An application has at most %d EUIs.", domain.MaxApplicationEUIs)
			}
			for {
				if eui == "" {
					if added, err = tx.assignEUI(); err != nil {
						return err
					}
				}
				if fresh, err := tx.insertEUI(id, added); fresh || err != nil {
					return err
				} // somebody had added by hand what was assigned now
			}
		})
	})
	return added, err
}

// RemoveApplicationEUI takes an EUI from an application that allowed lets
// through. The last one stays: that is a Conflict (last_eui).
func (s *Store) RemoveApplicationEUI(ctx context.Context, by domain.Caller, id domain.ApplicationID, eui string, allowed domain.MayApplication) error {
	return s.write(ctx, func(tx *Tx) error {
		return tx.changeApplication(by, id, "remove-eui", allowed, func(a domain.Application) error {
			switch {
			case !slices.Contains(a.EUIs, eui):
				return domain.Errorf(domain.NotFound, "eui_not_found", "The application does not have the EUI %s.", eui)
			case len(a.EUIs) == 1:
				return domain.Errorf(domain.Conflict, "last_eui", "An application keeps at least one EUI. Add another one first.")
			}
			if _, err := tx.exec(`DELETE FROM application_euis WHERE application_id = $1 AND eui = $2`, id, eui); err != nil {
				return fmt.Errorf("remove EUI: %w", err)
			}
			return nil
		})
	})
}
