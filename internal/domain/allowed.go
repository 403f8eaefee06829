package domain

// Allowed is what comes of a person's yes to a client: the grant, and what
// the client is handed for it. One of Code, Token and Device is set.
type Allowed struct {
	Grant  Grant // without an id: a new one
	Change bool  // an existing grant becomes what is given
	Code   *AuthorizationCode
	Token  *AccessToken
	Device *DeviceYes // the client gets its tokens when it polls next
}
