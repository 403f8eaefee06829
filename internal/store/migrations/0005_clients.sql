-- +goose Up
-- OAuth clients, what they were allowed, and what they hold of it.

CREATE TABLE clients (
    id            TEXT PRIMARY KEY,        -- kept when it is deleted: nobody may come back under its name
    owner_id      BIGINT NOT NULL REFERENCES users (id),
    kind          TEXT NOT NULL,           -- 'standard', 'wotkit', 'lametric', 'ttn'
    public        BOOLEAN NOT NULL,
    official      BOOLEAN NOT NULL,
    state         TEXT NOT NULL,           -- 'requested', 'approved', 'rejected', 'suspended'
    reason        TEXT NOT NULL,
    name          TEXT NOT NULL,
    description   TEXT NOT NULL,
    website       TEXT NOT NULL,
    privacy_url   TEXT NOT NULL,
    icon          TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,           -- a line each
    scopes        TEXT NOT NULL,
    grant_types   TEXT NOT NULL,           -- spaces between
    switches      TEXT NOT NULL,           -- spaces between
    resources     TEXT NOT NULL,           -- a line each
    access_life   BIGINT NOT NULL,         -- milliseconds; 0: the usual
    refresh_idle  BIGINT NOT NULL,
    refresh_end   BIGINT NOT NULL,
    refresh_grace BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    changed_at    BIGINT NOT NULL,
    deleted_at    BIGINT NOT NULL          -- 0: there
);
CREATE INDEX clients_by_owner ON clients (owner_id, created_at);
CREATE INDEX clients_by_state ON clients (state, created_at);

CREATE TABLE client_secrets (
    client_id  TEXT NOT NULL REFERENCES clients (id),
    number     BIGINT NOT NULL,            -- 1, 2, … per client
    hash       BYTEA NOT NULL,             -- SHA-256; empty where slow_hash is set
    slow_hash  TEXT NOT NULL,              -- argon2id of an imported secret that looks chosen
    sealed     BYTEA,                      -- under the server key; NULL: not viewable
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,            -- 0: current
    PRIMARY KEY (client_id, number)
);

CREATE TABLE client_testers (
    client_id TEXT NOT NULL REFERENCES clients (id),
    user_id   BIGINT NOT NULL REFERENCES users (id),
    PRIMARY KEY (client_id, user_id)
);

-- A key is a grant without a client. Last uses move here from the keys.
ALTER TABLE grants ADD COLUMN client_id TEXT NOT NULL DEFAULT '';
ALTER TABLE grants ADD COLUMN of_client BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE grants ADD COLUMN asked TEXT NOT NULL DEFAULT '';
ALTER TABLE grants ADD COLUMN used_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE grants ADD COLUMN used_address TEXT NOT NULL DEFAULT '';
ALTER TABLE grants ADD COLUMN used_program TEXT NOT NULL DEFAULT '';
UPDATE grants SET used_at = COALESCE((SELECT k.used_at FROM keys k WHERE k.grant_id = grants.id), 0),
    used_address = COALESCE((SELECT k.used_address FROM keys k WHERE k.grant_id = grants.id), ''),
    used_program = COALESCE((SELECT k.used_program FROM keys k WHERE k.grant_id = grants.id), '');
CREATE INDEX grants_by_client ON grants (client_id, user_id);

CREATE TABLE authorization_codes (
    hash         BYTEA PRIMARY KEY,
    grant_id     BIGINT NOT NULL REFERENCES grants (id),
    client_id    TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,            -- as the request gave it; empty: it gave none
    challenge    TEXT NOT NULL,            -- S256; empty: none
    scopes       TEXT NOT NULL,
    audience     TEXT NOT NULL,
    issued_at    BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    redeemed_at  BIGINT NOT NULL,          -- 0: not yet
    chain_id     BIGINT NOT NULL           -- what came of it
);
CREATE INDEX authorization_codes_by_expiry ON authorization_codes (expires_at);

-- What came of one authorization code: refresh tokens that follow each other,
-- and the access tokens beside them.
CREATE TABLE token_chains (
    id         BIGINT PRIMARY KEY,         -- grows with the time of its start
    grant_id   BIGINT NOT NULL,
    scopes     TEXT NOT NULL,
    audience   TEXT NOT NULL,
    proof_hash BYTEA NOT NULL,             -- empty: no refresh tokens
    token_hash BYTEA NOT NULL,             -- of the refresh token to be redeemed next
    spent_hash BYTEA NOT NULL,             -- of the one before it
    spent_at   BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL,
    idle_until BIGINT NOT NULL,
    ends_at    BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL
);

-- The answers to redeemed refresh tokens, sealed under keys made of the
-- tokens themselves, for as long as the grace lasts.
CREATE TABLE refresh_answers (
    second     BIGINT NOT NULL,            -- the one in which the grace ends: rows are appended and cut off by it
    chain_id   BIGINT NOT NULL,
    spent_hash BYTEA NOT NULL,
    kept_until BIGINT NOT NULL,
    sealed     BYTEA NOT NULL,
    PRIMARY KEY (second, chain_id, spent_hash)
) WITHOUT_ROWID;

-- The number of a token grows with its expiry, so that new ones are appended
-- and expired ones are cut off at the other end.
CREATE TABLE access_tokens (
    id        BIGINT NOT NULL,
    hash      BYTEA NOT NULL,
    grant_id  BIGINT NOT NULL,
    chain_id  BIGINT NOT NULL,             -- 0: none
    scopes    TEXT NOT NULL,
    audience  TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    PRIMARY KEY (id, hash)
) WITHOUT_ROWID;

-- Authorization requests that came by POST (and, later, were pushed).
CREATE TABLE authorization_requests (
    hash       BYTEA PRIMARY KEY,
    query      TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX authorization_requests_by_expiry ON authorization_requests (expires_at);
