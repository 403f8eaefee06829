package domain

// Entity is an application, gateway or component as a list of what somebody
// works on has it.
type Entity struct {
	Noun   Noun
	ID     int64
	Name   string   // what programs call its id
	Rights RightSet // of whose list it is
}
