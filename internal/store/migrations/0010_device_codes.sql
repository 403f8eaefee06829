-- +goose Up

-- Devices without a browser that wait for a person's yes (RFC 8628).
CREATE TABLE device_codes (
    hash       BYTEA PRIMARY KEY,          -- SHA-256 of the device code
    user_hash  BYTEA NOT NULL,             -- SHA-256 of the user code
    client_id  TEXT NOT NULL,
    query      TEXT NOT NULL,              -- the parameters of the request, form-encoded
    issued_at  BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    pace       BIGINT NOT NULL,            -- milliseconds between polls
    polled_at  BIGINT NOT NULL,            -- 0: never
    state      TEXT NOT NULL,              -- 'waiting', 'allowed', 'denied', 'redeemed'
    grant_id   BIGINT NOT NULL,            -- 0: none yet
    scopes     TEXT NOT NULL,              -- what was allowed
    audience   TEXT NOT NULL,
    address    TEXT NOT NULL,              -- where the device asked from
    network    TEXT NOT NULL               -- what of the address is counted: all of IPv4, the /64 of IPv6
);
CREATE UNIQUE INDEX device_codes_waiting ON device_codes (user_hash) WHERE state = 'waiting';
CREATE INDEX device_codes_by_network ON device_codes (client_id, network) WHERE state = 'waiting';
CREATE INDEX device_codes_by_expiry ON device_codes (expires_at);
