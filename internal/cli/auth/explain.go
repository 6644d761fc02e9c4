package auth

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/profile"
)

func explainCommand(a *cmdutil.App) *cobra.Command {
	var out *cmdutil.Output
	cmd := &cobra.Command{
		Use:   "explain",
		Short: "Explain which authenticator a call would use",
		Long: `Show for each authenticator of the chain, in order, whether a call would try it, why not, and which
settings decide that. The command sends nothing, does not prompt and changes nothing.`,
		Example: `  taegis auth explain
  taegis auth explain --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.WithClient(cmd.Context(), func(client *taegis.Client) error {
				steps, err := client.Explain(cmd.Context())
				if err != nil {
					return err
				}
				chosen, err := a.Resolve(cmd.Context())
				if err != nil {
					return err
				}
				explained := explain(client.Environment(), steps)
				explained.Settings = cmdutil.RedactSettings(chosen.Values)
				if out.Chosen() {
					return out.Value(cmd.Context(), explained)
				}
				return a.PrintPage(explained.String())
			})
		},
	}
	out = a.NewTextOutput(cmd)
	return cmd
}

// explanation is the output of auth explain.
type explanation struct {
	Environment string `json:"environment"`
	AuthURL     string `json:"auth_url"`
	// Settings are the settings with their sources: a flag, a variable, the profile or the default.
	Settings       []profile.Value          `json:"settings"`
	Authenticators []explainedAuthenticator `json:"authenticators"`
}

// The outcomes of an authenticator.
const (
	outcomeCached      = "cached"      // the call would use its cached token
	outcomeTried       = "tried"       // it would log in
	outcomeUnavailable = "unavailable" // the next authenticator would be tried
	outcomeFails       = "fails"       // the chain would end with its error
)

// explainedAuthenticator is one element of the chain.
type explainedAuthenticator struct {
	Authenticator string `json:"authenticator"`
	Outcome       string `json:"outcome"`
	// ShadowedBy is the earlier authenticator that ends the chain, so that this one is never tried.
	ShadowedBy string             `json:"shadowed_by,omitempty"`
	Reason     string             `json:"reason,omitempty"`
	Hint       string             `json:"hint,omitempty"`
	Account    string             `json:"account,omitempty"`
	Cached     *cachedToken       `json:"cached,omitempty"`
	Settings   []explainedSetting `json:"settings,omitempty"`
}

type cachedToken struct {
	AccountName string    `json:"account_name"`
	Source      string    `json:"source"`
	Expires     time.Time `json:"expires,omitzero"`
}

type explainedSetting struct {
	Name     string `json:"name"`
	Variable string `json:"variable"`
	NamedBy  string `json:"named_by,omitempty"`
	Set      bool   `json:"set"`
}

func explain(env core.Environment, steps []taegis.ChainStep) explanation {
	e := explanation{Environment: env.Name, AuthURL: env.AuthURL}
	last := "" // the authenticator that ends the chain
	for _, step := range steps {
		authenticator := explainAuthenticator(step)
		if !step.Reached {
			authenticator.ShadowedBy = last
		} else if step.EndsChain() {
			last = authenticator.Authenticator
		}
		e.Authenticators = append(e.Authenticators, authenticator)
	}
	return e
}

func explainAuthenticator(step taegis.ChainStep) explainedAuthenticator {
	authenticator := explainedAuthenticator{
		Authenticator: cmp.Or(step.Authenticator, "cached token"),
		Outcome:       outcomeTried,
		Account:       string(step.Account),
		Hint:          redact.Message(core.Hint(step.Err)),
		Reason:        cmdutil.Reason(step.Err),
	}
	switch {
	case !step.Stored.IsZero():
		authenticator.Outcome = outcomeCached
		authenticator.Cached = &cachedToken{AccountName: cmdutil.AccountName(step.Stored), Source: step.Stored.Origin, Expires: step.Stored.Expiry}
	case errors.Is(step.Err, core.ErrUnavailable) && !step.EndsChain():
		authenticator.Outcome = outcomeUnavailable
	case step.Err != nil:
		authenticator.Outcome = outcomeFails
	}
	if step.Authenticator == "" && step.Stored.IsZero() {
		authenticator.Reason = "no token is cached"
	}
	for _, s := range step.Settings {
		authenticator.Settings = append(authenticator.Settings, explainedSetting{s.Name, s.Variable, s.NamedBy, s.Set})
	}
	return authenticator
}

// String returns the explanation as text.
func (e explanation) String() string {
	var b strings.Builder
	_ = redact.Fprintf(&b, "%s, logging in at %s\n", e.Environment, e.AuthURL)
	for _, setting := range e.Settings {
		if setting.Text != "" {
			_ = redact.Fprintf(&b, "%s %s\n", setting.Name, cmdutil.DescribeSetting(setting))
		}
	}
	for i, authenticator := range e.Authenticators {
		_ = redact.Fprintf(&b, "%d. %s: %s\n", i+1, authenticator.Authenticator, authenticator.verdict())
		if authenticator.Hint != "" && authenticator.Outcome != outcomeCached {
			_ = redact.Fprintf(&b, "     hint: %s\n", authenticator.Hint)
		}
		for _, setting := range authenticator.Settings {
			_ = redact.Fprintf(&b, "     %s\n", setting)
		}
	}
	return b.String()
}

func (e explainedAuthenticator) verdict() string {
	var text string
	switch e.Outcome {
	case outcomeCached:
		text = fmt.Sprintf("the cached token of %s in %s, until %s", e.Cached.AccountName, e.Cached.Source, cmdutil.FormatExpiry(e.Cached.Expires, time.Now()))
	case outcomeTried:
		text = "would log in"
	case outcomeFails:
		text = "would fail: " + e.Reason
	default:
		text = "not used: " + e.Reason
	}
	if e.ShadowedBy != "" {
		text = fmt.Sprintf("shadowed by %s; otherwise %s", e.ShadowedBy, text)
	}
	return text
}

// String returns whether the setting is set and the source of its name, but not its value.
func (s explainedSetting) String() string {
	text := s.Variable + " is not set"
	if s.Set {
		text = s.Variable + " is set"
	}
	if s.NamedBy != "" {
		text += ", named by " + s.NamedBy
	}
	return text
}
