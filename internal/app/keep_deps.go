//go:build tools

package app

import (
	_ "github.com/zalando/go-keyring"
	_ "golang.org/x/oauth2"
)
