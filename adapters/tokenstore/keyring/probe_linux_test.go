package keyring_test

import (
	"context"
	"testing"

	"github.com/godbus/dbus/v5"

	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
)

func TestAProbeOfGnomeKeyring(t *testing.T) {
	startGnomeKeyring(t)
	s := onSecretService(t)
	if backend, err := s.Probe(t.Context()); backend != keyring.SecretService || err != nil {
		t.Errorf("Probe: %q, %v", backend, err)
	}
	var left []dbus.ObjectPath
	ours := map[string]string{"application": "taegis-sdk"}
	if err := connect(t).Object(secrets, login).Call("org.freedesktop.Secret.Collection.SearchItems", 0, ours).Store(&left); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	lockCollection(t)
	s = again(s)
	s.NonInteractive = true
	_, err := s.Probe(t.Context())
	wantError(t, err, keyring.ErrLocked, "prompting is disabled")
}

func TestAProbeOfPass(t *testing.T) {
	s := onPass(t)
	probe := func(ctx context.Context, noInput bool) {
		t.Helper()
		s.NonInteractive = noInput
		if backend, err := s.Probe(ctx); backend != keyring.Pass || err != nil {
			t.Errorf("Probe: %q, %v", backend, err)
		}
		if out, err := run(t, "pass", "ls", "taegis-sdk/acme"); err == nil {
			t.Errorf("left behind: %s", out)
		}
	}
	probe(t.Context(), true)
	probe(t.Context(), false)
}
