package domain

// Connection is a living grant with what it was given to: a key or a client.
type Connection struct {
	Grant  Grant
	Key    *Key    // of a key: its id, description and addresses
	Client *Client // of a client: what everybody may know of it
	// Standing says that the client acts by its own credentials for the user
	// who owns it: it comes back when the client asks again.
	Standing bool
	// Things says what people call the things in the scopes of the grant, by
	// what the scopes call them, where that differs.
	Things map[string]string
}

// CheckConnectionName accepts 1 to 60 characters on one line.
func CheckConnectionName(name string) error {
	if CheckKeyName(name) != nil {
		return InvalidField("name", "A connection needs a name of 1 to 60 characters, on one line.")
	}
	return nil
}
