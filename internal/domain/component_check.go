package domain

import "slices"

// ComponentKinds lists the kinds of components.
func ComponentKinds() []ComponentKind {
	return []ComponentKind{HandlerComponent, RouterComponent, BrokerComponent}
}

// Check refuses a component that is not valid: an unknown kind, a name that
// is no id.
func (c Component) Check() error {
	if !slices.Contains(ComponentKinds(), c.Kind) {
		return InvalidField("kind", "The kind of a component is handler, router or broker, and not %q.", Clip(string(c.Kind)))
	}
	return CheckNetworkName("id", c.Name)
}
