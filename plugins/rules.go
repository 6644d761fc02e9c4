package plugins

import (
	"slices"
	"time"

	"aead.dev/minisign"

	"github.com/taegis-go/taegis/internal/policy"
)

// rules decide whether a program may run. Each program passes here before it is started, and
// nothing else decides it.
type rules struct {
	name  string   // of the plugin
	sums  []string // the checksums that may run, the preferred one first
	keys  []minisign.PublicKey
	since time.Time // older signatures count as none
	deny  []string  // checksums that may not run, whatever else allows them
}

// candidate is a program that is there.
type candidate struct {
	path  string
	sum   string // the SHA-256 of the bytes that would run
	entry string // the program in the folder at path; empty if path is the program
}

// permit returns nil if the program may run: no list denies it, it has a pinned checksum if there
// are any, a signature by a pinned key if there are any, and the policy of the machine allows it. A
// plugin without checksums and keys may not run at all.
func (r *rules) permit(c candidate) (Signature, error) {
	signature, err := r.pinned(c)
	if err == nil {
		err = permitted(r.name, c, signature)
	}
	return signature, err
}

// permitted returns a [*core.PolicyError] if the policy of this machine does not allow the program.
// The policy is read at each start. The keys of the policy are tried if no other key was needed.
func permitted(name string, c candidate, signature Signature) error {
	allowed, err := policy.Load()
	if err != nil || allowed == nil {
		return err
	}
	if signature.Key == "" && len(allowed.Keys) > 0 {
		if keys, err := parseKeys(allowed.Keys); err == nil {
			signature, _ = (&rules{name: name, keys: keys}).signature(c) // without one, no key allows it
		}
	}
	return allowed.Program(name, c.sum, signature.Key)
}

// pinned returns nil if the program is one that was pinned.
func (r *rules) pinned(c candidate) (Signature, error) {
	if slices.Contains(r.deny, c.sum) {
		return Signature{}, &DenyListError{Path: c.path, Checksum: c.sum}
	}
	if !slices.Contains(r.sums, c.sum) && (len(r.sums) > 0 || len(r.keys) == 0) {
		return Signature{}, &ChecksumError{Path: c.path, Want: slices.Clone(r.sums), Got: c.sum}
	}
	if len(r.keys) == 0 {
		return Signature{}, nil
	}
	return r.signature(c)
}

// rank returns how preferred a program is, the lowest the most.
func (r *rules) rank(sum string) int {
	if at := slices.Index(r.sums, sum); at >= 0 {
		return at
	}
	return 0
}
