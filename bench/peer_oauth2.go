package main

import (
	"time"

	"golang.org/x/oauth2"
)

// oauth2Tokens is what golang.org/x/oauth2 keeps a token with.
func oauth2Tokens(token string) (tokens, error) {
	fresh := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token, Expiry: time.Now().Add(time.Hour)})
	source := oauth2.ReuseTokenSource(nil, fresh)
	return func(n int) error {
		for range n {
			if _, err := source.Token(); err != nil {
				return err
			}
		}
		return nil
	}, nil
}
