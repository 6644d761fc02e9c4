package profile_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/profile"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

func TestTenants(t *testing.T) {
	f := load(t, `accounts = { "145831" = "acme", "145848" = 'acme' }
[profiles.acme]
[tenants.gold]
ids = ["1"]
names = ["Acme*"]
services = ["*MDR*"]
labels = ["tier=gold", "\"color=red\""]
partners = ["5"]
organizations = ["6"]
regions = ["us1"]
licenses = ["MDR"]
`)
	selection, err := f.SelectionOf("gold")
	want := []string{"id=1", "name=Acme*", "service=*MDR*", "label:tier=gold", "label:color=red", "partner=5", "organization=6", "region=us1", "license=MDR"}
	if err != nil || !slices.Equal(selection.Terms(), want) {
		t.Errorf("%q, %v", selection.Terms(), err)
	}
	if len(f.Accounts) != 2 || f.Accounts["145848"] != "acme" {
		t.Errorf("%v", f.Accounts)
	}
	for name, hint := range map[string]string{"golf": "did you mean gold?", "silver": "use one of gold"} {
		if _, err := f.SelectionOf(name); !errors.Is(err, profile.ErrUnknownTenants) || !strings.Contains(err.Error(), hint) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (&profile.File{}).SelectionOf("gold"); !strings.Contains(err.Error(), "add a table [tenants.gold]") {
		t.Error(err)
	}
}

func TestTenantsErrors(t *testing.T) {
	for text, want := range map[string]string{
		"accounts = { \"1\" = \"acme\" }\n":                           `:1: accounts.1: unknown profile "acme": create a profile`,
		"[profiles.acme]\n\n[accounts]\n\"1\" = \"acne\"\n":           `:4: accounts.1: unknown profile "acne": did you mean acme?`,
		"[profiles.acme]\n[accounts]\n2 = \"acme\"\n1 = \"x\"\n":      `:4: accounts.1: unknown profile "x"`,
		"[accounts]\n\"Acme Inc\" = \"acme\"\n":                       `:2: accounts.Acme Inc: "Acme Inc" is not the id of a tenant`,
		"[tenants.\"a b\"]\nids = [\"1\"]\n":                          `tenants: "a b" cannot be a name`,
		"\n[tenants.all]\nids = [\"1\"]\n":                            `:2: tenants.all: the name "all" is taken`,
		"[tenants.gold]\n":                                            `:1: tenants.gold: it selects nothing`,
		"[tenants.gold]\nids = []\n":                                  `:1: tenants.gold: it selects nothing`,
		"[tenants.gold]\nids = [\"1,2\"]\n":                           `:2: tenants.gold.ids: "1,2" is not the id of a tenant`,
		"[tenants.gold]\nids = [145831]\n":                            `:2: `,
		"[tenants.gold]\nnames = [\"\"]\n":                            `:2: tenants.gold.names: a value is empty`,
		"[tenants.gold]\nids = [\"1\"]\n\nlabels = [\"gold\"]\n":      `:4: tenants.gold.labels: "gold" is not a label: write it as "NAME=VALUE"`,
		"[tenants.gold]\nregions = [\n\"us1\",\n\"mars\"]\n":          `:2: tenants.gold.regions: unknown environment "mars"`,
		"[tenants.gold]\ncolor = [\"red\"]\n":                         `:2: unknown key "tenants.gold.color": use one of ids, names`,
		"[ tenants . \"gold\" ]\nlabels=[\"x\"]\n[tenants.silver]\n":  `:2: tenants.gold.labels: `,
		"tenants = { gold = { labels = [\"x\"] } }\n":                 `tenants.gold.labels: "x" is not a label`,
		"[tenants.a]\nids = [\"1\"]\n[tenants.b]\nlabels = [\"x\"]\n": `:4: tenants.b.labels: `,
	} {
		_, err := profile.LoadFile(t.Context(), write(t, text))
		if fault, ok := errors.AsType[*core.FileError](err); !ok || !strings.Contains(fault.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// TestEditKeepsTenants holds that other edits of the file keep accounts and selections.
func TestEditKeepsTenants(t *testing.T) {
	f := load(t, "[profiles.acme]\n[accounts]\n\"1\" = \"acme\" # theirs\n[tenants.gold]\nlabels = [\"tier=gold\"]\n")
	if err := f.SetKey("acme", "environment", "delta"); err != nil {
		t.Fatal(err)
	}
	if f.Accounts["1"] != "acme" || f.Tenants["gold"].Labels[0] != "tier=gold" || f.Profiles["acme"].Environment != "delta" {
		t.Errorf("%+v", f)
	}
	if err := f.DeleteProfile("acme"); err == nil || !strings.Contains(err.Error(), `accounts.1: unknown profile "acme"`) {
		t.Errorf("a profile that is an account was deleted: %v", err)
	}
}

// TestResolveAccount holds that an account of a tenant never uses the credentials of another one, nor
// its stored token.
func TestResolveAccount(t *testing.T) {
	server := taegistest.NewServer(t, func(c *emulator.Config) {
		c.Clients = append(emulator.DemoClients(), emulator.Client{ID: "acme-client", Secret: "acme-secret", Tenant: "7"})
	})
	f := load(t, `profile = "work"
[profiles.work]
[profiles.acme]
environment = "lab"
client-id = "acme-client"
client-secret-variable = "ACME_SECRET"
[profiles.named]
environment = "lab"
client-id = "acme-client"
client-secret-variable = "CLIENT_SECRET"
[profiles.none]
environment = "lab"
chain = ["client-credentials"]
[environments.lab]
api = "`+server.URL+`"
`)
	env := map[string]string{
		"CLIENT_ID": emulator.DemoClientID, "CLIENT_SECRET": emulator.DemoClientSecret, "ACME_SECRET": "acme-secret",
		"TAEGIS_PROFILE": "none", "TAEGIS_ENVIRONMENT": "delta", "TAEGIS_TENANT_ID": "145831",
		"TAEGIS_ACCESS_TOKEN": "of-another-account",
	}
	config := filepath.Join(t.TempDir(), "config")
	other, err := taegis.New(taegis.WithBaseURL(server.URL), taegis.WithEnvironment("lab"), taegis.WithConfigFile(config),
		taegis.WithAuthenticators(&authn.ClientCredentials{ID: emulator.DemoClientID, Secret: core.NewSecret(emulator.DemoClientSecret)}))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.Token(t.Context()); err != nil { // which stores it
		t.Fatal(err)
	}
	for name, want := range map[string]string{"acme": "acme-client", "named": "", "none": ""} {
		t.Run(name, func(t *testing.T) {
			if name == "named" {
				env["CLIENT_SECRET"] = "acme-secret"
				want = "acme-client"
			}
			settings, err := f.ResolveAccount(name, profile.Overrides{
				Environment: "echo", Tenant: "1", NonInteractive: true, LookupEnv: variables(env),
			})
			if err != nil || settings.Profile != name || settings.Value("environment").Text != "lab" || settings.Value("tenant").Text != "" {
				t.Fatalf("%+v, %v", settings, err)
			}
			client, err := taegis.New(append(settings.Options, taegis.WithNonInteractive("test"), taegis.WithConfigFile(config))...)
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			token, err := client.Token(t.Context())
			claims, _ := token.Claims()
			if claims.ClientID != want || (want == "") != (err != nil) {
				t.Errorf("a token of %q, %v, want one of %q", claims.ClientID, err, want)
			}
		})
	}
}
