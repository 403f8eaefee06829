-- +goose Up

CREATE TABLE devices (
    id            IDENTITY_KEY,
    owner_id      BIGINT NOT NULL REFERENCES owners (id),
    name          TEXT NOT NULL,
    state         TEXT NOT NULL,           -- 'new', 'configured', 'banned'
    serial_number TEXT NOT NULL UNIQUE,
    model         TEXT NOT NULL,
    ipv4          TEXT NOT NULL,
    mac           TEXT NOT NULL,
    ssid          TEXT NOT NULL,
    key_number    BIGINT NOT NULL,         -- counts the LAN keys
    key_sealed    BYTEA,                   -- the present LAN key under the server key; NULL: not kept
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);
CREATE INDEX devices_by_owner ON devices (owner_id, id);

-- What a LaMetric app shows, as its maker last pushed it.
CREATE TABLE push_apps (
    client_id  TEXT PRIMARY KEY REFERENCES clients (id),
    package    TEXT NOT NULL UNIQUE,       -- 32 hexadecimal digits
    hash       BYTEA NOT NULL,             -- SHA-256 of the push token
    version    TEXT NOT NULL,
    frames     TEXT NOT NULL,              -- JSON, as it came; empty: nothing yet
    pushed_at  BIGINT NOT NULL,            -- 0: never
    created_at BIGINT NOT NULL
);
