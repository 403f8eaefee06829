package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/resourceserver/application"
	"github.com/thingward/thingward/internal/resourceserver/gateway"
	"github.com/thingward/thingward/internal/secret"
)

// Applications makes applications, and end devices and access keys in them.
type Applications interface {
	Create(ctx context.Context, c domain.Caller, wanted application.New) (domain.Application, error)
	Find(ctx context.Context, c domain.Caller, ref string) (domain.Application, error)
	Register(ctx context.Context, c domain.Caller, ref string) error
	CreateAccessKey(ctx context.Context, c domain.Caller, ref, name string, rights domain.RightSet) (domain.AccessKey, secret.Secret, error)
	CreateEndDevice(ctx context.Context, c domain.Caller, ref string, d domain.EndDevice) (domain.EndDevice, error)
}

// Gateways registers gateways.
type Gateways interface {
	Create(ctx context.Context, c domain.Caller, wanted gateway.New) (domain.Gateway, secret.Secret, error)
}

// Components registers components.
type Components interface {
	Create(ctx context.Context, c domain.Caller, kind domain.ComponentKind, name string) (domain.Component, error)
}

// Collaborators lets people work on the things of others.
type Collaborators interface {
	Set(ctx context.Context, c domain.Caller, noun domain.Noun, ref, user string, rights domain.RightSet) (domain.Collaborator, error)
}

// demoApplication is an application with what belongs to it.
type demoApplication struct {
	owner   owner
	wanted  application.New
	devices []endDevice
	keys    map[string]domain.RightSet // beside the default key
}

// endDevice is what the demo says of an end device; the rest is made.
type endDevice struct {
	name, description string
	at                place
	model             string
}

func applications() []demoApplication {
	readers := map[string]domain.RightSet{"flood dashboard": domain.SetOf(domain.MessagesUpRead), "commissioning laptop": domain.SetOf(domain.ApplicationDevices, domain.ApplicationSettings)}
	return []demoApplication{
		{owner: alice, wanted: application.New{Name: "havenmouth-floods", Description: "Water levels and soaked ground, before cellars fill."}, keys: readers, devices: []endDevice{
			{"level-alder-bridge", "Ultrasonic level under the middle arch", alderBridge, "distance gauge"},
			{"level-upper-weir", "Pressure probe above the weir", upperWeir, "pressure probe"},
			{"level-old-harbour", "Radar level at the lock gate", oldHarbour, "radar gauge"},
			{"soil-quarry-park", "Soil moisture at three depths", quarryPark, "soil probe"},
			{"rain-westmoor", "Rain gauge on the upper catchment", westmoor, "tipping bucket"},
			{"well-hillside", "Depth to groundwater", hillside, "pressure probe"},
		}},
		{owner: alice, wanted: application.New{Name: "street-trees", Description: "Tells the gardeners which young trees are thirsty."}, devices: []endDevice{
			{"lime-cathedral-1", "Small-leaved lime by the south door", cathedral, "soil probe"},
			{"lime-cathedral-2", "Small-leaved lime by the bus stop", cathedral, "soil probe"},
			{"plane-market-1", "London plane, the one with the bench", market, "soil probe"},
			{"cherry-station-1", "Cherry outside the ticket office", stationRoad, "soil probe"},
		}},
		{owner: bob, wanted: application.New{Name: "parking-bays", Description: "Which bays are free, seen by what lies under them."}, devices: []endDevice{
			{"bay-market-01", "Disabled bay at the pharmacy", market, "magnetometer"},
			{"bay-market-02", "Loading bay", market, "magnetometer"},
			{"bay-northgate-01", "Park and ride, first row", northgate, "magnetometer"},
		}},
	}
}

func gateways() []gateway.New {
	location := func(p place, above float64) *domain.Location {
		return &domain.Location{Latitude: p.lat, Longitude: p.lng, Altitude: int32(p.height + above)}
	}
	outdoors := func(model, antenna, description string) map[string]string {
		return map[string]string{"brand": "Havenmouth Radio Workshop", "model": model, "placement": "outdoor", "antenna_type": "omnidirectional", "antenna_model": antenna, "description": description}
	}
	return []gateway.New{
		{Name: "gw-lighthouse", FrequencyPlan: "EU_863_870", Antenna: location(lighthouse, 31), Router: "havenmouth-router", LocationPublic: true, StatusPublic: true, OwnerPublic: true,
			AutoUpdate: true, Attributes: outdoors("HRW-8", "8 dBi fibreglass", "On the gallery of the lighthouse. Sees the whole bay.")},
		{Name: "gw-university-roof", FrequencyPlan: "EU_863_870", Antenna: location(university, 18), Router: "havenmouth-router", StatusPublic: true,
			Attributes: outdoors("HRW-16", "6 dBi fibreglass", "Roof of the Institute of Geography. The key to the door is with the caretaker.")},
		{Name: "gw-council-cellar", FrequencyPlan: "EU_863_870", Antenna: location(market, -3), Attributes: map[string]string{"placement": "indoor", "model": "HRW-1",
			"description": "For the meters in the vaults. Works when the door is open."}},
	}
}

