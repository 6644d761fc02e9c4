package tokenstore

import "testing"

func TestUnmarkedTokenMayGoTo(t *testing.T) {
	for _, c := range []struct {
		section, host string
		want          bool
	}{
		{"charlie", "api.ctpx.secureworks.com", true},
		{"us1", "api.ctpx.secureworks.com", true},
		{"charlie", "api.delta.taegis.secureworks.com", false},
		{"charlie", "evil.example", false},
		{"charlie", "127.0.0.1:8080", true},
		{"charlie", "[::1]:8080", true},
		{"charlie", "localhost", true},
		{"universal", "api.taegis.secureworks.com", true},
		{"universal", "api.ctpx.secureworks.com", false},
		{"lab", "lab.example", false},
		{"lab", "", false},
	} {
		if got := (entry{section: c.section}).mayGoTo(c.host); got != c.want {
			t.Errorf("the section %q, the host %q: %v", c.section, c.host, got)
		}
	}
}
