package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// world is what the measured store holds: sensors with one reading a minute,
// and apart from them one sensor per connection to write to.
type world struct {
	KeyID, KeyPassword string
	Filled             []int // ids of sensors with history
	Written            []int // ids of sensors that the load writes to
	Rows               int
	Client, Fleeting   client // the second one's tokens live for a minute
}

const (
	minutesOf30Days = 30 * 24 * 60
	perFilled       = 50_000 // readings of one filled sensor: a bit more than 30 days of minutes
	perRequest      = 5_000
	settle          = 5 * time.Second // for work in the background that follows a fill
)

func (w world) authorization() string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(w.KeyID+":"+w.KeyPassword))
}

// prepare starts the server and fills its store through the front door, or
// finds it filled by an earlier run with the same --data.
func (b *bench) prepare() error {
	note := filepath.Join(b.data, "bench.json")
	text, err := os.ReadFile(note)
	switch {
	case err == nil:
		if err := json.Unmarshal(text, &b.world); err != nil {
			return err
		}
	case errors.Is(err, fs.ErrNotExist):
		if err := b.people(); err != nil {
			return err
		}
	default:
		return err
	}
	b.auth = b.world.authorization()
	if b.server, err = b.startThingward(); err != nil {
		return err
	}
	if len(b.world.Written) > 0 && b.world.Rows >= b.rows {
		return nil
	}
	if err := b.registerClients(); err != nil {
		return err
	}
	if err := b.fill(); err != nil {
		return err
	}
	time.Sleep(settle)
	if text, err = json.Marshal(b.world); err != nil {
		return err
	}
	return os.WriteFile(note, text, 0o600)
}

// people makes a user and a key, as an operator does.
func (b *bench) people() error {
	if err := os.MkdirAll(b.data, 0o700); err != nil {
		return err
	}
	password := filepath.Join(b.folder, "password")
	if err := os.WriteFile(password, []byte("correct horse battery staple\n"), 0o600); err != nil {
		return err
	}
	if err := b.command(nil, "users", "create", "bench", "--email", "bench@example.org", "--password-file", password); err != nil {
		return err
	}
	var key struct{ ID, Password string }
	if err := b.command(&key, "keys", "create", "bench", "--user", "bench", "--scope", "sensors.* readings.* profile clients.*"); err != nil {
		return err
	}
	b.world.KeyID, b.world.KeyPassword = key.ID, key.Password
	return nil
}

// fill makes the sensors and sends their history from several senders at once.
func (b *bench) fill() error {
	began := time.Now()
	for i := range b.connections {
		id, err := b.makeSensor(fmt.Sprintf("written-%d", i))
		if err != nil {
			return err
		}
		b.world.Written = append(b.world.Written, id)
	}
	sensors := (b.rows + perFilled - 1) / perFilled
	end := began.Add(-time.Minute).Truncate(time.Minute)
	queue, errs := make(chan int), make(chan error, sensors+1)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for id := range queue {
				if err := b.fillSensor(id, end); err != nil {
					errs <- err
				}
			}
		})
	}
	for i := range sensors {
		id, err := b.makeSensor(fmt.Sprintf("filled-%d", i))
		if err != nil {
			errs <- err
			break
		}
		b.world.Filled = append(b.world.Filled, id)
		queue <- id
	}
	close(queue)
	group.Wait()
	close(errs)
	b.world.Rows = sensors * perFilled
	took := time.Since(began)
	fmt.Fprintf(os.Stderr, "bench: %d readings of %d sensors stored in %s (%.0f a second, %d a request)\n",
		b.world.Rows, sensors, took.Round(time.Millisecond), float64(b.world.Rows)/took.Seconds(), perRequest)
	return <-errs
}

func (b *bench) makeSensor(name string) (int, error) {
	body := fmt.Sprintf(`{"name":%q,"long_name":%q,"description":"made by the bench","latitude":49.2,"longitude":-123.1,"visibility":"private"}`, name, name)
	var sensor struct{ ID int }
	err := b.call("POST", "/api/v1/sensors", []byte(body), &sensor)
	return sensor.ID, err
}

// fillSensor sends a reading a minute up to end, shaped like a temperature.
func (b *bench) fillSensor(id int, end time.Time) error {
	at := end.Add(-(perFilled - 1) * time.Minute)
	var body []byte
	for sent := 0; sent < perFilled; sent += perRequest {
		body = append(body[:0], '[')
		for i := range perRequest {
			if i > 0 {
				body = append(body, ',')
			}
			body = append(body, `{"at":`...)
			body = strconv.AppendInt(body, at.UnixMilli(), 10)
			body = append(body, `,"values":{"value":`...)
			body = strconv.AppendFloat(body, temperature(id, at), 'f', 2, 64)
			body = append(body, "}}"...)
			at = at.Add(time.Minute)
		}
		body = append(body, ']')
		if err := b.call("POST", fmt.Sprintf("/api/v1/sensors/%d/readings", id), body, nil); err != nil {
			return err
		}
	}
	return nil
}

func temperature(id int, at time.Time) float64 {
	day := float64(at.Unix()%86400) / 86400
	wobble := float64((at.Unix()/60*7919+int64(id)*104729)%100) / 200
	return 12 + 6*math.Sin(2*math.Pi*(day-0.3)) + wobble
}

// call is an ordinary request, for what is not measured.
func (b *bench) call(method, path string, body []byte, into any) error {
	request, err := http.NewRequest(method, "http://"+b.server.address+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", b.auth)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode > 299 {
		return fmt.Errorf("%s %s: %s: %.300s", method, path, answer.Status, text)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(text, into)
}
