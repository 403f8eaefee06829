package app

import (
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/notify"
)

// metrics are what Prometheus reads; their names are an interface and do not
// change. It observes the edge, the guard and the store.
type metrics struct {
	registry       *prometheus.Registry
	requests       *prometheus.CounterVec
	counters       sync.Map // requestLabels → prometheus.Counter of requests
	requestSeconds prometheus.Histogram
	authFailures   *prometheus.CounterVec
	tokensIssued   *prometheus.CounterVec
	legacyUses     *prometheus.CounterVec
	mails          *prometheus.CounterVec
	readings       prometheus.Counter
	commitSeconds  prometheus.Histogram
	commitBatch    prometheus.Histogram
	revocation     prometheus.Histogram
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "thingward_http_requests_total",
			Help: "Answered requests."}, []string{"door", "route", "code"}),
		requestSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "thingward_http_request_seconds",
			Help: "Time from the first byte of a request to its answer, in seconds.", Buckets: prometheus.ExponentialBuckets(0.00005, 3, 12)}),
		authFailures: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "thingward_auth_failures_total",
			Help: "Refused credentials."}, []string{"kind", "reason"}),
		tokensIssued: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "thingward_tokens_issued_total",
			Help: "Access tokens handed out."}, []string{"grant_type", "client_kind"}),
		legacyUses: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "thingward_legacy_use_total",
			Help: "Uses of what only old contracts have."}, []string{"switch"}),
		mails: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "thingward_mails_total",
			Help: "Attempts to send a mail, by what became of them."}, []string{"result"}),
		readings: prometheus.NewCounter(prometheus.CounterOpts{Name: "thingward_readings_stored_total",
			Help: "Readings stored durably."}),
		commitSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "thingward_commit_seconds",
			Help: "Time of a commit with all acts in it, in seconds.", Buckets: prometheus.ExponentialBuckets(0.00005, 3, 12)}),
		commitBatch: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "thingward_commit_batch_size",
			Help: "Acts in one commit.", Buckets: prometheus.ExponentialBuckets(1, 2, 10)}),
		revocation: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "thingward_revocation_seconds",
			Help: "Time until a revocation is durable and known to the caches, in seconds.", Buckets: prometheus.ExponentialBuckets(0.0001, 3, 10)}),
	}
	m.registry.MustRegister(m.requests, m.requestSeconds, m.authFailures, m.tokensIssued, m.legacyUses, m.mails, m.readings, m.commitSeconds, m.commitBatch, m.revocation,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// requestLabels are the labels of a request counter.
type requestLabels struct {
	door, route string
	status      int
}

// Request counts an answered request (web.Observer). The counter of each set
// of labels is looked up once: there are no more than routes times statuses.
func (m *metrics) Request(door, route string, status int, took time.Duration) {
	labels := requestLabels{door, route, status}
	counter, ok := m.counters.Load(labels)
	if !ok {
		counter, _ = m.counters.LoadOrStore(labels, m.requests.WithLabelValues(door, route, strconv.Itoa(status)))
	}
	counter.(prometheus.Counter).Inc()
	m.requestSeconds.Observe(took.Seconds())
}

// AuthFailure counts a refused credential (guard.Observer).
func (m *metrics) AuthFailure(kind, reason string) {
	m.authFailures.WithLabelValues(kind, reason).Inc()
}

// TokenIssued counts an access token that was handed out (token.Observer).
func (m *metrics) TokenIssued(grantType domain.GrantType, kind domain.ClientKind) {
	m.tokensIssued.WithLabelValues(string(grantType), string(kind)).Inc()
}

// LegacyUse counts a use of what only an old contract has (guard.Observer).
func (m *metrics) LegacyUse(what string) { m.legacyUses.WithLabelValues(what).Inc() }

// Mail counts an attempt to send a mail.
func (m *metrics) Mail(result notify.Result) { m.mails.WithLabelValues(string(result)).Inc() }

// Commit observes a commit (store.Observer).
func (m *metrics) Commit(took time.Duration, batch int) {
	m.commitSeconds.Observe(took.Seconds())
	m.commitBatch.Observe(float64(batch))
}

// ReadingsStored counts readings (store.Observer).
func (m *metrics) ReadingsStored(n int) { m.readings.Add(float64(n)) }

// Revocation observes a revocation (store.Observer).
func (m *metrics) Revocation(took time.Duration) { m.revocation.Observe(took.Seconds()) }
