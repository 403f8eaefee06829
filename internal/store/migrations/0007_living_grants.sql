-- +goose Up
-- What a client holds and what still holds: found without a walk over all that
-- ended before.

CREATE INDEX grants_living ON grants (client_id, user_id, id) WHERE revoked_at = 0;
