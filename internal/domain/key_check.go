package domain

// KeyCheck is what it takes to check a key. It is shared between
// callers: nobody may change what its slices hold.
type KeyCheck struct {
	Key       Key
	Passwords []StoredSecret
}

// SealedKeyPassword is the sealed password of a key, with what it was sealed for.
type SealedKeyPassword struct {
	Key    KeyID
	Number int64
	Sealed []byte
}
