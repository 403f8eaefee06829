package portal

import "github.com/thingward/thingward/internal/domain"

// networkPages are the pages of applications, gateways and components, each
// with all that it can show and with nothing.
func networkPages(l layout, f *form, at moment) []page {
	application := shownApplication{Name: "apitest", Href: "/applications/apitest", Description: "d", Owner: "alice", EUIs: []string{"70B3D57EF0000001"}, EndDevices: 1, Format: "none", Created: at, Registered: at}
	may := applicationMay{true, true, true, true}
	device := shownEndDevice{Name: "dev", Href: "/x", Description: "d", DevAddr: "01020304", Place: "1, 2", Attributes: []attribute{{"a", "b"}}, LastSeen: at, HasKeys: true}
	key := shownAccessKey{Name: "default key", Href: "/k", Rights: []string{"messages:up:r", "messages:down:w"}, Text: "i.x", Created: at}
	gateway := shownGateway{Name: "gw", Href: "/gateways/gw", Owner: "alice", Plan: "EU_863_870", Place: "1, 2", Router: "r", About: "a", Fallbacks: []string{"x", "y"}, Attributes: []attribute{{"brand", "b"}, {"description", "d"}},
		Public: []string{"a", "b"}, AutoUpdate: true, BetaUpdates: true, Deleted: at}
	component := shownComponent{Name: "c", Href: "/components/c", Kind: "handler", Owner: "alice", Created: at, Deleted: at}
	choices := []planChoice{{"a", "A", true}}
	return []page{
		applicationsPage{layout: l, Applications: []shownApplication{application, {Name: "b", Deleted: at}, {Name: "c"}}, Deleted: true, Pager: pager{"/a", "/b"}}, applicationsPage{layout: l}, applicationsPage{layout: l, Deleted: true},
		applicationPage{layout: l, Application: application, Rights: []string{"a", "b"}, May: may, Form: f}, applicationPage{layout: l, Form: f},
		applicationFormPage{layout: l, Form: f, Formats: formatChoices("custom")}, applicationFormPage{layout: l, Form: f, Href: "/a", Name: "a", Formats: formatChoices("custom"), Functions: true},
		accessKeysPage{layout: l, Form: f, Application: application, Keys: []shownAccessKey{key, {Name: "m", Masked: true}}, Choices: keyRightChoices([]string{"devices"}), RightsFault: "No.", Kept: true, Shown: true},
		accessKeysPage{layout: l, Form: f, Keys: []shownAccessKey{key}, Kept: true}, accessKeysPage{layout: l, Form: f}, accessKeysPage{layout: l, Form: f, New: "n", Keys: []shownAccessKey{key}},
		endDevicesPage{layout: l, Application: application, Devices: []shownEndDevice{device, {Name: "d"}}, Total: 2, Pager: pager{"/a", "/b"}}, endDevicesPage{layout: l}, endDevicesPage{layout: l, Unregistered: true},
		endDevicePage{layout: l, Application: application, Device: device}, endDevicePage{layout: l}, endDevicePage{layout: l, Device: device, Keys: &domain.EndDeviceKeys{}},
		endDeviceFormPage{layout: l, Form: f}, endDeviceFormPage{layout: l, Form: f, Href: "/d", Name: "d"},
		gatewaysPage{layout: l, Gateways: []shownGateway{gateway, {Name: "g"}}, Pager: pager{"/a", "/b"}}, gatewaysPage{layout: l, Gateways: []shownGateway{gateway}, Deleted: true}, gatewaysPage{layout: l}, gatewaysPage{layout: l, Deleted: true},
		gatewayPage{layout: l, Gateway: gateway, Rights: []string{"a", "b"}, May: gatewayMay{true, true, true}}, gatewayPage{layout: l},
		gatewayKeyPage{layout: l, Gateway: gateway, Key: "k"}, gatewayFormPage{layout: l, Form: f, Plans: choices, PlanFault: "No.", Placements: choices}, gatewayFormPage{layout: l, Form: f, Href: "/g", Name: "g"},
		componentsPage{layout: l, Form: f, Components: []shownComponent{component}, Kinds: choices, KindFault: "No."}, componentsPage{layout: l, Form: f, Components: []shownComponent{component}, Deleted: true}, componentsPage{layout: l, Form: f},
		componentPage{layout: l, Component: component, Rights: []string{"a", "b"}, MayDelete: true}, componentPage{layout: l},
	}
}
