package fleet

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/taegis-go/taegis/internal/text"
)

// SelectorError is returned for a text that is not a selector.
type SelectorError struct {
	Text   string // what was given, or the line of a file
	Line   int    // the line in the file, 0 if there is none
	Reason string
}

// Error returns the text, the line and the reason.
func (e *SelectorError) Error() string {
	subject := "selector of tenants"
	if e.Text != "" {
		subject += " " + strconv.Quote(text.Short(e.Text, longestText))
	}
	if e.Line > 0 {
		subject += ", line " + strconv.Itoa(e.Line)
	}
	return subject + ": " + e.Reason
}

// longestText is how many characters of a selector an error shows.
const longestText = 100

// UnknownTenantsError is returned by [Select] for ids of tenants that the account does not see.
type UnknownTenantsError struct{ IDs []string }

// shownIDs is how many unknown ids an error names.
const shownIDs = 5

// Error returns the first of the ids.
func (e *UnknownTenantsError) Error() string {
	shown := e.IDs[:min(len(e.IDs), shownIDs)]
	list := text.OneLine(strings.Join(shown, ", "))
	if more := len(e.IDs) - len(shown); more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return "tenants that the account does not see: " + list + ": " + e.Hint()
}

// Hint returns what the user can do.
func (e *UnknownTenantsError) Hint() string {
	return "correct the ids, or call for these tenants with an account of their own"
}

// TenantError is the error of one tenant.
type TenantError struct {
	Tenant Tenant
	// NotRun is set if the function was not called, because the context had ended.
	NotRun bool
	Err    error
}

// Error returns the tenant and the error.
func (e *TenantError) Error() string {
	what := "tenant " + text.OneLine(e.Tenant.String())
	if e.NotRun {
		what += " was not called"
	}
	return what + ": " + e.Err.Error()
}

// Unwrap returns the error of the tenant.
func (e *TenantError) Unwrap() error { return e.Err }

// Error is the error of work over several tenants, of which some failed.
type Error struct {
	// Tenants are the errors, one for each tenant that failed or was not called, in the order of
	// the tenants.
	Tenants []*TenantError
	Total   int // all tenants
}

// Failed returns the number of tenants for which the function returned an error.
func (e *Error) Failed() int { return len(e.Tenants) - e.NotRun() }

// NotRun returns the number of tenants for which the function was not called.
func (e *Error) NotRun() (n int) {
	for _, one := range e.Tenants {
		if one.NotRun {
			n++
		}
	}
	return n
}

// shownTenants is how many errors of tenants an Error shows.
const shownTenants = 5

// Error returns the numbers, and the first of the errors.
func (e *Error) Error() string {
	parts := []string{fmt.Sprintf("%d of %d tenants failed", e.Failed(), e.Total)}
	if n := e.NotRun(); n > 0 {
		parts[0] += fmt.Sprintf(", %d were not called", n)
	}
	shown := 0
	for _, one := range e.Tenants {
		if one.NotRun {
			continue
		}
		if shown++; shown > shownTenants {
			parts = append(parts, fmt.Sprintf("and %d more", e.Failed()-shownTenants))
			break
		}
		parts = append(parts, one.Error())
	}
	return cmp.Or(strings.Join(parts, "; "), "no tenant failed")
}

// Unwrap returns the errors of the tenants.
func (e *Error) Unwrap() []error {
	var all []error
	for _, one := range e.Tenants {
		all = append(all, one)
	}
	return all
}

var errGoexit = errors.New("the function ended its goroutine with runtime.Goexit")
