package domain

import "strings"

// RightSet is a set of rights. The zero set is empty. It is comparable, and
// lives in memory only: PrintRights says it in words.
type RightSet uint64

// SetOf returns the set of the rights, and of seeing the things that they are
// on. Rights that there are not are left out.
func SetOf(rights ...Right) RightSet {
	var set RightSet
	for _, right := range rights {
		if bit := bitOf(right); bit >= 0 {
			set |= 1<<bit | bitsOf(seeing[right.Noun()])
		}
	}
	return set
}

// OnlyOf returns the set of the right alone, without seeing the thing.
func OnlyOf(right Right) RightSet { return bitsOf(right) }

func bitsOf(right Right) RightSet {
	if bit := bitOf(right); bit >= 0 {
		return 1 << bit
	}
	return 0
}

// AllRights returns every right on things of the kind.
func AllRights(noun Noun) RightSet { return allRights[noun] }

// allRights are put together once: every check of an owner asks for them.
var allRights = func() map[Noun]RightSet {
	all := map[Noun]RightSet{}
	for _, noun := range Nouns() {
		all[noun] = SetOf(RightsOn(noun)...)
	}
	return all
}()

// Has reports whether the right is in the set.
func (set RightSet) Has(right Right) bool {
	bit := bitOf(right)
	return bit >= 0 && set&(1<<bit) != 0
}

// Within reports whether every right of the set is in the other one.
func (set RightSet) Within(other RightSet) bool { return set&^other == 0 }

// List returns the rights that can be given by name, in the order of Rights.
// Where nothing but seeing is left, it is that.
func (set RightSet) List() []Right {
	list := []Right{}
	for bit, rule := range rightRules {
		if set&(1<<bit) != 0 && (!rule.right.Seeing() || rule.right.Noun() == NounSensor || rule.right.Noun() == NounDevice) {
			list = append(list, rule.right)
		}
	}
	return list
}

// Each returns every right of the set, seeing included, in the order of Rights.
func (set RightSet) Each() []Right {
	list := []Right{}
	for bit, rule := range rightRules {
		if set&(1<<bit) != 0 {
			list = append(list, rule.right)
		}
	}
	return list
}

// Names returns what programs call the rights of the set.
func (set RightSet) Names() []string {
	names := []string{}
	for _, right := range set.List() {
		names = append(names, right.Name())
	}
	return names
}

// PrintRights says the set by the names of its rights, with spaces between,
// as it is stored.
func (set RightSet) PrintRights() string { return strings.Join(set.Names(), " ") }

// ParseRights reads what PrintRights wrote about a thing of the kind, or
// names that somebody gives. Unknown names are Invalid (unknown_right).
func ParseRights(noun Noun, names ...string) (RightSet, error) {
	var set RightSet
	for _, name := range names {
		right, err := RightNamed(noun, name)
		if err != nil {
			return 0, err
		}
		set |= SetOf(right)
	}
	return set, nil
}
