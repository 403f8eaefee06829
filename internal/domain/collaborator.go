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
