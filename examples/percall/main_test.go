package main

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// The variables point the program at a server on loopback; it is otherwise as it is.
func TestEachCallGoesOutAsItsContextSays(t *testing.T) {
	server := taegistest.NewServer(t, func(c *emulator.Config) { c.AnyTenant = true })
	for name, value := range map[string]string{
		"TAEGIS_API_URL": server.URL, "TAEGIS_CONFIG_FILE": filepath.Join(t.TempDir(), "config"), "TAEGIS_NO_INPUT": "1",
		"TAEGIS_ENVIRONMENT": "", "TAEGIS_TENANT_ID": "", "TAEGIS_ACCESS_TOKEN": "", "TAEGIS_CA_BUNDLE": "",
		"CLIENT_ID": emulator.DemoClientID, "CLIENT_SECRET": emulator.DemoClientSecret,
	} {
		t.Setenv(name, value)
	}
	if err := run(t.Context()); err != nil {
		t.Fatal(err)
	}
	var tenants, traces []string
	first := ""
	for _, r := range server.Requests() {
		if slices.Contains(r.Operations, "alertsServiceSearch") {
			tenants, traces = append(tenants, r.Tenant), append(traces, r.Header.Get("X-Amzn-Trace-Id"))
			if first == "" {
				first = r.ID
			}
		}
	}
	if want := []string{"11111", "22222", ""}; !slices.Equal(tenants, want) {
		t.Errorf("tenants %q, want %q", tenants, want)
	}
	if want := []string{"", first, first}; !slices.Equal(traces, want) {
		t.Errorf("links %q, want %q", traces, want)
	}
}