// collaboration is somebody who works on a thing of somebody else.
type collaboration struct {
	owner  owner
	noun   domain.Noun
	thing  string
	user   owner
	rights domain.RightSet
}

func collaborations() []collaboration {
	return []collaboration{
		{alice, domain.NounApplication, "havenmouth-floods", bob, domain.SetOf(domain.ApplicationDevices)},
		{alice, domain.NounGateway, "gw-university-roof", carla, domain.SetOf(domain.GatewaySettings, domain.GatewayLocation, domain.GatewayStatus)},
		{alice, domain.NounGateway, "gw-council-cellar", bob, domain.SetOf(domain.GatewayStatus)},
		{bob, domain.NounApplication, "parking-bays", alice, domain.SetOf(domain.ApplicationSettings, domain.ApplicationDevices)},
		{alice, domain.NounSensor, "alice.greenhouse", carla, domain.SetOf(domain.SensorRead, domain.ReadingsRead)},
	}
}

// addNetwork makes applications, gateways and components, and lets people work
// on those of others. A Conflict says that an earlier run made a thing.
func (f *filler) addNetwork(ctx context.Context) error {
	for _, a := range applications() {
		if err := f.addApplication(ctx, a); err != nil {
			return fmt.Errorf("application %s: %w", a.wanted.Name, err)
		}
	}
	for _, g := range gateways() {
		if _, _, err := f.Gateways.Create(ctx, f.callers[alice], g); unexpected(err) {
			return fmt.Errorf("gateway %s: %w", g.Name, err)
		}
	}
	for name, kind := range map[string]domain.ComponentKind{"havenmouth-handler": domain.HandlerComponent, "havenmouth-router": domain.RouterComponent} {
		if _, err := f.Components.Create(ctx, f.callers[alice], kind, name); unexpected(err) {
			return fmt.Errorf("component %s: %w", name, err)
		}
	}
	for _, s := range collaborations() {
		if _, err := f.Collaborators.Set(ctx, f.callers[s.owner], s.noun, s.thing, string(s.user), s.rights); err != nil {
			return fmt.Errorf("share %s with %s: %w", s.thing, s.user, err)
		}
	}
	return nil
}

func unexpected(err error) bool { return err != nil && !domain.IsKind(err, domain.Conflict) }

func (f *filler) addApplication(ctx context.Context, a demoApplication) error {
	c, name := f.callers[a.owner], a.wanted.Name
	if _, err := f.Applications.Create(ctx, c, a.wanted); unexpected(err) {
		return err
	}
	if err := f.Applications.Register(ctx, c, name); unexpected(err) {
		return err
	}
	made, err := f.Applications.Find(ctx, c, name)
	if err != nil {
		return err
	}
	for key, rights := range a.keys {
		if _, _, err := f.Applications.CreateAccessKey(ctx, c, name, key, rights); unexpected(err) {
			return err
		}
	}
	for i, d := range a.devices {
		if _, err := f.Applications.CreateEndDevice(ctx, c, name, f.endDevice(made, i, d)); unexpected(err) {
			return fmt.Errorf("end device %s: %w", d.name, err)
		}
	}
	return nil
}

// endDevice completes an end device: it joins over the air with a key of its
// own, and was heard a while ago.
func (f *filler) endDevice(a domain.Application, number int, d endDevice) domain.EndDevice {
	up := uint32(1200 + 311*number)
	heard := f.now.Add(-time.Duration(7+13*number) * time.Minute)
	return domain.EndDevice{Name: d.name, Description: d.description, AppEUI: a.EUIs[0], DevEUI: fmt.Sprintf("70B3D57ED%03X%04X", a.ID%0x1000, 0x1A0+number),
		DevAddr: fmt.Sprintf("26011%03X", 0x2C0+0x11*number), Latitude: d.at.lat, Longitude: d.at.lng, Altitude: int32(d.at.height),
		Attributes: map[string]string{"model": d.model, "place": d.at.name}, Constraints: "otaa", WideCounter: true, CounterUp: up, CounterDown: up / 40, LastSeen: heard.UnixNano(),
		Keys: domain.EndDeviceKeys{App: networkKey(), AppSession: networkKey(), NetworkSession: networkKey()}}
}

// networkKey makes 128 random bits in hexadecimal digits.
func networkKey() secret.Secret { return secret.New(fmt.Sprintf("%032X", secret.RandomBytes(16))) }
