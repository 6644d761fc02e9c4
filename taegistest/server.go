package taegistest

import (
	"testing"

	"github.com/taegis-go/taegis/taegistest/emulator"
)

// NewServer starts an emulator of Taegis and of its successor on a free port of 127.0.0.1, and
// closes it when the test ends. The test fails if [emulator.Emulator.Violations] returns any.
// NewServer applies the changes to a zero [emulator.Config], which accepts the identities
// [emulator.DemoClientID], [emulator.DemoUser] and others. If the server cannot start, it ends the
// test.
func NewServer(t testing.TB, changes ...func(*emulator.Config)) *emulator.Server {
	t.Helper()
	var config emulator.Config
	for _, change := range changes {
		change(&config)
	}
	server, err := emulator.Start("127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Close()
		for _, violation := range server.Violations() {
			t.Errorf("emulator: %s", violation)
		}
	})
	return server
}
