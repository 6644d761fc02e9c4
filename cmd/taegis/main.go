// The command taegis logs in to Taegis XDR and calls its APIs.
package main

import (
	"os"

	"github.com/taegis-go/taegis/internal/cli"
)

func main() { os.Exit(cli.Main()) }
