-- +goose Up
-- Readings arrive as rows and are packed into chunks once a sensor has many
-- of them (reading_pack.go). A query merges both.

CREATE TABLE sensor_states (
    sensor_id   BIGINT PRIMARY KEY,
    last_update BIGINT NOT NULL,           -- time of the newest reading there ever was
    last_values BYTEA NOT NULL,            -- newest value of each name
    loose       BIGINT NOT NULL,           -- rows in readings
    time_span   BIGINT NOT NULL,           -- widest chunk there ever was: last_at - first_at …
    id_span     BIGINT NOT NULL            -- … and max_id - min_id, so that a search knows where to stop
) WITHOUT_ROWID;

-- One index only, because this is what every request writes. A reading is
-- found by its id among the few rows of its sensor.
CREATE TABLE readings (
    sensor_id BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    id        BIGINT NOT NULL,
    named     BYTEA NOT NULL,              -- names and values (reading_codec.go)
    PRIMARY KEY (sensor_id, at, id)
) WITHOUT_ROWID;

CREATE TABLE reading_chunks (
    sensor_id BIGINT NOT NULL,
    first_at  BIGINT NOT NULL,
    first_id  BIGINT NOT NULL,             -- of the first reading in the order of time
    last_at   BIGINT NOT NULL,
    min_id    BIGINT NOT NULL,
    max_id    BIGINT NOT NULL,
    count     BIGINT NOT NULL,
    packed    BYTEA NOT NULL,              -- reading_chunk.go
    PRIMARY KEY (sensor_id, first_at, first_id)
);
CREATE INDEX reading_chunks_by_last ON reading_chunks (sensor_id, last_at, first_at, first_id);
CREATE INDEX reading_chunks_by_id ON reading_chunks (sensor_id, max_id, min_id);

-- SQLite counts reading ids here; PostgreSQL has a sequence.
CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    next BIGINT NOT NULL
);

-- A batch of readings that was sent with an Idempotency-Key is stored once.
CREATE TABLE idempotency_keys (
    user_id BIGINT NOT NULL,
    name    TEXT NOT NULL,
    digest  BYTEA NOT NULL,                -- of the request, so that a key is not reused for another
    used_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, name)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (used_at);
