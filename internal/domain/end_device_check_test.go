package domain_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

func goodEndDevice() domain.EndDevice {
	return domain.EndDevice{Name: "barn-1", AppEUI: "70b3d57ef0000000", DevEUI: "0004a30b001b7ad2", DevAddr: "2601abcd", Latitude: 52.4, Longitude: -4.9, Altitude: -3,
		Constraints: " ABP,, otaa,abp", Attributes: map[string]string{"room": "2"}, Keys: domain.EndDeviceKeys{App: secret.New("2b7e151628aed2a6abf7158809cf4f3c")}}
}

func TestTheNormalFormOfAnEndDevice(t *testing.T) {
	t.Parallel()
	given := goodEndDevice()
	got, err := given.Normal()
	if err != nil {
		t.Fatal(err)
	}
	if got.AppEUI != "70B3D57EF0000000" || got.DevEUI != "0004A30B001B7AD2" || got.DevAddr != "2601ABCD" || got.Constraints != "abp,otaa" ||
		got.Keys.App.Reveal() != "2B7E151628AED2A6ABF7158809CF4F3C" || !got.Keys.AppSession.Empty() {
		t.Errorf("got %+v", got)
	}
	if got.Attributes["room"] = "3"; given.Attributes["room"] != "2" {
		t.Error("the attributes are shared with what was given")
	}
	bare, err := domain.EndDevice{Name: "ab", AppEUI: given.AppEUI, DevEUI: given.DevEUI}.Normal()
	if err != nil || bare.Constraints != "local" || bare.Attributes == nil {
		t.Errorf("got %+v (%v), want local and no attributes", bare, err)
	}
	if again, err := got.Normal(); err != nil || fmt.Sprint(again) != fmt.Sprint(got) {
		t.Errorf("the normal form of %+v is %+v (%v)", got, again, err)
	}
}

func TestEndDevicesThatAreRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*domain.EndDevice)
		field  string
	}{
		{"no name", func(d *domain.EndDevice) { d.Name = "" }, "dev_id"},
		{"37 characters", func(d *domain.EndDevice) { d.Name = strings.Repeat("a", 37) }, "dev_id"},
		{"71 characters, which the bare pattern lets through", func(d *domain.EndDevice) { d.Name = "a" + strings.Repeat("-a", 35) }, "dev_id"},
		{"capitals", func(d *domain.EndDevice) { d.Name = "Barn" }, "dev_id"},
		{"two hyphens", func(d *domain.EndDevice) { d.Name = "a--b" }, "dev_id"},
		{"no app_eui", func(d *domain.EndDevice) { d.AppEUI = "" }, "app_eui"},
		{"15 digits", func(d *domain.EndDevice) { d.DevEUI = d.DevEUI[1:] }, "dev_eui"},
		{"no digits", func(d *domain.EndDevice) { d.DevEUI = "0004a30b001b7adg" }, "dev_eui"},
		{"an address of 6 digits", func(d *domain.EndDevice) { d.DevAddr = "26012" }, "dev_addr"},
		{"a key of 31 digits", func(d *domain.EndDevice) { d.Keys.App = secret.New(strings.Repeat("a", 31)) }, "app_key"},
		{"a session key of words", func(d *domain.EndDevice) { d.Keys.AppSession = secret.New(strings.Repeat("x", 32)) }, "app_s_key"},
		{"a key of 33 digits", func(d *domain.EndDevice) { d.Keys.NetworkSession = secret.New(strings.Repeat("a", 33)) }, "nwk_s_key"},
		{"an unknown constraint", func(d *domain.EndDevice) { d.Constraints = "otaa,moon" }, "activation_constraints"},
		{"no latitude", func(d *domain.EndDevice) { d.Latitude = math.NaN() }, "latitude"},
		{"beyond the pole", func(d *domain.EndDevice) { d.Latitude = 90.1 }, "latitude"},
		{"around the world", func(d *domain.EndDevice) { d.Longitude = math.Inf(-1) }, "longitude"},
		{"in space", func(d *domain.EndDevice) { d.Altitude = 100_001 }, "altitude"},
		{"in the mantle", func(d *domain.EndDevice) { d.Altitude = -12_001 }, "altitude"},
		{"before 1970", func(d *domain.EndDevice) { d.LastSeen = -1 }, "last_seen"},
		{"21 attributes", func(d *domain.EndDevice) {
			for i := range 20 {
				d.Attributes[fmt.Sprint(i)] = ""
			}
		}, "attributes"},
		{"an attribute without a name", func(d *domain.EndDevice) { d.Attributes[""] = "x" }, "attributes"},
		{"a long attribute", func(d *domain.EndDevice) { d.Attributes["x"] = strings.Repeat("x", 201) }, "attributes"},
		{"an attribute of two lines", func(d *domain.EndDevice) { d.Attributes["x"] = "a\nb" }, "attributes"},
		{"a long description", func(d *domain.EndDevice) { d.Description = strings.Repeat("x", 1001) }, "description"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := goodEndDevice()
			test.change(&d)
			if _, err := d.Normal(); domain.CodeOf(err) != "invalid_"+test.field || !domain.IsKind(err, domain.Invalid) {
				t.Errorf("got %v, want invalid_%s", err, test.field)
			}
		})
	}
}

func TestTheKeysOfAnEndDeviceAreJoinedAndSplit(t *testing.T) {
	t.Parallel()
	for _, keys := range [][3]string{{"a", "b", "c"}, {"", "", "c"}, {"a", "", ""}, {"", "b", ""}} {
		joined := domain.EndDeviceKeys{App: secret.New(keys[0]), AppSession: secret.New(keys[1]), NetworkSession: secret.New(keys[2])}.Joined()
		got := domain.SplitEndDeviceKeys(joined)
		if [3]string{got.App.Reveal(), got.AppSession.Reveal(), got.NetworkSession.Reveal()} != keys {
			t.Errorf("got other keys back than %q", keys)
		}
	}
	if joined := (domain.EndDeviceKeys{}).Joined(); !joined.Empty() {
		t.Error("no keys are joined to something")
	}
}
