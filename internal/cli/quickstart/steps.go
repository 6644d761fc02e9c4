package quickstart

import (
	"context"
	"errors"
	"fmt"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/clients"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// step performs one step of the tour and returns its description.
type step func(context.Context) (string, error)

func (t *tour) steps() []step {
	return []step{t.start, t.oauth, t.cached, t.singleSignOn, t.password, t.createClient, t.logInAsCreated, t.clear}
}

func (t *tour) start(context.Context) (what string, err error) {
	t.server, err = emulator.Start("127.0.0.1:0", emulator.Config{Device: emulator.Device{ApproveAfter: approvalTime}})
	if err != nil {
		return "", err
	}
	if t.demo.platform == core.PlatformFusion {
		return "fusion runs at " + t.base(), nil
	}
	return "Taegis runs at " + t.base(), nil
}

var demoClient = clientCredentials{id: emulator.DemoClientID, secret: emulator.DemoClientSecret}

// oauth logs in with the variables of a client.
func (t *tour) oauth(ctx context.Context) (string, error) {
	id, secret := t.demo.platform.ClientSettings()
	return "OAuth: logged in with " + id + " and " + secret, t.use(t.demo.variables(), func(c *taegis.Client) error {
		_, err := c.Token(ctx)
		return err
	})
}

// cached shows that a second client uses the cached token.
func (t *tour) cached(ctx context.Context) (string, error) {
	before := len(t.server.Requests())
	return "cached token: a second client read it from the file without a login", t.use(t.demo.variables(), func(c *taegis.Client) error {
		if _, err := c.Token(ctx); err != nil {
			return err
		}
		if len(t.server.Requests()) != before {
			return errors.New("the second client logged in again instead of using the cached token")
		}
		return nil
	})
}

func (t *tour) singleSignOn(ctx context.Context) (string, error) {
	return t.login(ctx, emulator.DemoSSOUser, "SSO: %s opened the verification page and approved")
}

func (t *tour) password(ctx context.Context) (string, error) {
	return t.login(ctx, emulator.DemoMFAUser, "password and MFA: %s typed both")
}

// login logs a user in with the method that the server returns for the user.
func (t *tour) login(ctx context.Context, name, what string) (string, error) {
	return fmt.Sprintf(what, name), t.use(nil, func(c *taegis.Client) error {
		_, err := c.Login(ctx)
		return err
	}, taegis.WithAuthenticators(&authn.Interactive{Username: name}))
}

// user returns a prompt that answers in place of a user.
func (t *tour) user() core.Prompt {
	return core.Prompt{
		ShowVerification: func(context.Context, core.Verification) error { return nil }, // the emulator approves without a user
		AskSecret: func(_ context.Context, label string) (core.Secret, error) {
			if label == "Password: " {
				return core.NewSecret(emulator.DemoPassword), nil
			}
			return core.NewSecret(emulator.DemoMFACode), nil
		},
	}
}

// createClient creates an OAuth client.
func (t *tour) createClient(ctx context.Context) (string, error) {
	return "created the client my_awesome_app", t.use(demoClient.variables(), func(client *taegis.Client) error {
		made, err := clients.New(client).CreateClient(ctx, clients.CreateClientArgs{Name: "my_awesome_app"})
		if err != nil {
			return err
		}
		t.created = clientCredentials{id: made.Client.ClientID, secret: made.ClientSecret}
		return nil
	})
}

// logInAsCreated shows that the new client works.
func (t *tour) logInAsCreated(ctx context.Context) (string, error) {
	return "logged in as my_awesome_app and made a call", t.use(t.created.variables(), func(client *taegis.Client) error {
		found, err := clients.New(client).ClientsSearch(ctx, clients.ClientsSearchArgs{
			Filters: &clients.ClientsSearchInput{Name: new("my_awesome_app")},
		})
		if err != nil {
			return err
		}
		if len(found.Results) != 1 || found.Results[0].ClientID != t.created.id {
			return fmt.Errorf("the search found %d clients in place of the one that was created", len(found.Results))
		}
		return nil
	})
}

func (t *tour) clear(ctx context.Context) (string, error) {
	return "cleared the cached tokens", t.use(nil, func(c *taegis.Client) error { return c.ClearTokens(ctx) })
}

// use creates a client, passes it to work and closes it.
func (t *tour) use(variables map[string]string, work func(*taegis.Client) error, further ...taegis.Option) error {
	client, err := t.client(variables, further...)
	if err != nil {
		return err
	}
	return errors.Join(work(client), client.Close())
}
