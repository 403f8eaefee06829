package demo

import (
	"fmt"
	"io"
	neturl "net/url"
	"slices"
	"strings"
)

// PrintTour prints what to try: who can sign in, and requests that can be
// copied as they are. It prints passwords, which is what a demo is for.
func PrintTour(w io.Writer, s Summary, publicURL string) {
	url := strings.TrimSuffix(publicURL, "/")
	fmt.Fprintf(w, "\nDemo: the city of Havenmouth, which does not exist. %d people, %d sensors with %d days of readings, %d keys, %d apps.\n", len(s.Users), len(s.Sensors), days, len(s.Keys), len(s.Clients))
	fmt.Fprintf(w, "\nSign in at %s/login\n", url)
	for _, u := range s.Users {
		what := ""
		if u.Admin {
			what = "   administrator"
		}
		fmt.Fprintf(w, "  %-10s %s%s\n", u.Name, u.Password.Reveal(), what)
	}
	if all, ok := s.find("alice", "readings.write"); ok {
		fmt.Fprintf(w, "\nWith a key that may do everything for alice:\n")
		fmt.Fprintf(w, "  curl -u %s %s/api/v1/users/me\n", pair(all), url)
		fmt.Fprintf(w, "  curl -u %s -d value=21.5 %s/wotkit/api/sensors/greenhouse/data\n", pair(all), url)
		fmt.Fprintf(w, "  curl -u %s '%s/api/v1/sensors/alice.greenhouse/readings?limit=3'\n", pair(all), url)
		fmt.Fprintf(w, "  curl -u %s '%s/api/v1/sensors/alice.weather-lighthouse/readings/summary?field=temperature&step=24h'\n", pair(all), url)
	}
	if one, ok := s.find("alice", "readings.write:alice.greenhouse"); ok {
		fmt.Fprintf(w, "\nWith a key that can only send the data of one sensor (the second is refused):\n")
		fmt.Fprintf(w, "  curl -u %s --json '{\"values\":{\"value\":22.1}}' %s/api/v1/sensors/alice.greenhouse/readings\n", pair(one), url)
		fmt.Fprintf(w, "  curl -u %s %s/api/v1/sensors/alice.greenhouse/readings\n", pair(one), url)
	}
	printNetwork(w, s, url)
	printApps(w, s, url)
	fmt.Fprintf(w, "\nPublic data needs no key:\n")
	fmt.Fprintf(w, "  curl '%s/api/v1/sensors?tags=weather'\n", url)
	fmt.Fprintf(w, "  curl '%s/api/v1/sensors/carla.ferry-saint-brannoc/readings?format=geojson' > ferry.geojson\n\n", url)
}

// printNetwork prints where the applications and gateways are that the first
// owner has.
func printNetwork(w io.Writer, s Summary, url string) {
	all, ok := s.find("alice", "applications.devices")
	if !ok {
		return
	}
	fmt.Fprintf(w, "\nApplications, their end devices, and gateways (%s is where programs of The Things Network go):\n", url+"/ttn")
	fmt.Fprintf(w, "  curl -u %s %s/api/v1/applications/havenmouth-floods/end-devices\n", pair(all), url)
	fmt.Fprintf(w, "  curl %s/api/v1/gateways/gw-lighthouse\n", url)
}

// printApps prints how the app of the standard kind gets tokens: for itself,
// and from a person. Nobody listens where it sends him back to, so what came
// of it is in the browser's address bar.
func printApps(w io.Writer, s Summary, url string) {
	app, ok := s.client("standard")
	if !ok {
		return
	}
	both := string(app.ID) + ":" + app.Secret.Reveal()
	fmt.Fprintf(w, "\nAn app gets a token for itself (it reads what is public):\n")
	fmt.Fprintf(w, "  curl -u %s -d grant_type=client_credentials %s/oauth/token\n", both, url)
	fmt.Fprintf(w, "And one that acts for you: open this, say yes, and exchange the code that stands in the address bar (within a minute):\n")
	fmt.Fprintf(w, "  %s/oauth/authorize?%s\n", url, authorizeQuery(app))
	fmt.Fprintf(w, "  curl -u %s -d grant_type=authorization_code -d redirect_uri=%s -d code=CODE %s/oauth/token\n", both, app.RedirectURIs[0], url)
	fmt.Fprintf(w, "All apps and their secrets are in demo.json: ")
	for i, c := range s.Clients {
		if i > 0 {
			fmt.Fprint(w, ", ")
		}
		fmt.Fprintf(w, "%s (%s)", c.ID, c.Kind)
	}
	fmt.Fprintln(w, ".")
}

// authorizeQuery asks for a few things, offline_access among them, so that
// there is a refresh token to try.
func authorizeQuery(app Client) string {
	return neturl.Values{"response_type": {"code"}, "client_id": {string(app.ID)}, "redirect_uri": {app.RedirectURIs[0]},
		"scope": {"profile sensors.read readings.read offline_access"}, "state": {"tour"}}.Encode()
}

// find returns the first key of the owner with the scope.
func (s Summary) find(owner, scope string) (Key, bool) {
	i := slices.IndexFunc(s.Keys, func(k Key) bool { return k.Owner == owner && slices.Contains(k.Scopes, scope) })
	if i < 0 {
		return Key{}, false
	}
	return s.Keys[i], true
}

func pair(k Key) string { return string(k.ID) + ":" + k.Password.Reveal() }
