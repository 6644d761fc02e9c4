package plugins

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/subprocess"
	"github.com/taegis-go/taegis/plugins/internal/contract"
)

// env is the whole environment of the plugin's process: the variables that it may see.
func (p *Plugin) env(req core.LoginRequest) []string {
	return subprocess.Granted(p.config.Env, func(name string) (string, bool) {
		s, ok := req.Setting(name)
		return s.Value.Reveal(), ok
	})
}

// withhold keeps what the plugin is told from being shown: the variables, which may be others than
// when it was started, and the password of a proxy.
func (p *Plugin) withhold(req core.LoginRequest, out *printed) {
	for _, name := range p.config.Env {
		if s, ok := req.Setting(name); ok {
			out.withhold(s.Value)
		}
	}
	https, http, _ := proxiesOf(req).Values()
	for _, address := range []string{https, http} {
		if end := strings.LastIndex(address, "@"); end >= 0 {
			user := address[:end]
			if _, rest, ok := strings.Cut(user, "://"); ok {
				user = rest
			}
			_, password, _ := strings.Cut(user, ":")
			out.withhold(core.NewSecret(password))
			if plain, err := url.PathUnescape(password); err == nil {
				out.withhold(core.NewSecret(plain))
			}
		}
	}
}

// request says what the plugin may know. Who can be asked is added later.
func (p *Plugin) request(req core.LoginRequest) (*contract.AuthenticateRequest, error) {
	reach, err := network(p.config.CABundle, req)
	if err != nil {
		return nil, &core.LoginError{Authenticator: p.name, Reason: err.Error(), HintText: core.Hint(err), Err: err}
	}
	env := req.Environment
	m := &contract.AuthenticateRequest{
		Environment: &contract.Environment{
			Name: env.Name, Canonical: env.Canonical, Aliases: env.Aliases,
			ApiUrl: env.APIURL, AuthUrl: env.AuthURL, TenantsUrl: env.TenantsURL, Universal: env.Universal,
			Platform: string(env.Platform),
		},
		HomeEnvironment: req.HomeEnvironment,
		HomePlatform:    string(req.HomePlatform),
		UserAgent:       req.UserAgent,
		Username:        p.username(req),
		Rejected:        req.Rejected,

		Settings: p.settings(req),
		Asking:   &contract.Asking{NonInteractive: req.NonInteractive},
		Network:  reach,
		Timeout:  durationpb.New(req.Timeout),
		MaxTries: int32(req.Retry.MaxTries),
		MaxTime:  durationpb.New(req.Retry.MaxTime),
	}
	if reason := unsendable(m); reason != "" {
		return nil, &core.LoginError{Authenticator: p.name, Reason: reason, HintText: "write it in UTF-8, or encode it"}
	}
	return m, nil
}

// unsendable says what of a request no message can hold, "" for nothing. The connection would break
// over it, and the plugin look guilty.
func unsendable(m *contract.AuthenticateRequest) string {
	for _, s := range m.GetSettings() {
		if _, err := proto.Marshal(s); err != nil {
			return fmt.Sprintf("the setting %q, which the plugin may see, is not text in UTF-8", s.GetName())
		}
	}
	if _, err := proto.Marshal(m); err != nil {
		return "the environment, the user name or the address of a proxy is not text in UTF-8"
	}
	return ""
}

// settings are the plugin's own, and behind them the variables that it may see.
func (p *Plugin) settings(req core.LoginRequest) []*contract.Setting {
	var list []*contract.Setting
	for _, name := range slices.Sorted(maps.Keys(p.config.Settings)) {
		list = append(list, &contract.Setting{Name: name, Value: p.config.Settings[name]})
	}
	for _, name := range p.config.Env {
		if _, own := p.config.Settings[name]; own {
			continue
		}
		if s, ok := req.Setting(name); ok {
			list = append(list, &contract.Setting{Name: name, Value: s.Value.Reveal(), Variable: s.Variable, NamedBy: s.NamedBy})
		}
	}
	return list
}

// maxToken bounds an access token, in bytes; servers do not take headers of that size.
const maxToken = 64 << 10

// token is the plugin's token as the chain wants it. Who minted it, and for whom, is the host's
// to say.
func (p *Plugin) token(m *contract.Token, req core.LoginRequest) (core.Token, error) {
	access := m.GetAccessToken()
	var expiry time.Time
	if m.GetExpiry().IsValid() {
		expiry = m.GetExpiry().AsTime()
	}
	wrong := ""
	switch {
	case access == "":
		wrong = "neither a token nor a reason"
	case len(access) > maxToken:
		wrong = fmt.Sprintf("a token of %d characters", len(access))
	case strings.ContainsFunc(access, func(r rune) bool { return r <= ' ' || r > '~' }):
		wrong = fmt.Sprintf("a token of %d characters that no header can hold", len(access))
	case m.GetExpiry() != nil && expiry.IsZero():
		wrong = "an expiry that is no time"
	}
	if wrong == "" {
		if reason := req.Environment.Foreign(access); reason != "" {
			wrong = "a token that is not used: " + reason
		}
	}
	if wrong != "" {
		return core.Token{}, p.fault(ErrMalformed, "it answered with "+wrong, hintAuthor)
	}
	t := core.NewToken(access, req.Time(), expiry)
	t.Account, t.Host, t.Origin = p.account(req), req.Environment.AuthHost(), p.name
	return t, nil
}
