package profile_test

import (
	"errors"
	"testing"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/profile"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// A profile chooses the successor, or a custom environment of its platform. The client of a profile
// is not used on the other platform.
func TestProfilesOfTheSuccessor(t *testing.T) {
	server := taegistest.NewServer(t)
	text := "[environments.next]\nplatform = \"fusion\"\napi = \"" + server.Fusion.APIURL + "\"\n" +
		"[environments.old]\nplatform = \"taegis\"\napi = \"" + server.URL + "\"\n" +
		"[profiles.next]\nenvironment = \"next\"\nclient-id = \"" + emulator.DemoSophosClientID + "\"\nclient-secret-variable = \"NEXT_SECRET\"\n" +
		"[profiles.real]\nenvironment = \"fusion\"\n"
	isolate(t)
	t.Setenv(profile.PathVariable, write(t, text))
	t.Setenv("NEXT_SECRET", emulator.DemoSophosClientSecret)
	t.Setenv("CLIENT_ID", emulator.DemoClientID)
	t.Setenv("CLIENT_SECRET", emulator.DemoClientSecret)
	open := func(name string) *taegis.Client {
		options, err := profile.Options(name)
		if err != nil {
			t.Fatal(err)
		}
		client, err := taegis.New(append(options, taegis.WithTokenStore(&tokenstore.Memory{}), taegis.WithNonInteractive("a test"))...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = client.Close() })
		return client
	}
	if env := open("real").Environment(); env.Platform != core.PlatformFusion || env.AuthHost() != "id.sophos.com" {
		t.Errorf("the environment %+v", env)
	}
	client := open("next")
	identity, err := client.Identity(t.Context())
	if err != nil || identity.Type != core.IdentityTenant || client.Environment().Platform != core.PlatformFusion {
		t.Fatalf("%+v, %v", identity, err)
	}
	token, err := client.Token(taegis.ContextWithEnvironment(t.Context(), "old"))
	if want := core.ClientAccount(server.Environment.AuthHost(), emulator.DemoClientID); err != nil || token.Account != want {
		t.Errorf("on Taegis: the account %q, %v, want that of CLIENT_ID", token.Account, err)
	}
	t.Setenv("NEXT_SECRET", "")
	_, err = open("next").Token(t.Context())
	if login, ok := errors.AsType[*core.LoginError](err); !ok || login.Denied {
		t.Errorf("without its secret: %v", err)
	}
}
