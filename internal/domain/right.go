package domain

import (
	"slices"
	"strings"
)

// Noun names a kind of thing that has an owner.
type Noun string

// The kinds of things.
const (
	NounSensor      Noun = "sensor"
	NounDevice      Noun = "device"
	NounApplication Noun = "application"
	NounGateway     Noun = "gateway"
	NounComponent   Noun = "component"
)

// Nouns lists the kinds of things as pages show them.
func Nouns() []Noun {
	return []Noun{NounSensor, NounDevice, NounApplication, NounGateway, NounComponent}
}

// One returns the noun as people say it of any one: "an application".
func (n Noun) One() string {
	if n == NounApplication {
		return "an " + string(n)
	}
	return "a " + string(n)
}

// Right is what a user may do with a thing (ARCHITECTURE.md, The one
// decision): the noun, a slash, and the name that programs know it by.
type Right string

// The rights on a sensor.
const (
	SensorRead    Right = "sensor/read"
	SensorWrite   Right = "sensor/write"
	SensorDelete  Right = "sensor/delete"
	SensorShare   Right = "sensor/share"
	ReadingsRead  Right = "sensor/readings.read"
	ReadingsWrite Right = "sensor/readings.write"
)

// The rights on a device.
const (
	DeviceRead   Right = "device/read"
	DeviceWrite  Right = "device/write"
	DeviceDelete Right = "device/delete"
	DeviceShare  Right = "device/share"
)

// The rights on an application. Everybody who has one of them may see it.
const (
	ApplicationSee           Right = "application/see"
	ApplicationSettings      Right = "application/settings"
	ApplicationDelete        Right = "application/delete"
	ApplicationCollaborators Right = "application/collaborators"
	ApplicationDevices       Right = "application/devices"
	MessagesUpRead           Right = "application/messages:up:r"
	MessagesUpWrite          Right = "application/messages:up:w"
	MessagesDownWrite        Right = "application/messages:down:w"
)

// The rights on a gateway. Everybody who has one of them may see it.
const (
	GatewaySee           Right = "gateway/see"
	GatewaySettings      Right = "gateway/gateway:settings"
	GatewayCollaborators Right = "gateway/gateway:collaborators"
	GatewayDelete        Right = "gateway/gateway:delete"
	GatewayLocation      Right = "gateway/gateway:location"
	GatewayStatus        Right = "gateway/gateway:status"
	GatewayOwner         Right = "gateway/gateway:owner"
	GatewayMessages      Right = "gateway/gateway:messages"
)

// The rights on a component of the network. Everybody who has one of them may
// see it.
const (
	ComponentSee           Right = "component/see"
	ComponentSettings      Right = "component/component:settings"
	ComponentDelete        Right = "component/component:delete"
	ComponentCollaborators Right = "component/component:collaborators"
)

// rightRule is what there is to know of a right.
type rightRule struct {
	right Right
	scope Scope // which a credential must hold to use it
}

func onThings(noun, verb string) Scope { return Scope{Noun: noun, Verb: verb} }

// rightRules are all rights. The place of one in the list is its bit in a
// RightSet, which is never stored: the order may change.
var rightRules = []rightRule{
	{SensorRead, ScopeSensorsRead}, {SensorWrite, ScopeSensorsWrite}, {SensorDelete, ScopeSensorsWrite}, {SensorShare, ScopeSensorsWrite},
	{ReadingsRead, ScopeReadingsRead}, {ReadingsWrite, ScopeReadingsWrite},
	{DeviceRead, ScopeDevicesRead}, {DeviceWrite, ScopeDevicesWrite}, {DeviceDelete, ScopeDevicesWrite}, {DeviceShare, ScopeDevicesWrite},
	{ApplicationSee, ScopeApplicationsRead}, {ApplicationSettings, ScopeApplicationsWrite}, {ApplicationDelete, ScopeApplicationsWrite},
	{ApplicationCollaborators, ScopeApplicationsWrite}, {ApplicationDevices, onThings("applications", "devices")},
	{MessagesUpRead, onThings("applications", "messages")}, {MessagesUpWrite, onThings("applications", "messages")}, {MessagesDownWrite, onThings("applications", "messages")},
	{GatewaySee, ScopeGatewaysRead}, {GatewaySettings, ScopeGatewaysWrite}, {GatewayCollaborators, ScopeGatewaysWrite}, {GatewayDelete, ScopeGatewaysWrite},
	{GatewayLocation, ScopeGatewaysRead}, {GatewayStatus, ScopeGatewaysRead}, {GatewayOwner, ScopeGatewaysWrite}, {GatewayMessages, onThings("gateways", "messages")},
	{ComponentSee, ScopeComponentsRead}, {ComponentSettings, ScopeComponentsWrite}, {ComponentDelete, ScopeComponentsWrite}, {ComponentCollaborators, ScopeComponentsWrite},
}

