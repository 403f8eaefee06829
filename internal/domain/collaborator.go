package domain

import "time"

// Collaborator is a user with rights on somebody's thing.
type Collaborator struct {
	User    UserID
	Name    string
	Email   string // for who may see it; empty otherwise
	Rights  RightSet
	Owner   bool // the one who cannot lose his rights but by leaving the thing to another
	AddedAt time.Time
}

// MaxCollaborators is how many people work on one thing at most.
const MaxCollaborators = 200

// CreatorRights are what whoever makes an application, gateway or component
// is noted with as its collaborator. As its owner he may do everything.
func CreatorRights(noun Noun) RightSet {
	if noun == NounApplication {
		return SetOf(ApplicationSettings, ApplicationDelete, ApplicationCollaborators, ApplicationDevices)
	}
	return AllRights(noun)
}

// Sharing is what is about to change about who works on a thing, as it all
// stands in the transaction.
type Sharing struct {
	Thing  Thing  // Given is what the asking user has
	User   UserID // whose rights change
	Owner  bool   // they are the owner's
	Before RightSet
	After  RightSet // empty: he is no longer a collaborator
}

// Added returns the rights that he did not have before.
func (s Sharing) Added() RightSet { return s.After &^ s.Before }

// Keeps reports whether somebody with the rights can take over a thing of the
// kind when its owner leaves.
func (set RightSet) Keeps(noun Noun) bool { return CreatorRights(noun).Within(set) }

// Leavable reports whether the owner of such a thing can leave it to another
// collaborator. Sensors and devices stay with theirs.
func (n Noun) Leavable() bool { return n != NounSensor && n != NounDevice }
