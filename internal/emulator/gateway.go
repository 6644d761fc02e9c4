package emulator

import "fmt"

type gateway struct{}

func (g *gateway) serve(*exchange)                {}
func newGateways(e *Emulator) map[string]*gateway { return nil }
func operationNames(b []byte) []string            { return nil }

type sockets struct{}

func (sockets) closeAll()             {}
func errNoSuchClient(id string) error { return fmt.Errorf("no client %s", id) }
