package quickstart

import (
	"context"
	"errors"
	"fmt"
	"strings"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// fusionSteps are the steps with the successor platform, which has no login for users.
func (t *tour) fusionSteps() []step {
	return []step{t.start, t.oauth, t.cached, t.identity, t.callForTenant, t.partner, t.noUsers, t.clear}
}

var (
	demoOfFusion  = clientCredentials{core.PlatformFusion, emulator.DemoSophosClientID, emulator.DemoSophosClientSecret}
	demoOfPartner = clientCredentials{core.PlatformFusion, emulator.DemoSophosPartnerID, emulator.DemoSophosClientSecret}
)

// identity asks what the credentials belong to.
func (t *tour) identity(ctx context.Context) (what string, err error) {
	err = t.use(t.demo.variables(), func(c *taegis.Client) error {
		identity, err := c.Identity(ctx)
		what = fmt.Sprintf("the credentials are those of the %s %s", identity.Type, identity.ID)
		return err
	})
	return what, err
}

// callForTenant makes a call that names no tenant.
func (t *tour) callForTenant(ctx context.Context) (what string, err error) {
	err = t.use(t.demo.variables(), func(c *taegis.Client) error {
		types, err := cmdutil.CaseTypes(ctx, c)
		what = fmt.Sprintf("a call for that tenant returned %d types of cases", types)
		return err
	})
	return what, err
}

// partner logs in with credentials of a partner, for which a call has to choose a tenant.
func (t *tour) partner(ctx context.Context) (what string, err error) {
	err = t.use(demoOfPartner.variables(), func(c *taegis.Client) error {
		_, err := cmdutil.CaseTypes(ctx, c)
		if _, ok := errors.AsType[*core.TenantRequiredError](err); !ok {
			return fmt.Errorf("a call for no tenant with the credentials of a partner: %w", err)
		}
		var tenants []taegis.FusionTenant
		for tenant, err := range c.FusionTenants(ctx) {
			if err != nil {
				return err
			}
			tenants = append(tenants, tenant)
		}
		if len(tenants) == 0 {
			return errors.New("the partner has no tenants")
		}
		what = fmt.Sprintf("a partner's client listed %d %s and made a call for %s", len(tenants),
			cmdutil.Plural(len(tenants), "tenant", "tenants"), tenants[0].Name)
		_, err = cmdutil.CaseTypes(taegis.ContextWithTenant(ctx, tenants[0].ID), c)
		return err
	})
	return what, err
}

// noUsers shows that users cannot log in, and that the error says what to set.
func (t *tour) noUsers(ctx context.Context) (string, error) {
	for _, authenticator := range []ports.Authenticator{&authn.DeviceCode{}, &authn.Password{}, &authn.Interactive{}} {
		err := t.use(nil, func(c *taegis.Client) error {
			_, err := c.Login(ctx)
			return err
		}, taegis.WithAuthenticators(authenticator))
		if !errors.Is(err, core.ErrUnavailable) || !strings.Contains(err.Error(), core.SettingSophosClientID) {
			return "", fmt.Errorf("the login of a user: %w", err)
		}
	}
	return "single sign-on and passwords do not exist there, as the error says", nil
}
