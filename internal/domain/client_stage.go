package domain

import "time"

// ClientStage is one step of the way that the registration of a client took.
type ClientStage struct {
	Number int // 1, 2, … per client
	At     time.Time
	By     UserID // zero: the operator
	ByName string
	State  ClientState // what it became
	Reason string
}
