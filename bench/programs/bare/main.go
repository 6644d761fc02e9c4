// Bare is a plugin that uses go-plugin only and returns a token.
package main

import (
	"github.com/taegis-go/taegis/bench/bare"
	"github.com/taegis-go/taegis/bench/server"
)

func main() { bare.Serve(server.Token()) }
