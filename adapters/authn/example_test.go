package authn_test

import (
	"log"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
)

// A token from another program, and single sign-on behind it.
func ExampleCredentialProcess() {
	client, err := taegis.New(taegis.WithAuthenticators(
		&authn.CredentialProcess{Command: []string{"/usr/local/bin/acme-token", "--json"}, Env: []string{"HOME"}},
		&authn.DeviceCode{},
	))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
}