// publicRights are what everybody may do with a public thing.
var publicRights = map[Right]bool{SensorRead: true, ReadingsRead: true, GatewaySee: true}

// ScopeOf returns the scope that a credential must hold to use the right.
// An unknown right has a scope that nothing covers.
func ScopeOf(right Right) Scope {
	if bit := bitOf(right); bit >= 0 {
		return rightRules[bit].scope
	}
	return Scope{Noun: "nothing", Verb: string(right)}
}

// ForEverybody reports whether everybody has the right on a public thing.
func (r Right) ForEverybody() bool { return publicRights[r] }

// Noun returns the kind of things that the right is about.
func (r Right) Noun() Noun {
	noun, _, _ := strings.Cut(string(r), "/")
	return Noun(noun)
}

// Name returns what programs call the right: "settings", "gateway:location",
// "readings.read".
func (r Right) Name() string {
	_, name, _ := strings.Cut(string(r), "/")
	return name
}

// Seeing reports whether the right is not given by itself: who has another one
// on the thing has it too.
func (r Right) Seeing() bool { return r == seeing[r.Noun()] }

// seeing is the right that comes with every other one on a thing.
var seeing = map[Noun]Right{NounSensor: SensorRead, NounDevice: DeviceRead, NounApplication: ApplicationSee, NounGateway: GatewaySee, NounComponent: ComponentSee}

// SeeRight returns the right to see things of the kind.
func SeeRight(noun Noun) Right { return seeing[noun] }

// ShareRight returns the right to say who else works on a thing of the kind.
func ShareRight(noun Noun) Right {
	switch noun {
	case NounSensor:
		return SensorShare
	case NounDevice:
		return DeviceShare
	case NounApplication:
		return ApplicationCollaborators
	case NounGateway:
		return GatewayCollaborators
	case NounComponent:
		return ComponentCollaborators
	}
	return "nothing/share"
}

// Rights lists every right, for pages and for tests that walk them all.
func Rights() []Right {
	list := make([]Right, len(rightRules))
	for i, rule := range rightRules {
		list[i] = rule.right
	}
	return list
}

// RightsOn lists the rights on things of one kind.
func RightsOn(noun Noun) []Right {
	return slices.DeleteFunc(Rights(), func(r Right) bool { return r.Noun() != noun })
}

// GivableRights lists the rights on things of one kind that a collaborator
// can be given by name. Seeing comes with any of them; for sensors and devices
// it can also be all that somebody is given.
func GivableRights(noun Noun) []Right {
	if noun == NounSensor || noun == NounDevice {
		return RightsOn(noun)
	}
	return slices.DeleteFunc(RightsOn(noun), Right.Seeing)
}

// RightNamed returns the right on things of the kind that programs call so.
// Unknown names are Invalid (unknown_right).
func RightNamed(noun Noun, name string) (Right, error) {
	for _, right := range GivableRights(noun) {
		if right.Name() == name {
			return right, nil
		}
	}
	names := make([]string, 0, 8)
	for _, right := range GivableRights(noun) {
		names = append(names, right.Name())
	}
	return "", Errorf(Invalid, "unknown_right", "There is no right %q on %s. Possible: %s.", Clip(name), noun.One(), strings.Join(names, ", "))
}

var rightBits = func() map[Right]int {
	bits := make(map[Right]int, len(rightRules))
	for bit, rule := range rightRules {
		bits[rule.right] = bit
	}
	return bits
}()

// bitOf returns the place of the right in the list; -1 for what is none.
func bitOf(right Right) int {
	if bit, known := rightBits[right]; known {
		return bit
	}
	return -1
}
