// Bare is a plugin of go-plugin alone that gives out a token.
package main

import (
	"github.com/taegis-go/taegis/bench/bare"
	"github.com/taegis-go/taegis/bench/server"
)

func main() { bare.Serve(server.Token()) }
