package tokenstore

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/inifile"
	"github.com/taegis-go/taegis/internal/setting"
)

// The keys of a token in the file. The Python SDK uses only the first and preserves the others.
const (
	accessKey   = "access_token"
	ownerKey    = "access_token_owner"
	identityKey = "access_token_identity"
)

// entry is a token in the file. The environment's own section, [charlie], holds the token of the
// latest login, which the Python SDK uses. A token that it displaced moves to a section aside,
// [charlie/ACCOUNT].
type entry struct {
	section  string // the section that holds it
	home     string // the section of its environment; another one for a token aside
	access   string
	mark     mark               // zero if it is missing or void
	identity core.Identity      // as the mark
	parsed   func() core.Claims // of access, which are read once; nil without a token
}

// entryIn returns the token in section, and false if there is none.
func entryIn(f *inifile.File, section string) (entry, bool) {
	stored, _ := f.Get(section, accessKey)
	access, _ := setting.Token(stored) // one that a user pasted may be in quotes, or behind "Bearer "
	owner, _ := f.Get(section, ownerKey)
	known, _ := f.Get(section, identityKey)
	e := entry{section: section, home: section, access: access, mark: parseMark(owner), identity: parseIdentity(known, access)}
	e.parsed = sync.OnceValue(func() core.Claims {
		c, _ := core.ParseClaims(access)
		return c
	})
	if c := string(e.mark.account); c != "" {
		e.home = strings.TrimSuffix(section, "/"+c)
	}
	if !e.mark.fits(access) {
		e.mark = mark{}
	}
	return e, access != ""
}

// content returns the claims of the token, the zero Claims if it is opaque.
func (e entry) content() core.Claims {
	if e.parsed == nil {
		return core.Claims{}
	}
	return e.parsed()
}

// aside returns the section for a token that another one displaces from section.
func aside(section string, c core.Account) string { return section + "/" + string(c) }

func (e entry) isAside() bool { return e.home != e.section }

func (e entry) isMarked() bool { return e.mark != mark{} }

// serves reports whether key means this token. The account of an unmarked token comes from its
// claims.
func (e entry) serves(key core.TokenKey) bool {
	switch {
	case e.isMarked():
		return e.mark.host == key.Host && (e.mark.account == key.Account || !key.Account.Named())
	case e.isAside() || !e.mayGoTo(key.Host):
		return false
	}
	return !key.Account.Named() || e.claims(key)
}

// claims reports whether the token's claims name the account of key.
func (e entry) claims(key core.TokenKey) bool {
	c := e.content()
	return c.ClientID != "" && core.ClientAccount(key.Host, c.ClientID) == key.Account ||
		c.Username != "" && core.UserAccount(key.Host, c.Username) == key.Account
}

// token returns the entry's token with the expiry from its claims. An opaque token counts as
// expired.
func (e entry) token() core.Token {
	c := e.content()
	t := core.Token{AccessToken: core.NewSecret(e.access), Expiry: c.Expiry}
	if c.IssuedAt.Unix() > 0 { // as in core.NewToken
		t.IssuedAt = c.IssuedAt
	}
	t.Account, t.Host, t.Identity = e.mark.account, e.mark.host, e.identity
	return t
}

// entriesFor returns the tokens that key means, valid or not, in the order in which they are to
// be tried.
func entriesFor(f *inifile.File, key core.TokenKey) []entry {
	var list []entry
	for _, section := range sectionsOf(f, key.Section) {
		places := []string{section}
		if key.Account != "" && !isEmptied(f, section) {
			places = append(places, aside(section, key.Account))
		}
		for _, place := range places {
			if e, ok := entryIn(f, place); ok && e.serves(key) {
				list = append(list, e)
			}
		}
	}
	return list
}

// sectionsOf returns the sections of the file that belong to the environment of that name: first
// the one of the name itself, then the name in any other case, then the region's other names.
func sectionsOf(f *inifile.File, name string) []string {
	names := []string{name}
	if env, err := core.FindEnvironment(name); err == nil {
		names = append(names, env.Names()...)
	}
	var list []string
	all := f.Sections()
	for _, n := range names {
		if f.Has(n) && !slices.Contains(list, n) {
			list = append(list, n)
		}
		for _, section := range all {
			if section != inifile.DefaultSection && strings.EqualFold(section, n) && !slices.Contains(list, section) {
				list = append(list, section)
			}
		}
	}
	return list
}

// isEmptied reports whether the section's token was cleared, as the Python SDK does it: the key
// is there and has no value. Then the tokens aside of that section do not count any more.
func isEmptied(f *inifile.File, section string) bool {
	access, ok := f.Get(section, accessKey)
	return ok && access == "" && slices.Contains(f.Keys(section), accessKey)
}

// find returns the token that key means and that is valid at now, the zero entry for none.
func find(f *inifile.File, key core.TokenKey, now time.Time) entry {
	for _, e := range entriesFor(f, key) {
		if e.token().Valid(now) {
			return e
		}
	}
	return entry{}
}

