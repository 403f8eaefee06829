package store

import (
	"encoding/hex"
	"strconv"
	"sync"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// everything is the topic of a change that is not known more closely.
const everything = "all"

// changes tells listeners what a commit changed, before anybody is answered.
type changes struct {
	mu        sync.RWMutex
	listeners []func(Change)
}

func (c *changes) listen(f func(Change)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.listeners = append(c.listeners, f)
}

func (c *changes) publish(changed []Change) {
	if len(changed) == 0 {
		return
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, change := range changed {
		for _, f := range c.listeners {
			f(change)
		}
	}
}

// OnChange calls f after each commit that changed something, before its
// callers are answered. f must return at once.
func (s *Store) OnChange(f func(Change)) { s.changes.listen(f) }

// cache keeps what was read from the database until a change says that it is
// no longer true. A fill carries the generation that it read under and loses
// against any invalidation since, so that an old row cannot come back.
type cache[K comparable, V any] struct {
	mu         sync.RWMutex
	generation uint64
	entries    map[K]V
	limit      int
}

func newCache[K comparable, V any](limit int) *cache[K, V] {
	return &cache[K, V]{entries: map[K]V{}, limit: limit}
}

// get returns the entry, or the generation under which to fill it.
func (c *cache[K, V]) get(key K) (value V, generation uint64, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	value, ok = c.entries[key]
	return value, c.generation, ok
}

// fill keeps a value that was read under the generation.
func (c *cache[K, V]) fill(key K, generation uint64, value V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if generation != c.generation {
		return
	}
	if len(c.entries) >= c.limit {
		c.makeRoom()
	}
	c.entries[key] = value
}

// makeRoom drops an eighth of the entries, whichever come first: cheap, and
// what is in use comes back.
func (c *cache[K, V]) makeRoom() {
	n := c.limit/8 + 1
	for key := range c.entries {
		if n--; n < 0 {
			return
		}
		delete(c.entries, key)
	}
}

func (c *cache[K, V]) drop(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	delete(c.entries, key)
}

func (c *cache[K, V]) dropAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	clear(c.entries)
}

// caches are the caches of the store. Each is keyed by what its change names.
type caches struct {
	grants      *cache[domain.GrantID, domain.Grant]
	clients     *cache[domain.ClientID, domain.ClientCheck]
	tokens      *cache[secret.Hash, heldToken]
	chains      *cache[domain.ChainID, domain.Chain]
	keys        *cache[domain.KeyID, domain.KeyCheck]
	users       *cache[domain.UserID, domain.User]
	sessions    *cache[string, domain.Session]
	shares      *cache[domain.ThingKey, map[domain.UserID]domain.RightSet]
	entities    *cache[entityPage, []domain.Entity]
	accessKeys  *cache[domain.AccessKeyID, domain.AccessKey]
	accessIDs   *cache[secret.Hash, domain.AccessKeyID]
	network     network
	sensors     *cache[domain.SensorID, domain.Sensor]
	sensorNames *cache[string, domain.SensorID]
	// states change with every commit of readings, which only the one writer of
	// SQLite can tell all readers: with PostgreSQL nothing is kept here.
	states *cache[domain.SensorID, *domain.SensorState]
}

func newCaches(on *changes) caches {
	c := caches{
		grants:      newCache[domain.GrantID, domain.Grant](100_000),
		clients:     newCache[domain.ClientID, domain.ClientCheck](20_000),
		tokens:      newCache[secret.Hash, heldToken](1_000_000),
		chains:      newCache[domain.ChainID, domain.Chain](50_000),
		keys:        newCache[domain.KeyID, domain.KeyCheck](50_000),
		users:       newCache[domain.UserID, domain.User](50_000),
		sessions:    newCache[string, domain.Session](20_000),
		shares:      newCache[domain.ThingKey, map[domain.UserID]domain.RightSet](50_000),
		entities:    newCache[entityPage, []domain.Entity](5_000),
		accessKeys:  newCache[domain.AccessKeyID, domain.AccessKey](20_000),
		accessIDs:   newCache[secret.Hash, domain.AccessKeyID](20_000),
		network:     newNetwork(),
		sensors:     newCache[domain.SensorID, domain.Sensor](20_000),
		sensorNames: newCache[string, domain.SensorID](40_000),
		states:      newCache[domain.SensorID, *domain.SensorState](20_000),
	}
	on.listen(c.apply)
	return c
}

// Topics of changes.
const (
	topicKey     = "key"
	topicUser    = "user"
	topicSession = "session" // the id is the hash of the session's secret
	topicSensor  = "sensor"
	topicGrant   = "grant"
	topicClient  = "client"
	topicToken   = "token" // the id is the hash of the token
	topicChain   = "chain"
	// topicShare: the id is the noun, a colon and the thing's id.
	topicShare     = "share"
	topicAccessKey = "access_key"
	// Of these the id is the number, a slash and the name.
	topicApplication = "application"
	topicGateway     = "gateway"
	topicComponent   = "component"
	// TopicSigningKey: the id is the purpose. No cache of the store holds these:
	// whoever signs listens.
	TopicSigningKey = "signing_key"
)

// Touches reports whether the change is of the topic, or may be.
func (c Change) Touches(topic string) bool { return c.Topic == topic || c.Topic == everything }

// TopicMail is the topic of the change that says: there is something in the
// outbox. No cache holds mails.
const TopicMail = "mail"

func (c caches) apply(change Change) {
	switch change.Topic {
	case topicKey:
		c.keys.drop(domain.KeyID(change.ID))
	case topicUser:
		c.users.drop(domain.UserID(parseID(change.ID)))
		c.clients.dropAll() // they carry the names of owners and testers
		c.sensors.dropAll() // they carry the names of owners
		c.sensorNames.dropAll()
		c.network.dropAll() // the names of owners too
	case topicSession:
		c.sessions.drop(change.ID)
	case topicSensor:
		c.sensors.drop(domain.SensorID(parseID(change.ID)))
		c.sensorNames.dropAll()
	case topicGrant:
		c.grants.drop(domain.GrantID(parseID(change.ID)))
	case topicClient:
		c.clients.drop(domain.ClientID(change.ID))
	case topicToken:
		c.tokens.drop(parseHash(change.ID))
	case topicChain:
		c.chains.drop(domain.ChainID(parseID(change.ID)))
	case topicShare:
		thing := parseThing(change.ID)
		c.shares.drop(thing)
		if _, listed := networkTables[thing.Noun]; listed {
			c.entities.dropAll() // on whose lists it was, and is now, is not said
		}
	case topicAccessKey:
		c.accessKeys.drop(domain.AccessKeyID(parseID(change.ID)))
		c.accessIDs.dropAll()
	case topicApplication, topicGateway, topicComponent:
		c.network.drop(change)
		c.entities.dropAll()
		c.accessKeys.dropAll() // those of a deleted thing are not found
	case everything:
		c.shares.dropAll()
		c.entities.dropAll()
		c.accessKeys.dropAll()
		c.accessIDs.dropAll()
		c.network.dropAll()
		c.grants.dropAll()
		c.clients.dropAll()
		c.tokens.dropAll()
		c.chains.dropAll()
		c.keys.dropAll()
		c.users.dropAll()
		c.sessions.dropAll()
		c.sensors.dropAll()
		c.sensorNames.dropAll()
		c.states.dropAll()
	}
}

func parseHash(text string) secret.Hash {
	stored, _ := hex.DecodeString(text)
	return secret.HashFrom(stored)
}

func formatHash(hash secret.Hash) string { return hex.EncodeToString(hash.Bytes()) }

func parseID(text string) int64 {
	id, _ := strconv.ParseInt(text, 10, 64)
	return id
}

func formatID[T ~int64](id T) string { return strconv.FormatInt(int64(id), 10) }
