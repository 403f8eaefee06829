package ttn

// applicationActs are the applications, their EUIs, collaborators and access keys.
func (d *Door) applicationActs() []act { return nil }
