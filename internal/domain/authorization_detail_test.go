package domain

import (
	"encoding/json"
	"testing"
)

func TestWhatAuthorizationDetailsStandFor(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`[{"type":"application","identifier":"apitest","actions":["devices"]}]`:                                             "applications.devices:apitest",
		`[{"type":"applications","identifier":"apitest"}]`:                                                                  "applications.*:apitest",
		`[{"type":"reading","identifier":"alice.greenhouse","actions":["read","write"]},{"type":"sensors"}]`:                "readings.read:alice.greenhouse readings.write:alice.greenhouse sensors.*",
		`[{"type":"gateway","identifier":"g1","actions":["read"]},{"type":"gateway","identifier":"g1","actions":["read"]}]`: "gateways.read:g1",
		`[{"type":"profile"}]`: "!", `[{"type":"admin"}]`: "!", `[{"type":""}]`: "!", `[{}]`: "!", `[{"type":"s"}]`: "!",
		`[{"type":"application","actions":["fly"]}]`:          "!",
		`[{"type":"application","actions":["*"]}]`:            "!",
		`[{"type":"application","actions":[""]}]`:             "!",
		`[{"type":"application","identifier":"a b"}]`:         "!",
		`[{"type":"application","locations":["https://x/"]}]`: "!",
		`[{"type":"application","identifier":["a"]}]`:         "!",
		`[{"type":"application"}] []`:                         "!",
		`{"type":"application"}`:                              "!",
		`[]`:                                                  "!",
		`null`:                                                "!",
		``:                                                    "!",
		`[{"type":"application","privileges":["everything"]}]`: "!",
	} {
		details, err := ParseAuthorizationDetails(text)
		got := DetailScopes(details).String()
		if err != nil {
			got = "!"
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
		if err != nil && CodeOf(err) != "invalid_authorization_details" {
			t.Errorf("%s: got the code %s", text, CodeOf(err))
		}
	}
}

func FuzzParseAuthorizationDetails(f *testing.F) {
	f.Add(`[{"type":"application","identifier":"apitest","actions":["devices"]}]`)
	f.Add(`[{"type":"readings"},{"type":"gateway","identifier":"g"}]`)
	f.Add(`[{"type":"application","type":"admin"}]`)
	f.Fuzz(func(t *testing.T, text string) {
		details, err := ParseAuthorizationDetails(text)
		if err != nil {
			return
		}
		scopes := DetailScopes(details)
		for _, scope := range scopes {
			read, err := ParseScope(scope.String())
			if err != nil || read != scope || !scope.ForThirdParties() {
				t.Errorf("%q stands for %q, which reads as %v, %v", text, scope, read, err)
			}
		}
		printed, err := json.Marshal(details)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseAuthorizationDetails(string(printed))
		if err != nil || DetailScopes(again).String() != scopes.String() {
			t.Errorf("%q prints as %s, which stands for %s, %v", text, printed, DetailScopes(again), err)
		}
	})
}
