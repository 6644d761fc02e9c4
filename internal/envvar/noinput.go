package envvar

import "github.com/taegis-go/taegis/internal/setting"

// NoInput returns the reason for [core.LoginRequest.NonInteractive] if the variable TAEGIS_NO_INPUT
// is set, else "". Empty, 0, false, no and off, in any case, count as unset.
func NoInput(lookup func(name string) (string, bool)) string {
	if value, ok := lookup("TAEGIS_NO_INPUT"); !ok || !setting.Bool(value) {
		return ""
	}
	return "TAEGIS_NO_INPUT is set"
}
