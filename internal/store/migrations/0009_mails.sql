-- +goose Up

-- Mails that are to be sent, and those that were, for a while.
CREATE TABLE mails (
    id          IDENTITY_KEY,
    message_id  TEXT NOT NULL UNIQUE,      -- without angle brackets; the same at every attempt
    user_id     BIGINT NOT NULL,           -- whom it is for; 0: nobody with an account
    address     TEXT NOT NULL,
    kind        TEXT NOT NULL,             -- which template
    subject     TEXT NOT NULL,
    sealed      BYTEA NOT NULL,            -- the letter, under the server key
    created_at  BIGINT NOT NULL,
    next_try_at BIGINT NOT NULL,
    tries       BIGINT NOT NULL,
    sent_at     BIGINT NOT NULL,           -- 0: not yet
    kept        BOOLEAN NOT NULL,          -- written into the outbox folder instead of sent
    failed_at   BIGINT NOT NULL,           -- given up; 0: not
    fault       TEXT NOT NULL              -- of the last attempt
);
CREATE INDEX mails_due ON mails (next_try_at, id) WHERE sent_at = 0 AND failed_at = 0;
CREATE INDEX mails_sent ON mails (sent_at) WHERE sent_at > 0;
CREATE INDEX mails_failed ON mails (failed_at) WHERE failed_at > 0;

ALTER TABLE users ADD COLUMN email_proven_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE once_codes ADD COLUMN user_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE once_codes ADD COLUMN email TEXT NOT NULL DEFAULT '';
CREATE INDEX once_codes_by_user ON once_codes (user_id, purpose) WHERE used_at = 0;
CREATE INDEX users_by_email ON users (lower(email)) WHERE email_proven_at > 0;
CREATE INDEX users_admins ON users (id) WHERE admin;

-- Where people signed in from before, so that a sign-in from elsewhere is told.
CREATE TABLE sign_in_places (
    user_id BIGINT NOT NULL REFERENCES users (id),
    place   TEXT NOT NULL,                 -- program and network
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, place)
);
CREATE INDEX sign_in_places_by_age ON sign_in_places (seen_at);

-- How the registration of a client came to be where it is.
CREATE TABLE client_history (
    client_id TEXT NOT NULL REFERENCES clients (id),
    number    BIGINT NOT NULL,             -- 1, 2, … per client
    at        BIGINT NOT NULL,
    by_id     BIGINT NOT NULL,             -- 0: the operator
    by_name   TEXT NOT NULL,
    state     TEXT NOT NULL,               -- what it became
    reason    TEXT NOT NULL,
    PRIMARY KEY (client_id, number)
);
