-- +goose Up

CREATE TABLE grants (
    id         IDENTITY_KEY,
    user_id    BIGINT NOT NULL REFERENCES users (id),
    name       TEXT NOT NULL,
    scopes     TEXT NOT NULL,              -- things in stored form: "readings.write:#7"
    generation BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,            -- 0: never
    revoked_at BIGINT NOT NULL             -- 0: alive
);
CREATE INDEX grants_by_user ON grants (user_id, id);

CREATE TABLE keys (
    id           TEXT PRIMARY KEY,
    grant_id     BIGINT NOT NULL UNIQUE REFERENCES grants (id),
    description  TEXT NOT NULL,
    allowed      TEXT NOT NULL,            -- networks, spaces between; empty: anywhere
    used_at      BIGINT NOT NULL,          -- 0: never
    used_address TEXT NOT NULL,
    used_program TEXT NOT NULL
);

-- A key has its current password and, for a while after a rotation, the one before.
CREATE TABLE key_passwords (
    key_id      TEXT NOT NULL REFERENCES keys (id),
    number      BIGINT NOT NULL,           -- 1, 2, … per key
    hash        BYTEA NOT NULL,            -- SHA-256; empty where slow_hash is set
    slow_hash   TEXT NOT NULL,             -- argon2id of an imported password that looks chosen
    sealed      BYTEA,                     -- under the server key; NULL: not viewable
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,           -- 0: current
    PRIMARY KEY (key_id, number)
);

-- What credentials did, counted per thing and day.
CREATE TABLE credential_uses (
    grant_id BIGINT NOT NULL REFERENCES grants (id),
    thing    TEXT NOT NULL,                -- "sensor:7"
    right_   TEXT NOT NULL,
    day      BIGINT NOT NULL,              -- days since 1970-01-01, UTC
    uses     BIGINT NOT NULL,
    last_at  BIGINT NOT NULL,
    address  TEXT NOT NULL,
    PRIMARY KEY (grant_id, thing, right_, day)
);
