package cli

import (
	"crypto/sha256"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// storeServer answers the part of the native API that an import uses. It
// keeps the contract of Idempotency-Keys, and tests make it fail on purpose.
type storeServer struct {
	*httptest.Server
	mu       sync.Mutex
	sensors  map[string]map[string]any
	readings map[string][]wireReading
	once     map[string][32]byte
	requests int
	hidden   bool                                      // the key may not see sensors
	vague    bool                                      // refusals do not say which reading is wrong
	refuse   func(wireReading) string                  // reason to refuse a batch, "" for none
	before   func(w http.ResponseWriter, try int) bool // answers in the place of storing
	after    func(w http.ResponseWriter, try int) bool // answers after storing
}

type wireReading struct {
	At     int64          `json:"at"`
	Values map[string]any `json:"values"`
}

func newStoreServer(t *testing.T) *storeServer {
	t.Helper()
	s := &storeServer{sensors: map[string]map[string]any{}, readings: map[string][]wireReading{}, once: map[string][32]byte{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/sensors/{sensor}", s.show)
	mux.HandleFunc("POST /api/v1/sensors", s.create)
	mux.HandleFunc("POST /api/v1/sensors/{sensor}/readings", s.append)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *storeServer) show(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hidden {
		problem(w, http.StatusForbidden, "insufficient_scope", "This needs sensors.read.", nil)
		return
	}
	if sensor, ok := s.sensors[r.PathValue("sensor")]; ok {
		_ = json.NewEncoder(w).Encode(sensor)
		return
	}
	problem(w, http.StatusNotFound, "sensor_not_found", "There is no such sensor.", nil)
}

func (s *storeServer) create(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sensor map[string]any
	if err := json.NewDecoder(r.Body).Decode(&sensor); err != nil {
		problem(w, http.StatusBadRequest, "invalid_json", err.Error(), nil)
		return
	}
	name, _ := sensor["name"].(string)
	sensor["id"], sensor["full_name"], sensor["created_at"] = len(s.sensors)+1, "alice."+name, time.Unix(1, 0)
	s.sensors[name] = sensor
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(sensor)
}

func (s *storeServer) append(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	body, _ := io.ReadAll(r.Body)
	var readings []wireReading
	if err := json.Unmarshal(body, &readings); err != nil {
		problem(w, http.StatusBadRequest, "invalid_json", err.Error(), nil)
		return
	}
	if s.before != nil && s.before(w, s.requests) {
		return
	}
	sensor := r.PathValue("sensor")
	once := sensor + " " + r.Header.Get("Idempotency-Key")
	if digest, ok := s.once[once]; ok {
		if digest != sha256.Sum256(body) {
			problem(w, http.StatusConflict, "idempotency_key_reused", "This key came with another body.", nil)
			return
		}
		_, _ = io.WriteString(w, `{"stored":0,"repeated":true}`)
		return
	}
	if s.refused(w, readings) {
		return
	}
	s.once[once] = sha256.Sum256(body)
	s.readings[sensor] = append(s.readings[sensor], readings...)
	if s.after != nil && s.after(w, s.requests) {
		return
	}
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, `{"stored":`+strconv.Itoa(len(readings))+`}`)
}

func (s *storeServer) refused(w http.ResponseWriter, readings []wireReading) bool {
	if s.refuse == nil {
		return false
	}
	for i, reading := range readings {
		if reason := s.refuse(reading); reason != "" {
			fields := map[string]string{"[" + strconv.Itoa(i) + "].values": reason}
			if s.vague {
				fields = nil
			}
			problem(w, http.StatusBadRequest, "invalid_reading", reason, fields)
			return true
		}
	}
	return false
}

func problem(w http.ResponseWriter, status int, code, detail string, fields map[string]string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"code": code, "detail": detail, "fields": fields})
}

// dieAt cuts off every connection from the n-th batch on, as kill -9 of the
// server does, before or after it stored that batch.
func (s *storeServer) dieAt(n int, stored bool) {
	dead := false
	s.before = func(_ http.ResponseWriter, try int) bool {
		if dead = dead || try >= n && !stored; dead {
			panic(http.ErrAbortHandler)
		}
		return false
	}
	s.after = func(_ http.ResponseWriter, try int) bool {
		if dead = try >= n; dead {
			panic(http.ErrAbortHandler)
		}
		return false
	}
}

// revive ends all failures and counts batches anew.
func (s *storeServer) revive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before, s.after, s.refuse, s.requests = nil, nil, nil, 0
}

// sent returns how many batches came since the last revival.
func (s *storeServer) sent() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

func (s *storeServer) stored(sensor string) []wireReading {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.readings[sensor]
}

func (s *storeServer) fieldTypes(sensor string) string {
	var words []string
	for _, field := range s.sensors[sensor]["fields"].([]any) {
		f := field.(map[string]any)
		words = append(words, f["name"].(string)+":"+f["type"].(string))
	}
	return strings.Join(words, " ")
}
