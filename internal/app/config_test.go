package app

import (
	"strings"
	"testing"
)

func TestConfigReportsAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	c := Defaults()
	c.SignUp, c.Secrets, c.Listen, c.PublicURL = "maybe", "no", "8080", "http://things.example"
	c.TLSCert, c.Database, c.TrustedProxies = "cert.pem", "mysql://x", []string{"nonsense"}
	err := c.Check()
	if err == nil {
		t.Fatal("it passes")
	}
	for _, flag := range []string{"--sign-up", "--secrets", "--listen", "--public-url", "--tls-cert", "--database", "--trusted-proxies"} {
		if !strings.Contains(err.Error(), flag) {
			t.Errorf("%s is not in\n%v", flag, err)
		}
	}
}

func TestPublicURL(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		"http://localhost:8080": true, "http://127.0.0.1:1": true, "http://[::1]:8080": true, "https://things.example": true,
		"http://app.localhost": true, "https://things.example/": true,
		"http://things.example": false, "ftp://localhost": false, "things.example": false, "https://u:p@things.example": false, "https://x/?a=b": false, "": false,
	}
	for url, want := range tests {
		c := Defaults()
		c.PublicURL = url
		if err := c.Check(); (err == nil) != want {
			t.Errorf("%q: got %v, want accepted %v", url, err, want)
		}
	}
	c := Defaults()
	c.PublicURL, c.InsecureHTTP = "http://things.example", true
	if err := c.Check(); err != nil {
		t.Errorf("with --insecure-http: %v", err)
	}
}

func TestAnApplicationManagerInClearIsNoticed(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{"": false, "127.0.0.1:8084": false, "localhost:8084": false, ":8084": true, "0.0.0.0:8084": true} {
		c := Defaults()
		c.TTNHandler = address
		if got := c.managerInClear(); got != want {
			t.Errorf("%q: got %t, want %t", address, got, want)
		}
		c.TrustedProxies = []string{"10.0.0.0/8"}
		if c.managerInClear() {
			t.Errorf("%q: a proxy in front is trusted to have TLS", address)
		}
	}
}
