//go:build !unix

package terminal

import "os/exec"

// detach does nothing: the launchers of these systems pass the address to the browser and end at
// once.
func detach(*exec.Cmd) {}
