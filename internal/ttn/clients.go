package ttn

// clientActs are the caller's OAuth clients.
func (d *Door) clientActs() []act { return nil }
