package doctor

import (
	"errors"
	"strings"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/policy"
	"github.com/taegis-go/taegis/internal/shellquote"
)

// machinePolicy checks the policy of this machine.
func machinePolicy() finding {
	p, err := policy.Load()
	if fault, ok := errors.AsType[*core.PolicyError](err); ok {
		return failed("ls -ld "+shellquote.Word(fault.Path), "%s", cmdutil.Problem(err))
	}
	if p == nil {
		return passed("there is none")
	}
	return passed("%s: limits %s", p.Path, strings.Join(p.Limits(), ", "))
}
