-- +goose Up
-- Applications, gateways and components, who works on which thing, and the
-- keys that things have.

-- Who has which rights on a thing. The owner of an application, gateway or
-- component stands here too, so that one walk finds all that is somebody's.
CREATE TABLE collaborators (
    noun     TEXT NOT NULL,                -- 'sensor', 'device', 'application', 'gateway', 'component'
    thing_id BIGINT NOT NULL,
    user_id  BIGINT NOT NULL REFERENCES users (id),
    rights   TEXT NOT NULL,                -- names with spaces between: "settings devices"
    added_at BIGINT NOT NULL,
    PRIMARY KEY (noun, thing_id, user_id)
) WITHOUT_ROWID;
-- With the rights in it, the walk of a user reads nothing else, and SQLite does
-- not walk through the things of everybody instead.
CREATE INDEX collaborators_by_user ON collaborators (user_id, noun, thing_id, rights);

CREATE TABLE applications (
    id             IDENTITY_KEY,
    name           TEXT NOT NULL UNIQUE,   -- what programs call its id; kept when it is deleted
    owner_id       BIGINT NOT NULL REFERENCES owners (id),
    description    TEXT NOT NULL,
    registered_at  BIGINT NOT NULL,        -- at the application manager; 0: not
    registration   BIGINT NOT NULL,        -- grows when it is unregistered: end devices of former registrations are gone
    payload_format TEXT NOT NULL,          -- '', 'custom', 'cayennelpp'
    join_key_id    BIGINT NOT NULL,        -- the access key with which end devices register themselves; 0: none
    end_devices    BIGINT NOT NULL,        -- how many it has
    next_place     BIGINT NOT NULL,        -- of the next end device
    created_at     BIGINT NOT NULL,
    changed_at     BIGINT NOT NULL,
    deleted_at     BIGINT NOT NULL,        -- 0: there; it can be restored until it is purged
    purged_at      BIGINT NOT NULL         -- 0: not yet
);
CREATE INDEX applications_deleted ON applications (deleted_at) WHERE deleted_at > 0 AND purged_at = 0;

-- Apart from applications, because they may be long and are rarely read.
CREATE TABLE application_functions (
    application_id BIGINT PRIMARY KEY REFERENCES applications (id),
    decoder        TEXT NOT NULL,
    converter      TEXT NOT NULL,
    validator      TEXT NOT NULL,
    encoder        TEXT NOT NULL
);

CREATE TABLE application_euis (
    application_id BIGINT NOT NULL REFERENCES applications (id),
    eui            TEXT NOT NULL,          -- 16 hexadecimal digits in capitals
    PRIMARY KEY (application_id, eui)
) WITHOUT_ROWID;

CREATE TABLE end_devices (
    id             IDENTITY_KEY,
    application_id BIGINT NOT NULL REFERENCES applications (id),
    registration   BIGINT NOT NULL,        -- of its application
    place          BIGINT NOT NULL,        -- in the order in which they were added
    name           TEXT NOT NULL,          -- what programs call its id
    app_eui        TEXT NOT NULL,          -- 16 hexadecimal digits in capitals
    dev_eui        TEXT NOT NULL,
    dev_addr       TEXT NOT NULL,          -- 8 hexadecimal digits in capitals; empty: none
    description    TEXT NOT NULL,
    latitude       DOUBLE PRECISION NOT NULL,
    longitude      DOUBLE PRECISION NOT NULL,
    altitude       BIGINT NOT NULL,        -- metres
    attributes     TEXT NOT NULL,          -- JSON: names to texts
    constraints_   TEXT NOT NULL,          -- 'otaa', 'abp', 'world', 'local', 'private', 'testing', commas between
    no_counter     BOOLEAN NOT NULL,       -- frame counters are not checked
    wide_counter   BOOLEAN NOT NULL,       -- 32-bit frame counters
    counter_up     BIGINT NOT NULL,
    counter_down   BIGINT NOT NULL,
    last_seen      BIGINT NOT NULL,        -- Unix nanoseconds; 0: never
    keys_sealed    BYTEA,                  -- network keys under the server key; NULL: none
    created_at     BIGINT NOT NULL,
    changed_at     BIGINT NOT NULL,
    UNIQUE (application_id, registration, name),
    UNIQUE (application_id, registration, app_eui, dev_eui),
    UNIQUE (application_id, registration, place)
);

