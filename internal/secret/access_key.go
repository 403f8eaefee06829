package secret

import "encoding/base64"

// GenerateAccessKey makes an access key of a thing: who issued it, one dot and
// 256 random bits in base64url. Readers take the issuer from the text before
// the dot (The Things Network), so it must have none itself.
func GenerateAccessKey(issuer string) Secret {
	return New(issuer + "." + base64.RawURLEncoding.EncodeToString(RandomBytes(32)))
}
