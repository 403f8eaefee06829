-- +goose Up
-- IDENTITY_KEY is replaced by what the database calls a key that counts by
-- itself (dialect.go). Times are Unix milliseconds, UTC.

CREATE TABLE owners (
    id         IDENTITY_KEY,
    kind       TEXT NOT NULL,             -- 'user' or 'organization'
    name       TEXT NOT NULL UNIQUE       -- kept when its owner goes: freed names stay reserved
);

CREATE TABLE users (
    id              BIGINT PRIMARY KEY REFERENCES owners (id),
    email           TEXT NOT NULL,
    display_name    TEXT NOT NULL,
    time_zone       TEXT NOT NULL,
    password_hash   TEXT NOT NULL,         -- argon2id PHC string; empty: no password
    admin           BOOLEAN NOT NULL,
    suspended       BOOLEAN NOT NULL,
    no_password_in  BOOLEAN NOT NULL,
    created_at      BIGINT NOT NULL,
    last_sign_in_at BIGINT NOT NULL        -- 0: never
);

CREATE TABLE sessions (
    id           IDENTITY_KEY,
    hash         BYTEA NOT NULL UNIQUE,    -- SHA-256 of the cookie
    user_id      BIGINT NOT NULL REFERENCES users (id),
    created_at   BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    confirmed_at BIGINT NOT NULL,          -- last password entry
    address      TEXT NOT NULL,
    program      TEXT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_last_seen ON sessions (last_seen_at);

-- Codes that work once: the setup link and invitations.
CREATE TABLE once_codes (
    hash       BYTEA PRIMARY KEY,
    purpose    TEXT NOT NULL,              -- 'setup' or 'invite'
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL             -- 0: not yet
);

CREATE TABLE audit_events (
    id         IDENTITY_KEY,
    at         BIGINT NOT NULL,
    actor_id   BIGINT NOT NULL,            -- 0: nobody known, or the operator
    actor_name TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    credential TEXT NOT NULL,
    act        TEXT NOT NULL,
    thing      TEXT NOT NULL,
    address    TEXT NOT NULL,
    result     TEXT NOT NULL
);
CREATE INDEX audit_events_by_subject ON audit_events (subject_id, id);

-- Facts about the store itself: 'demo', …
CREATE TABLE facts (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