-- How many end devices stand in each 1,024 places, so that a page far behind
-- the first is found without counting up to it.
CREATE TABLE end_device_blocks (
    application_id BIGINT NOT NULL REFERENCES applications (id),
    registration   BIGINT NOT NULL,
    block          BIGINT NOT NULL,        -- place / 1024
    devices        BIGINT NOT NULL,
    PRIMARY KEY (application_id, registration, block)
) WITHOUT_ROWID;

CREATE TABLE gateways (
    id               IDENTITY_KEY,
    name             TEXT NOT NULL UNIQUE, -- what programs call its id; kept when it is deleted
    owner_id         BIGINT NOT NULL REFERENCES owners (id),
    frequency_plan   TEXT NOT NULL,
    placed           BOOLEAN NOT NULL,     -- its antenna has a location
    latitude         DOUBLE PRECISION NOT NULL,
    longitude        DOUBLE PRECISION NOT NULL,
    altitude         BIGINT NOT NULL,      -- metres
    attributes       TEXT NOT NULL,        -- JSON: names to texts
    router           TEXT NOT NULL,
    fallback_routers TEXT NOT NULL,        -- spaces between
    location_public  BOOLEAN NOT NULL,
    status_public    BOOLEAN NOT NULL,
    owner_public     BOOLEAN NOT NULL,
    auto_update      BOOLEAN NOT NULL,
    beta_updates     BOOLEAN NOT NULL,
    activated_at     BIGINT NOT NULL,      -- 0: not yet
    created_at       BIGINT NOT NULL,
    changed_at       BIGINT NOT NULL,
    deleted_at       BIGINT NOT NULL,
    purged_at        BIGINT NOT NULL
);
CREATE INDEX gateways_deleted ON gateways (deleted_at) WHERE deleted_at > 0 AND purged_at = 0;

-- Parts of the network: handlers, routers and brokers.
CREATE TABLE components (
    id         IDENTITY_KEY,
    kind       TEXT NOT NULL,              -- 'handler', 'router', 'broker'
    name       TEXT NOT NULL,              -- what programs call its id; kept when it is deleted
    owner_id   BIGINT NOT NULL REFERENCES owners (id),
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    deleted_at BIGINT NOT NULL,
    purged_at  BIGINT NOT NULL,
    UNIQUE (name)
);
CREATE INDEX components_deleted ON components (deleted_at) WHERE deleted_at > 0 AND purged_at = 0;

-- Keys that belong to a thing and not to a person: the access keys of
-- applications, and one key of each gateway.
CREATE TABLE access_keys (
    id         IDENTITY_KEY,
    noun       TEXT NOT NULL,              -- 'application' or 'gateway'
    thing_id   BIGINT NOT NULL,
    name       TEXT NOT NULL,
    rights     TEXT NOT NULL,              -- spaces between
    hash       BYTEA NOT NULL UNIQUE,      -- SHA-256
    sealed     BYTEA,                      -- under the server key; NULL: not viewable
    created_at BIGINT NOT NULL,
    UNIQUE (noun, thing_id, name)
);

-- A restricted token hangs on the one that it was made of. A token that was
-- got for an access key hangs on that key and on no grant (grant_id 0).
ALTER TABLE access_tokens ADD COLUMN parent_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE access_tokens ADD COLUMN parent_hash BYTEA;
ALTER TABLE access_tokens ADD COLUMN access_key_id BIGINT NOT NULL DEFAULT 0;

-- Keys with which tokens are signed, sealed under the server key.
CREATE TABLE signing_keys (
    id         IDENTITY_KEY,
    purpose    TEXT NOT NULL,              -- 'ttn'
    algorithm  TEXT NOT NULL,              -- 'ES256', 'RS256'
    public     TEXT NOT NULL,              -- PEM, SubjectPublicKeyInfo
    sealed     BYTEA NOT NULL,             -- PEM, PKCS #8
    created_at BIGINT NOT NULL,
    retired_at BIGINT NOT NULL             -- 0: in use
);
CREATE UNIQUE INDEX signing_keys_in_use ON signing_keys (purpose, algorithm) WHERE retired_at = 0;
