package domain

import "time"

// ComponentID identifies a component of the network. Programs know it by its
// name.
type ComponentID int64

// ComponentKind is what a component does in the network.
type ComponentKind string

// The kinds of components.
const (
	HandlerComponent ComponentKind = "handler"
	RouterComponent  ComponentKind = "router"
	BrokerComponent  ComponentKind = "broker"
)

// Component is a part of the network: a handler, router or broker.
type Component struct {
	ID        ComponentID
	Kind      ComponentKind
	Name      string // 2 to 36 letters and digits; what programs call its id; unique among all components
	Owner     OwnerID
	OwnerName string
	CreatedAt time.Time
	ChangedAt time.Time
	DeletedAt time.Time // zero: there
	Given     RightSet  // what the caller who looked it up was given on it; never stored
}

// Thing returns what the decision needs to know of the component.
func (c Component) Thing() Thing {
	return Thing{Noun: NounComponent, ID: int64(c.ID), Owner: c.Owner, Given: c.Given}
}
