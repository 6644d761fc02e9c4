package taegis_test

import (
	"strings"
	"testing"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/services/clients"
)

// The client logs a deprecated operation once, in whichever way it is called.
func TestDeprecatedOperationsAreLoggedByTheClient(t *testing.T) {
	d := newLoginServer(t)
	d.asClient()
	c := d.client(t)
	for range 2 {
		if _, err := taegis.Query[any](t.Context(), c, &clients.OpClients, nil, "id"); err != nil {
			t.Fatal(err)
		}
		if _, err := clients.New(c).Clients(t.Context(), clients.ClientsArgs{}); err != nil { //nolint:staticcheck // that it is deprecated is the case
			t.Fatal(err)
		}
		call(t, c)
	}
	if log := d.log.String(); strings.Count(log, "a deprecated operation is called") != 1 || !strings.Contains(log, `operation=clients replacement="use clientsSearchResults"`) {
		t.Errorf("logged %s", log)
	}
	call(t, d.client(t))
	if strings.Count(d.log.String(), "deprecated") != 1 {
		t.Errorf("another operation: %s", d.log.String())
	}
}
