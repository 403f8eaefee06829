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
