package redact

import (
	"regexp"
	"strings"
	"sync"
)

// forms are what tokens and keys look like by themselves. What a form's first group matches stays.
var forms = sync.OnceValue(func() (list []*regexp.Regexp) {
	for _, form := range patterns {
		list = append(list, regexp.MustCompile(form))
	}
	return list
})

var patterns = []string{
	// The key of a certificate, a host or a user.
	`-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?s:.*?)(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\z)`,
	// JSON Web Tokens (RFC 7515, 7516): signed with three parts, encrypted with five.
	`\beyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){2,4}`,
	// The value of an Authorization header.
	`\b((?i:bearer|basic|token) )[A-Za-z0-9._~+/-]{16,}=*`,
	`\b((?i:bearer) )[A-Za-z._~+/-]*[0-9][A-Za-z0-9._~+/-]*=*`,
	// Webhooks with a secret address.
	`(\bhooks\.slack\.com/(?:services|workflows|triggers)/)[A-Za-z0-9/_-]+`,
	`(\bdiscord(?:app)?\.com/api/webhooks/[0-9]+/)[A-Za-z0-9_-]+`,
	`(\bwebhook\.office\.com/)[A-Za-z0-9/@_-]+`,
	`(\bapi\.telegram\.org/bot)[0-9]+:[A-Za-z0-9_-]+`,
	`\b(?:` + strings.Join(prefixed, "|") + `)`,
}

// prefixed are the tokens with a fixed prefix of their issuer.
var prefixed = []string{
	`gh[a-z]_[A-Za-z0-9]{8,}`, `github_pat_[A-Za-z0-9_]{16,}`, // GitHub
	`gl(?:pat|oas|dt|rt|rtr|cbt|ptt|ft|imt|agent|soat|ffct|wt)-[A-Za-z0-9_-]{16,}`, `GR1348941[A-Za-z0-9_-]{16,}`, // GitLab
	`xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{8,}`, `xapp-[A-Za-z0-9-]{8,}`, `xwfp-[A-Za-z0-9-]{8,}`, // Slack
	`[sr]k[-_][A-Za-z0-9_-]{10,}`, `pk_live_[A-Za-z0-9]{16,}`, `whsec_[A-Za-z0-9+/=]{16,}`, // OpenAI, Anthropic, Stripe
	`(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b`,                                           // Amazon
	`AIza[A-Za-z0-9_-]{30,}`, `ya29\.[A-Za-z0-9_-]{16,}`, `GOCSPX-[A-Za-z0-9_-]{16,}`, // Google
	`npm_[A-Za-z0-9]{30,}`, `pypi-[A-Za-z0-9_-]{16,}`, `dckr_(?:pat|oat)_[A-Za-z0-9_-]{16,}`, `rubygems_[a-f0-9]{32,}`,
	`hf_[A-Za-z0-9]{20,}`, `hv[sbr]\.[A-Za-z0-9_-]{16,}`, `do[opr]_v1_[a-f0-9]{32,}`, `dapi[a-f0-9]{32}`,
	`SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}`, `SK[a-f0-9]{32}\b`, `key-[a-f0-9]{32}\b`, // SendGrid, Twilio, Mailgun
	`AT(?:ATT|CTT|BB)[A-Za-z0-9_=-]{16,}`, `shp[a-z]{2}_[A-Fa-f0-9]{32}`, `sq0[a-z]{3}-[A-Za-z0-9_-]{16,}`,
	`lin_(?:api|oauth)_[A-Za-z0-9]{16,}`, `ntn_[A-Za-z0-9]{16,}`, `gl(?:sa|c)_[A-Za-z0-9_=-]{16,}`, `NRAK-[A-Z0-9]{16,}`,
	`pscale_[a-z]+_[A-Za-z0-9_.-]{16,}`, `tfp_[A-Za-z0-9_-]{16,}`, `AGE-SECRET-KEY-1[A-Z0-9]{16,}`,
}

// Text returns s without the secrets that have a known form: tokens and keys, and in
// addresses the user information and what a query holds under the name of a secret.
func Text(s string) string {
	s = address().ReplaceAllStringFunc(s, withoutSecrets)
	for _, form := range forms() {
		s = form.ReplaceAllStringFunc(s, func(found string) string {
			if kept := form.FindStringSubmatch(found); len(kept) > 1 {
				return kept[1] + Mark
			}
			return Mark
		})
	}
	return s
}
