package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// network is what is measured of applications and end devices, filled in the
// run that measures it.
type network struct {
	many, few string // authorizations of users with 10,000 applications and with 10
	deep      string // cursor of the page behind 99,000 end devices
}

const (
	manyApplications = 10_000
	fewApplications  = 10
	endDevices       = 100_000
	deepPage         = 99_000
)

// member makes a user with a key for applications, and that many of them.
func (b *bench) member(name string, applications int) (authorization string, err error) {
	password := filepath.Join(b.folder, "password")
	if err := os.WriteFile(password, []byte("correct horse battery staple\n"), 0o600); err != nil {
		return "", err
	}
	if err := b.command(nil, "users", "create", name, "--email", name+"@example.org", "--password-file", password); err != nil {
		return "", err
	}
	var key struct{ ID, Password string }
	if err := b.command(&key, "keys", "create", "bench", "--user", name, "--scope", "applications.*"); err != nil {
		return "", err
	}
	authorization = world{KeyID: key.ID, KeyPassword: key.Password}.authorization()
	return authorization, b.as(authorization, func() error {
		return b.together(applications, func(i int) error {
			return b.call("POST", "/api/v1/applications", fmt.Appendf(nil, `{"id":"%s-%d"}`, name, i), nil)
		})
	})
}

// as does something with another authorization than the one of the sensors.
func (b *bench) as(authorization string, do func() error) error {
	own := b.auth
	defer func() { b.auth = own }()
	b.auth = authorization
	return do()
}

// together does something n times, several at once.
func (b *bench) together(n int, do func(i int) error) error {
	queue, errs := make(chan int), make(chan error, b.connections)
	var group sync.WaitGroup
	for range b.connections {
		group.Go(func() {
			var first error
			for i := range queue {
				if first == nil {
					first = do(i)
				}
			}
			if first != nil {
				errs <- first
			}
		})
	}
	for i := range n {
		queue <- i
	}
	close(queue)
	group.Wait()
	close(errs)
	return <-errs
}

// fillApplications makes the users, their applications and the end devices of
// one of them.
func fillApplications(b *bench, m measurement) (err error) {
	if b.network.few, err = b.member("few", fewApplications); err != nil {
		return err
	}
	if b.network.many, err = b.member("many", manyApplications); err != nil {
		return err
	}
	return b.as(b.network.many, func() error {
		if err := b.call("PUT", "/api/v1/applications/many-7/registration", nil, nil); err != nil {
			return err
		}
		began := time.Now()
		err := b.together(endDevices, func(i int) error {
			body := fmt.Appendf(nil, `{"app_eui":"70B3D57EF0000000","dev_eui":"%016X","app_key":"%032X","attributes":{"room":"%d"}}`, i, i+1, i%100)
			return b.call("PUT", fmt.Sprintf("/api/v1/applications/many-7/end-devices/device-%d", i), body, nil)
		})
		if err != nil {
			return err
		}
		result := fmt.Sprintf("%s/s", thousands(endDevices/time.Since(began).Seconds()))
		b.lines = append(b.lines, line{m.what, result, "", "", "", m.aim})
		return b.walkTo(deepPage)
	})
}

// walkTo looks for the cursor of the page behind so many end devices.
func (b *bench) walkTo(place int) error {
	for range place / 1000 {
		var page struct{ Next string }
		if err := b.call("GET", "/api/v1/applications/many-7/end-devices?limit=1000&cursor="+b.network.deep, nil, &page); err != nil {
			return err
		}
		b.network.deep = page.Next
	}
	return nil
}

// ofMany and ofFew measure with the key of one of the users.
func ofMany(b *bench, m measurement) error {
	return b.as(b.network.many, func() error { return latency(b, m) })
}

func ofFew(b *bench, m measurement) error {
	return b.as(b.network.few, func() error { return latency(b, m) })
}

func getFirstEndDevices(b *bench, buf []byte, _, _ int) []byte {
	return b.get(buf, "/api/v1/applications/many-7/end-devices?limit=50")
}

func getDeepEndDevices(b *bench, buf []byte, _, _ int) []byte {
	return b.get(buf, "/api/v1/applications/many-7/end-devices?limit=50&cursor="+b.network.deep)
}

func getEndDevice(b *bench, buf []byte, _, n int) []byte {
	return b.get(buf, fmt.Sprintf("/api/v1/applications/many-7/end-devices/device-%d", n*7919%endDevices))
}

func getFewApplication(b *bench, buf []byte, _, n int) []byte {
	return b.get(buf, fmt.Sprintf("/api/v1/applications/few-%d", n%fewApplications))
}

func getManyApplication(b *bench, buf []byte, _, n int) []byte {
	return b.get(buf, fmt.Sprintf("/api/v1/applications/many-%d", n*7919%manyApplications))
}
