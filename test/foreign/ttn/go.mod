// What programs of The Things Network were built with in 2017. This module is
// on its own, so that nothing of it gets into Thingward.
module foreign/ttn

go 1.26.0

require (
	github.com/dgrijalva/jwt-go v3.2.0+incompatible
	golang.org/x/oauth2 v0.0.0-20170928010508-bb50c06baba3
)

require (
	github.com/golang/protobuf v1.5.2 // indirect
	golang.org/x/net v0.62.0 // indirect
	google.golang.org/appengine v1.6.8 // indirect
	google.golang.org/protobuf v1.26.0 // indirect
)
