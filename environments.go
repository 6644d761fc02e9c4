package taegis

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/core"
)

// target is the environment that a context chooses. The zero target means the client's own.
type target struct {
	name   string
	custom *core.Environment
}

// environmentNamed returns the environment that a name means with the client's options: a custom
// one, one of Taegis, or one that the configuration file has.
func (c *config) environmentNamed(name string) (core.Environment, error) {
	env, err := c.lookUpEnvironment(name)
	switch {
	case c.baseURL == "":
	case err != nil:
		env, err = core.NewEnvironment(name, c.baseURL)
	default:
		env, err = env.WithBaseURL(c.baseURL)
	}
	if err != nil {
		return env, err
	}
	return c.withAuthHost(env), nil
}

// ownEnvironment returns the environment of the client.
func (c *config) ownEnvironment() (core.Environment, error) {
	own, err := c.environmentNamed(c.environment)
	if err == nil && c.universal && own.Platform != core.PlatformTaegis {
		err = unusable("WithUniversalAuth", own.Platform.String()+" has no universal authentication; leave the option out")
	}
	if err == nil {
		err = c.policy.Environment(own)
	}
	return own, err
}

// lookUpEnvironment finds an environment by its name alone.
func (c *config) lookUpEnvironment(name string) (core.Environment, error) {
	for _, custom := range slices.Backward(c.custom) {
		if strings.EqualFold(custom.Name, name) {
			custom.Name = name // tokens are stored under the name as the user spelled it
			return custom, nil
		}
	}
	env, err := core.FindEnvironment(name)
	if err != nil && c.baseURL == "" && c.shared != nil {
		return c.shared.environment(name, err)
	}
	return env, err
}

// withAuthHost returns env with universal authentication if an option asks for it.
func (c *config) withAuthHost(env core.Environment) core.Environment {
	if c.universal {
		return env.WithUniversalAuth()
	}
	return env
}

// environment returns an environment that the vendor's notebook tool keeps in the configuration
// file by name and URL. It returns the error unknown if the file has none of that name.
func (s *shared) environment(name string, unknown error) (core.Environment, error) {
	if s.unread != nil {
		return core.Environment{}, fmt.Errorf("%w; the configuration file, which may name it, cannot be read: %w", unknown, s.unread)
	}
	url, _ := s.get(magicsRegions, name)
	if url == "" {
		return core.Environment{}, unknown
	}
	env, err := core.NewEnvironment(name, url)
	if err != nil {
		return env, fmt.Errorf("%s [%s]: %w", s.path, magicsRegions, err)
	}
	return env, nil
}

// find returns the environment that a context chooses.
func (c *Client) find(t target) (core.Environment, error) {
	own := c.Environment()
	switch {
	case t.custom != nil:
		return c.config.withAuthHost(*t.custom), nil
	case t.name == "" || strings.EqualFold(t.name, own.Name):
		return own, nil
	}
	return c.config.environmentNamed(t.name)
}

// branch returns the branch of the environment that ctx chooses.
func (c *Client) branch(ctx context.Context) (*branch, error) {
	return c.branchFor(settingsOf(ctx).environment)
}

// branchFor returns the branch of an environment. Most contexts choose none, and then there is
// nothing to look up.
func (c *Client) branchFor(t target) (*branch, error) {
	if t == (target{}) {
		return c.branches.home, nil
	}
	environment, err := c.find(t)
	if err != nil {
		return nil, err
	}
	return c.branches.at(environment)
}

// belongs returns a [*core.LoginError] if the context's access token was given for an environment
// with another authentication host or of another platform, or is one of another platform: neither
// that token nor another identity may be used then.
func (c *Client) belongs(s *callSettings, environment core.Environment) error {
	if s.token.IsZero() {
		return nil
	}
	its, err := c.find(s.tokenFor)
	if err != nil {
		return err
	}
	if reason := environment.Foreign(s.token.Reveal()); reason != "" {
		return &core.LoginError{
			Authenticator: contextAuthenticator, Reason: "the access token of the context is not used: " + reason,
			HintText: "call ContextWithAccessToken with a token of that environment",
		}
	}
	if its.AuthHost() == environment.AuthHost() && its.Platform == environment.Platform {
		return nil
	}
	return &core.LoginError{
		Authenticator: contextAuthenticator,
		Reason:        fmt.Sprintf("the access token of the context is for %s, not for %s", its.Name, environment.Name),
		HintText:      "call ContextWithAccessToken with the context that has the environment",
	}
}

// contextAuthenticator is the context's name in errors if its token takes the place of the chain.
const contextAuthenticator = "context"

// givenToken returns the context's access token for an environment.
func (c *Client) givenToken(s *callSettings, environment core.Environment) (core.Token, error) {
	if err := c.belongs(s, environment); err != nil {
		return core.Token{}, err
	}
	token := core.NewToken(s.token.Reveal(), c.config.now())
	token.Host, token.Origin = environment.AuthHost(), contextAuthenticator
	return token, nil
}
