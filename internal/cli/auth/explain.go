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
		Short: "Show what each way to sign in would do, and why",
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
				explained.Settings = cmdutil.RedactSettings(chosen.Settings)
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
	Settings []profile.Setting `json:"settings"`
	Links    []explainedLink   `json:"links"`
}

// What a link would come to.
const (
	outcomeCached        = "cached"         // its cached token would be used
	outcomeTried         = "tried"          // it would sign in
	outcomeNotApplicable = "not_applicable" // the next link would be asked
	outcomeFails         = "fails"          // the chain would end with an error
)

// explainedLink is one link of the chain.
type explainedLink struct {
	Link    string `json:"link"`
	Outcome string `json:"outcome"`
	// ShadowedBy is the earlier link that answers, so that the chain never comes to this one.
	ShadowedBy string             `json:"shadowed_by,omitempty"`
	Reason     string             `json:"reason,omitempty"`
	Remedy     string             `json:"remedy,omitempty"`
	Credential string             `json:"credential,omitempty"`
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
		link := explainLink(step)
		if !step.Reached {
			link.ShadowedBy = answers
		} else if step.EndsChain() {
			answers = link.Link
		}
		e.Links = append(e.Links, link)
	}
	return e
}

func explainLink(step taegis.ChainStep) explainedLink {
	link := explainedLink{
		Link:       cmp.Or(step.Authenticator, "cached token"),
		Outcome:    outcomeTried,
		Credential: string(step.Account),
		Remedy:     redact.Message(core.Remedy(step.Err)),
		Reason:     cmdutil.Reason(step.Err),
	}
	switch {
	case !step.Stored.IsZero():
		link.Outcome = outcomeCached
		link.Cached = &cachedToken{Who: cmdutil.AccountName(step.Stored), Source: step.Stored.Origin, Expires: step.Stored.Expiry}
	case errors.Is(step.Err, core.ErrNotApplicable):
		link.Outcome = outcomeNotApplicable
	case step.Err != nil:
		link.Outcome = outcomeFails
	}
	if step.Authenticator == "" && step.Stored.IsZero() {
		link.Reason = "there is none"
	}
	for _, s := range step.Settings {
		link.Settings = append(link.Settings, explainedSetting{s.Name, s.Variable, s.NamedBy, s.Set})
	}
	return link
}

// String is the explanation as people read it.
func (e explanation) String() string {
	var b strings.Builder
	_ = redact.Fprintf(&b, "%s, signing in at %s\n", e.Environment, e.AuthURL)
	for _, setting := range e.Settings {
		if setting.Value != "" {
			_ = redact.Fprintf(&b, "%s %s\n", setting.Name, cmdutil.DescribeSetting(setting))
		}
	}
	for i, link := range e.Links {
		_ = redact.Fprintf(&b, "%d. %s: %s\n", i+1, link.Link, link.verdict())
		if link.Remedy != "" && link.Outcome != outcomeCached {
			_ = redact.Fprintf(&b, "     to change that: %s\n", link.Remedy)
		}
		for _, setting := range link.Settings {
			_ = redact.Fprintf(&b, "     %s\n", setting)
		}
	}
	return b.String()
}

func (l explainedLink) verdict() string {
	var text string
	switch l.Outcome {
	case outcomeCached:
		text = fmt.Sprintf("the cached token of %s in %s, until %s", l.Cached.Who, l.Cached.Source, cmdutil.FormatExpiry(l.Cached.Expires, time.Now()))
	case outcomeTried:
		text = "would sign in"
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
