package core

import (
	"errors"
	"strconv"

	"github.com/taegis-go/taegis/internal/text"
)

// PolicyError is returned for what the policy of the machine's administrator does not allow, and
// for a policy that cannot be used, which allows no login. For an authenticator that the policy
// excludes from a chain it wraps [ErrUnavailable], so that the chain goes on with the others.
type PolicyError struct {
	// Path is the path of the policy.
	Path string
	// Line is the line of a fault in the file, 0 if it is not known.
	Line int
	// Key is the key of the policy that decides, for example "methods"; empty if the policy cannot
	// be used.
	Key string
	// Reason is what is not allowed, or why the policy cannot be used.
	Reason string
	// HintText is what the user can do about it; see [PolicyError.Hint].
	HintText string
	// Err is the cause, nil if there is none.
	Err error
}

func (e *PolicyError) Error() string { return sentence(e.What(), e.HintText) }

// What returns the message without the hint.
func (e *PolicyError) What() string {
	where := text.Escape(e.Path)
	if e.Line > 0 {
		where += ":" + strconv.Itoa(e.Line)
	}
	if e.Key == "" {
		return "the policy " + where + " cannot be used: " + e.Reason
	}
	return e.Reason + " by the key " + e.Key + " of the policy " + where
}

// Hint returns what the user can do about it.
func (e *PolicyError) Hint() string { return e.HintText }

// Is reports whether target is [ErrUntrusted], which no chain passes over. An authenticator that the
// policy excludes is only unavailable.
func (e *PolicyError) Is(target error) bool {
	return target == ErrUntrusted && !errors.Is(e.Err, ErrUnavailable)
}

// Unwrap returns the cause.
func (e *PolicyError) Unwrap() error { return e.Err }
