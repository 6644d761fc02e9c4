package plugins_test

import (
	"testing"
	"time"
)

func TestRoundTrip(t *testing.T) {
	s := play(t, "opaque")
	p := s.open(t)
	for range 3 {
		start := time.Now()
		token, err := p.Authenticate(t.Context(), s.request())
		if err != nil || token.AccessToken.Reveal() != "opaque" || token.Origin != "plugin:opaque" {
			t.Fatalf("%+v, %v", token, err)
		}
		t.Log(time.Since(start))
	}
	start := time.Now()
	p.Close()
	t.Log("close", time.Since(start))
}
