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
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "explain",
		Short: "Show what each way to log in would do, and why",
		Long: `Show, for each link of the chain in order, whether it would be tried, why not, and which settings
decide that. Nothing is sent, asked or changed.`,
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
				if asJSON {
					return a.PrintJSON(explained)
				}
				return a.PrintPage(explained.String())
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// explanation is what auth explain prints.
type explanation struct {
	Environment string `json:"environment"`
	AuthURL     string `json:"auth_url"`
	// Settings say who decided what: a flag, a variable, the profile, or nobody.
	Settings       []profile.Value          `json:"settings"`
	Authenticators []explainedAuthenticator `json:"links"`
}

// What a link would come to.
const (
	outcomeCached      = "cached"         // its cached token would be used
	outcomeTried       = "tried"          // it would log in
	outcomeUnavailable = "not_applicable" // the next link would be asked
	outcomeFails       = "fails"          // the chain would end with an error
)

// explainedAuthenticator is one link of the chain.
type explainedAuthenticator struct {
	Authenticator string `json:"link"`
	Outcome       string `json:"outcome"`
	// ShadowedBy is the earlier link that answers, so that the chain never comes to this one.
	ShadowedBy string             `json:"shadowed_by,omitempty"`
	Reason     string             `json:"reason,omitempty"`
	Hint       string             `json:"hint,omitempty"`
	Account    string             `json:"credential,omitempty"`
	Cached     *cachedToken       `json:"cached,omitempty"`
	Settings   []explainedSetting `json:"settings,omitempty"`
}

type cachedToken struct {
	Who     string    `json:"who"`
	Source  string    `json:"source"`
	Expires time.Time `json:"expires,omitzero"`
}

type explainedSetting struct {
	Name     string `json:"name"`
	Variable string `json:"variable"`
	NamedBy  string `json:"named_by,omitempty"`
	Set      bool   `json:"set"`
}

func explain(env core.Environment, steps []taegis.ChainStep) explanation {
	e := explanation{Environment: env.Name, AuthURL: env.AuthURL}
	answers := "" // the first link that does
	for _, step := range steps {
		authenticator := explainAuthenticator(step)
		if !step.Reached {
			authenticator.ShadowedBy = answers
		} else if step.EndsChain() {
			answers = authenticator.Authenticator
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
		authenticator.Cached = &cachedToken{Who: cmdutil.AccountName(step.Stored), Source: step.Stored.Origin, Expires: step.Stored.Expiry}
	case errors.Is(step.Err, core.ErrUnavailable):
		authenticator.Outcome = outcomeUnavailable
	case step.Err != nil:
		authenticator.Outcome = outcomeFails
	}
	if step.Authenticator == "" && step.Stored.IsZero() {
		authenticator.Reason = "there is none"
	}
	for _, s := range step.Settings {
		authenticator.Settings = append(authenticator.Settings, explainedSetting{s.Name, s.Variable, s.NamedBy, s.Set})
	}
	return authenticator
}

// String is the explanation as users read it.
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
			_ = redact.Fprintf(&b, "     to change that: %s\n", authenticator.Hint)
		}
		for _, setting := range authenticator.Settings {
			_ = redact.Fprintf(&b, "     %s\n", setting)
		}
	}
	return b.String()
}

func (l explainedAuthenticator) verdict() string {
	var text string
	switch l.Outcome {
	case outcomeCached:
		text = fmt.Sprintf("the cached token of %s in %s, until %s", l.Cached.Who, l.Cached.Source, cmdutil.FormatExpiry(l.Cached.Expires, time.Now()))
	case outcomeTried:
		text = "would log in"
	case outcomeFails:
		text = "would fail: " + l.Reason
	default:
		text = "not used: " + l.Reason
	}
	if l.ShadowedBy != "" {
		text = fmt.Sprintf("shadowed by %s; otherwise %s", l.ShadowedBy, text)
	}
	return text
}

// String says whether the setting is set, and where its name comes from; never its value.
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
