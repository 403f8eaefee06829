package domain

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func validGateway() Gateway {
	return Gateway{Name: "mygtw", FrequencyPlan: "EU_863_870", Antenna: &Location{Latitude: 52.37, Longitude: 4.89, Altitude: 12},
		Attributes: map[string]string{"placement": "outdoor", "brand": "The Things Products"}, Router: "ttn-router-eu", FallbackRouters: []string{"r1", "r2"}}
}

func TestGatewaysThatAreNotValidAreRefused(t *testing.T) {
	t.Parallel()
	own := func(n int) map[string]string {
		list := map[string]string{"brand": "b", "model": "m", "placement": "indoor", "antenna_type": "t", "antenna_model": "m", "description": "d"}
		for i := range n {
			list[fmt.Sprintf("own-%d", i)] = "x"
		}
		return list
	}
	cases := map[string]struct {
		change func(*Gateway)
		code   string
	}{
		"a name with capitals":      {func(g *Gateway) { g.Name = "MyGtw" }, "invalid_id"},
		"one character":             {func(g *Gateway) { g.Name = "a" }, "invalid_id"},
		"71 characters":             {func(g *Gateway) { g.Name = strings.Repeat("a-", 35) + "a" }, "invalid_id"},
		"no plan":                   {func(g *Gateway) { g.FrequencyPlan = "" }, "invalid_frequency_plan"},
		"an unknown plan":           {func(g *Gateway) { g.FrequencyPlan = "EU_868" }, "invalid_frequency_plan"},
		"beyond the pole":           {func(g *Gateway) { g.Antenna.Latitude = 90.1 }, "invalid_latitude"},
		"no latitude":               {func(g *Gateway) { g.Antenna.Latitude = math.NaN() }, "invalid_latitude"},
		"beyond the date line":      {func(g *Gateway) { g.Antenna.Longitude = -180.1 }, "invalid_longitude"},
		"in orbit":                  {func(g *Gateway) { g.Antenna.Altitude = 400_000 }, "invalid_altitude"},
		"neither in nor out":        {func(g *Gateway) { g.Attributes["placement"] = "roof" }, "invalid_attributes"},
		"a nameless attribute":      {func(g *Gateway) { g.Attributes[""] = "x" }, "invalid_attributes"},
		"an attribute of two lines": {func(g *Gateway) { g.Attributes["note"] = "a\nb" }, "invalid_attributes"},
		"a long attribute":          {func(g *Gateway) { g.Attributes["note"] = strings.Repeat("ä", 201) }, "invalid_attributes"},
		"21 attributes of its own":  {func(g *Gateway) { g.Attributes = own(21) }, "invalid_attributes"},
		"20 attributes of its own":  {func(g *Gateway) { g.Attributes = own(20) }, ""},
		"a long description":        {func(g *Gateway) { g.Attributes["description"] = strings.Repeat("ä", 500) }, ""},
		"a router that is none":     {func(g *Gateway) { g.Router = "http://router" }, "invalid_router"},
		"eleven fallback routers":   {func(g *Gateway) { g.FallbackRouters = strings.Fields(strings.Repeat("r1 ", 11)) }, "invalid_fallback_routers"},
		"no place and no router":    {func(g *Gateway) { g.Antenna, g.Router, g.FallbackRouters, g.Attributes = nil, "", nil, nil }, ""},
	}
	for name, c := range cases {
		gateway := validGateway()
		c.change(&gateway)
		err := gateway.Check()
		if c.code == "" && err != nil || c.code != "" && CodeOf(err) != c.code {
			t.Errorf("%s: got %v, want %q", name, err, c.code)
		}
	}
}

func TestAnUnknownFrequencyPlanIsToldWhichThereAre(t *testing.T) {
	t.Parallel()
	_, err := FindFrequencyPlan("EU_868")
	for _, plan := range FrequencyPlans() {
		if err == nil || !strings.Contains(err.Error(), plan.ID) {
			t.Errorf("got %v, want %s in it", err, plan.ID)
		}
		if found, err := FindFrequencyPlan(plan.ID); err != nil || found != plan || plan.BaseFrequency < 400 || plan.Description == "" {
			t.Errorf("got %+v (%v)", found, err)
		}
	}
	if n := len(FrequencyPlans()); n != 12 {
		t.Errorf("got %d plans, want 12", n)
	}
}

func TestABlurredPlaceIsRoundedAndHasNoHeight(t *testing.T) {
	t.Parallel()
	got := Location{Latitude: 52.37903, Longitude: -4.88469, Altitude: 12}.Blurred()
	if want := (Location{Latitude: 52.38, Longitude: -4.88}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestTidyGatewaysHaveNoEmptyAttributes(t *testing.T) {
	t.Parallel()
	before := map[string]string{"brand": " x ", "model": " ", "note": ""}
	got := Gateway{Attributes: before, FallbackRouters: []string{"", "r1"}}.Tidy()
	if len(got.Attributes) != 1 || got.Attributes["brand"] != "x" || len(got.FallbackRouters) != 1 {
		t.Errorf("got %+v", got)
	}
	if len(before) != 3 {
		t.Errorf("the map that came in was changed: %v", before)
	}
}
