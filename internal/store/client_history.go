package store

import (
	"context"
	"fmt"

	"github.com/thingward/thingward/internal/domain"
)

// stage writes that the registration of a client has come to a state, as the
// event of the act says when and by whom. The row of the client is locked.
func (tx *Tx) stage(id domain.ClientID, state domain.ClientState, reason string, event domain.AuditEvent) error {
	by, name := event.Actor, event.ActorName
	if event.Credential == string(domain.OperatorCredential) {
		by, name = 0, "operator"
	}
	at := event.At
	if at.IsZero() {
		at = tx.s.now()
	}
	_, err := tx.exec(`INSERT INTO client_history (client_id, number, at, by_id, by_name, state, reason)
		SELECT CAST($1 AS TEXT), COALESCE(MAX(number), 0) + 1, CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS TEXT), CAST($5 AS TEXT), CAST($6 AS TEXT)
		FROM client_history WHERE client_id = CAST($1 AS TEXT)`, string(id), millis(at), by, name, string(state), reason)
	if err != nil {
		return fmt.Errorf("history of a client: %w", err)
	}
	return nil
}

// ClientHistory returns how the registration of a client came to be where it
// is, oldest first, and of a very long way the end.
func (s *Store) ClientHistory(ctx context.Context, id domain.ClientID) ([]domain.ClientStage, error) {
	if !storable(string(id)) {
		return nil, nil
	}
	rows, err := s.query(ctx, `SELECT number, at, by_id, by_name, state, reason FROM (SELECT number, at, by_id, by_name, state, reason
		FROM client_history WHERE client_id = $1 ORDER BY number DESC LIMIT 200) AS latest ORDER BY number`, string(id))
	stages, err := collect(rows, err, func(r row) (stage domain.ClientStage, err error) {
		var at int64
		err = r.Scan(&stage.Number, &at, &stage.By, &stage.ByName, &stage.State, &stage.Reason)
		stage.At = fromMillis(at)
		return stage, err
	})
	if err != nil {
		return nil, fmt.Errorf("history of a client: %w", err)
	}
	return stages, nil
}
