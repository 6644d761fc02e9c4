package taegis_test

import (
	"errors"
	"testing"

	"github.com/taegis-go/taegis/core"
)

func TestExplainNamesTheAuthenticatorThatEndsTheChain(t *testing.T) {
	d := newLoginServer(t)
	d.asClient()
	steps, err := d.client(t).Explain(t.Context())
	if err != nil || len(steps) != 3 {
		t.Fatalf("%+v, %v", steps, err)
	}
	static, client, interactive := steps[0], steps[1], steps[2]
	if static.EndsChain() || !static.Reached || !errors.Is(static.Err, core.ErrUnavailable) {
		t.Errorf("without an access token: %+v", static)
	}
	if !client.EndsChain() || !client.Reached || client.Err != nil || client.Account == "" {
		t.Errorf("with client credentials: %+v", client)
	}
	if len(client.Settings) != 2 || client.Settings[0].Variable != "CLIENT_ID" || !client.Settings[0].Set {
		t.Errorf("settings: %+v", client.Settings)
	}
	if interactive.Reached {
		t.Errorf("after the step that ends the chain: %+v", interactive)
	}
	d.wantCount(t, tokenRoute, 0)
}