// put stores the token for key and account. A valid token of another account in the same
// section moves aside. The token that it replaces and all expired ones are deleted from there.
func put(f *inifile.File, key core.TokenKey, account core.Account, token core.Token, now time.Time) error {
	dropVoid(f, key.Section)
	if old, ok := entryIn(f, key.Section); ok && old.token().Valid(now) {
		m := old.mark
		if !old.isMarked() {
			m = old.claimedMark(key.Host)
		}
		isOthers := m.account != account || m.host != key.Host
		if m.account != "" && isOthers {
			if err := write(f, aside(key.Section, m.account), old.access, m, old.identity); err != nil {
				return err
			}
		}
	}
	access := token.AccessToken.Reveal()
	if err := write(f, key.Section, access, newMark(access, key.Host, account), token.Identity); err != nil {
		return err
	}
	for _, e := range asidesOf(f, key.Section) {
		replaced := e.mark.account == account && e.mark.host == key.Host
		if replaced || !e.token().Valid(now) {
			drop(f, e.section)
		}
	}
	return nil
}

// asidesOf returns the tokens aside of a section.
func asidesOf(f *inifile.File, home string) []entry {
	var list []entry
	for _, section := range f.Sections() {
		if e, _ := entryIn(f, section); e.isAside() && e.home == home {
			list = append(list, e)
		}
	}
	return list
}

// dropVoid deletes the tokens aside of a section if another program has cleared its token: they
// must not become valid again with that program's next login.
func dropVoid(f *inifile.File, home string) {
	if !isEmptied(f, home) {
		return
	}
	for _, e := range asidesOf(f, home) {
		drop(f, e.section)
	}
}

func write(f *inifile.File, section, access string, m mark, known core.Identity) error {
	if err := f.Set(section, accessKey, access); err != nil {
		return err
	}
	if err := f.Set(section, ownerKey, m.String()); err != nil {
		return err
	}
	return writeIdentity(f, section, access, known)
}

// writeIdentity stores the identity of the access token in section; the zero identity removes it.
func writeIdentity(f *inifile.File, section, access string, known core.Identity) error {
	if known.IsZero() {
		f.Unset(section, identityKey)
		return nil
	}
	return f.Set(section, identityKey, identityText(access, known))
}

// identify stores the identity of a token if it is still the one that key means.
func identify(f *inifile.File, key core.TokenKey, token core.Token, now time.Time) error {
	e, access := find(f, key, now), token.AccessToken.Reveal()
	if e.access != access {
		return nil
	}
	return writeIdentity(f, e.section, access, token.Identity)
}

// clearTokens clears the tokens that key means; with an empty account, every token of the
// environment under all of its names.
func clearTokens(f *inifile.File, key core.TokenKey) error {
	for _, section := range sectionsOf(f, key.Section) {
		dropVoid(f, section)
	}
	if key.Account != "" {
		return erase(f, entriesFor(f, key))
	}
	var all []entry
	for _, section := range f.Sections() {
		e, ok := entryIn(f, section)
		_, isMarked := f.Get(section, ownerKey) // Python clears a token and leaves its mark
		if (ok || isMarked) && key.InSection(e.home) {
			all = append(all, e)
		}
	}
	return erase(f, all)
}

// clearToken clears the token that key means and its expired tokens, if access is that token, or if
// access is empty and there is none. It reports whether it cleared.
func clearToken(f *inifile.File, key core.TokenKey, access string, now time.Time) (cleared bool, err error) {
	if find(f, key, now).access != access {
		return false, nil
	}
	return true, erase(f, slices.DeleteFunc(entriesFor(f, key), func(e entry) bool {
		return e.access != access && e.token().Valid(now)
	}))
}

// erase clears tokens as the Python SDK does: the key stays, with an empty value. If the section
// still has tokens aside, erase removes the key, because an empty value would make them void.
func erase(f *inifile.File, entries []entry) error {
	for _, e := range entries {
		if e.isAside() {
			drop(f, e.section)
		}
	}
	for _, e := range entries {
		if e.isAside() {
			continue
		}
		f.Unset(e.section, ownerKey)
		f.Unset(e.section, identityKey)
		if len(asidesOf(f, e.section)) > 0 {
			f.Unset(e.section, accessKey)
			continue
		}
		if err := f.Set(e.section, accessKey, ""); err != nil {
			return err
		}
	}
	return nil
}

// drop deletes a token aside, and its section if nothing else is in it.
func drop(f *inifile.File, section string) {
	f.Unset(section, accessKey)
	f.Unset(section, ownerKey)
	f.Unset(section, identityKey)
	if len(f.Keys(section)) == 0 {
		f.Remove(section)
	}
}

// keysIn returns the keys of all tokens in the file. Without a valid mark, host and account are
// empty.
func keysIn(f *inifile.File) []core.TokenKey {
	var keys []core.TokenKey
	for _, section := range f.Sections() {
		if e, ok := entryIn(f, section); ok {
			keys = append(keys, core.TokenKey{Section: e.home, Host: e.mark.host, Account: e.mark.account})
		}
	}
	return keys
}
