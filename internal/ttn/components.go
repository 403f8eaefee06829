package ttn

// componentActs are the network components and the frequency plans.
func (d *Door) componentActs() []act { return nil }
