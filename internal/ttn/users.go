package ttn

// userActs are the caller's account and the clients that act for him.
func (d *Door) userActs() []act { return nil }
