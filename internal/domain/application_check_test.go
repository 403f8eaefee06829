package domain_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/domain"
)

func TestTheNormalFormOfAPayload(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", domain.MaxPayloadFunction)
	tests := []struct {
		name   string
		given  domain.Payload
		format domain.PayloadFormat
		field  string
	}{
		{"nothing", domain.Payload{}, domain.PayloadNone, ""},
		{"functions without a format", domain.Payload{Encoder: "e"}, domain.PayloadCustom, ""},
		{"functions with another format", domain.Payload{Format: domain.PayloadCayenne, Decoder: "d"}, domain.PayloadCayenne, ""},
		{"the longest function", domain.Payload{Decoder: long}, domain.PayloadCustom, ""},
		{"a function too long", domain.Payload{Validator: long + "x"}, "", "validator"},
		{"an unknown format", domain.Payload{Format: "protobuf"}, "", "payload_format"},
		{"a function that cannot be stored", domain.Payload{Converter: "a\x00"}, "", "converter"},
		{"a function that is no text", domain.Payload{Decoder: "a\xff"}, "", "decoder"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := test.given.Normal()
			if test.field != "" {
				if domain.CodeOf(err) != "invalid_"+test.field {
					t.Errorf("got %v, want invalid_%s", err, test.field)
				}
				return
			}
			if err != nil || got.Format != test.format {
				t.Errorf("got %q (%v), want %q", got.Format, err, test.format)
			}
		})
	}
}

func TestTheNormalFormOfEUIs(t *testing.T) {
	t.Parallel()
	got, err := domain.NormalEUIs([]string{"70b3d57ef0000001", "0102030405060708", "70B3D57EF0000001"})
	if want := []string{"0102030405060708", "70B3D57EF0000001"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v (%v), want %v", got, err, want)
	}
	if _, err := domain.NormalEUIs([]string{"70B3D57EF000000"}); domain.CodeOf(err) != "invalid_eui" {
		t.Errorf("got %v, want invalid_eui", err)
	}
}

func TestAssignedEUIs(t *testing.T) {
	t.Parallel()
	for number, want := range map[int64]string{0: "70B3D57EF0000000", 1: "70B3D57EF0000001", 0x187: "70B3D57EF0000187", 1<<28 - 1: "70B3D57EFFFFFFFF", 1 << 28: "", -1: ""} {
		if got, ok := domain.AssignedEUI(number); got != want || ok != (want != "") {
			t.Errorf("%d: got %q, want %q", number, got, want)
		}
	}
}

func TestNamesOfAccessKeys(t *testing.T) {
	t.Parallel()
	for name, good := range map[string]bool{"default key": true, "register-on-join": true, "é": true, strings.Repeat("a", 60): true, "50% & more?": true,
		"": false, " a": false, "a ": false, "a\nb": false, "a/b": false, ".": false, "..": false, strings.Repeat("a", 61): false, "a\xff": false, "a\u202eb": false} {
		if err := domain.CheckAccessKeyName(name); (err == nil) != good {
			t.Errorf("%q: got %v", name, err)
		}
	}
}

func TestRightsOfAccessKeys(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rights domain.RightSet
		good   bool
	}{
		{domain.SetOf(domain.MessagesUpRead), true}, {domain.AllRights(domain.NounApplication), true},
		{0, false}, {domain.SetOf(domain.ApplicationSee), false}, {domain.SetOf(domain.ApplicationDevices, domain.GatewaySettings), false},
	} {
		if err := domain.CheckAccessRights(test.rights); (err == nil) != test.good {
			t.Errorf("%v: got %v", test.rights.Names(), err)
		}
	}
}
