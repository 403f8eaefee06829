package domain

import "net/netip"

// NetworkOf returns the network that one party is taken to have: a single
// IPv4 address, or the 64 bits of IPv6 that a household is given. It is the
// zero prefix where there is no address.
func NetworkOf(address netip.Addr) netip.Prefix {
	address = address.Unmap().WithZone("")
	bits := address.BitLen()
	if address.Is6() {
		bits = 64
	}
	network, err := address.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return network
}
