-- +goose Up

CREATE TABLE sensors (
    id           IDENTITY_KEY,
    owner_id     BIGINT NOT NULL REFERENCES owners (id),
    publisher_id BIGINT NOT NULL REFERENCES users (id),
    name         TEXT NOT NULL,
    long_name    TEXT NOT NULL,
    description  TEXT NOT NULL,
    image_url    TEXT NOT NULL,
    latitude     DOUBLE PRECISION NOT NULL,
    longitude    DOUBLE PRECISION NOT NULL,
    public       BOOLEAN NOT NULL,
    tags         TEXT NOT NULL,            -- JSON array, in the order of their owner
    metadata     TEXT NOT NULL,            -- JSON object: key → text or number
    fields       TEXT NOT NULL,            -- JSON array, in the order of their index
    search       TEXT NOT NULL,            -- name, long name and description in lower case
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    UNIQUE (owner_id, name)
);

-- Tags and metadata stand in their sensor; these two tables only find them.
CREATE TABLE sensor_tags (
    sensor_id BIGINT NOT NULL REFERENCES sensors (id) ON DELETE CASCADE,
    tag       TEXT NOT NULL,
    folded    TEXT NOT NULL,               -- in lower case
    PRIMARY KEY (sensor_id, folded)
);
CREATE INDEX sensor_tags_by_tag ON sensor_tags (folded, sensor_id);

CREATE TABLE sensor_metadata (
    sensor_id BIGINT NOT NULL REFERENCES sensors (id) ON DELETE CASCADE,
    name      TEXT NOT NULL,
    value     TEXT NOT NULL,
    PRIMARY KEY (sensor_id, name)
);
CREATE INDEX sensor_metadata_by_name ON sensor_metadata (name, value, sensor_id);

CREATE TABLE subscriptions (
    user_id    BIGINT NOT NULL REFERENCES users (id),
    sensor_id  BIGINT NOT NULL REFERENCES sensors (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, sensor_id)
);
CREATE INDEX subscriptions_by_sensor ON subscriptions (sensor_id, user_id);
