package demo

import (
	"fmt"

	"github.com/thingward/thingward/internal/authserver/account"
	"github.com/thingward/thingward/internal/secret"
)

// owner is the name of somebody who owns stations.
type owner string

// The people of the demo. The first who is no administrator owns things of
// every kind.
const (
	operator owner = "operator"
	alice    owner = "alice"
	bob      owner = "bob"
	carla    owner = "carla"
)

type person struct {
	name        owner
	displayName string
	admin       bool
	subscribes  []string // to sensors of others
}

func people() []person {
	return []person{
		{operator, "Dana Whitlock (City Data Office)", true, nil},
		{alice, "Alice Penrose (Environment)", false, []string{"bob.bikes-alder-bridge", "carla.well-hillside"}},
		{bob, "Bob Tremayne (Roads and Transport)", false, []string{"alice.weather-university-hill", "alice.rain-quarry-park"}},
		{carla, "Carla Ferreira (Harbour and University)", false, []string{"alice.tide-old-harbour", "alice.weather-lighthouse"}},
	}
}

func (p person) account(password secret.Secret) account.NewUser {
	return account.NewUser{Name: string(p.name), Email: string(p.name) + "@havenmouth.example", DisplayName: p.displayName,
		TimeZone: cityZone, Password: password, Admin: p.admin}
}

// words are easy to say and to type. Three of them and three digits make a
// password of 28 bits: enough behind throttled sign-in, for a demo.
var words = []string{
	"amber", "anchor", "apple", "barley", "basil", "beacon", "birch", "bramble", "breeze", "candle", "cedar", "cherry", "clover", "cobalt", "copper", "coral",
	"cricket", "daisy", "dapple", "ember", "falcon", "fennel", "ferry", "finch", "garnet", "ginger", "harbour", "hazel", "heron", "indigo", "island", "ivory",
	"jasper", "juniper", "kestrel", "lagoon", "lantern", "linden", "lupin", "maple", "meadow", "nectar", "nutmeg", "olive", "opal", "orchid", "otter", "pebble",
	"pepper", "pigeon", "plover", "quartz", "raven", "saffron", "sorrel", "sparrow", "thistle", "timber", "topaz", "tulip", "velvet", "walnut", "willow", "yarrow",
}

// easyPassword makes a password like "heron-maple-tulip-407".
func easyPassword() secret.Secret {
	chance := secret.RandomUint64()
	pick := func() string {
		word := words[chance%uint64(len(words))]
		chance /= uint64(len(words))
		return word
	}
	first, second, third := pick(), pick(), pick()
	return secret.New(fmt.Sprintf("%s-%s-%s-%03d", first, second, third, chance%1000))
}
