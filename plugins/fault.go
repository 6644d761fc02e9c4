package plugins

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/taegis-go/taegis/core"
)

// Failures of a plugin, for [errors.Is]. The [*core.LoginError] that wraps one has the plugin's
// name and the end of its output, without secrets.
var (
	// ErrStart is the failure of a program that cannot be started or is not a plugin.
	ErrStart error = &failure{"the plugin did not start", "start"}
	// ErrVersion is the failure of a plugin that implements another version of the contract.
	ErrVersion error = &failure{"the plugin implements another version", "version"}
	// ErrCrashed is the failure of a plugin that ended or closed its connection during a call.
	ErrCrashed error = &failure{"the plugin crashed", "crashed"}
	// ErrTimeout is the failure of a plugin that did not answer within Config.Timeout. The host ends
	// the program, and kills it if that takes longer than a second.
	ErrTimeout error = &failure{"the plugin timed out", "timeout"}
	// ErrMalformed is the failure of a plugin that answered with something other than a token.
	ErrMalformed error = &failure{"the plugin's answer is malformed", "malformed"}
	// ErrCircuitOpen is returned without a start for a plugin that failed twice in a row.
	ErrCircuitOpen error = &failure{"the plugin is suspended", "suspended"}
)

// hintAuthor is for what only the author can fix.
const hintAuthor = "tell the author of the plugin"

// fault is a failure of the plugin itself.
func (p *Plugin) fault(kind error, reason, hint string) error {
	return &core.LoginError{Authenticator: p.name, Reason: reason, HintText: hint, Err: kind}
}

// late returns the error of a login that took too long.
func (p *Plugin) late(user bool) error {
	if user {
		return &core.LoginError{
			Authenticator: p.name, Reason: fmt.Sprintf("the user did not answer within %v", p.config.InteractionTimeout),
			HintText: "log in again", Err: context.DeadlineExceeded,
		}
	}
	return p.fault(ErrTimeout, fmt.Sprintf("it did not answer within %v", p.config.Timeout), hintAuthor)
}

// untrustedHint returns what helps after an error that is [core.ErrUntrusted].
func untrustedHint(err error) string {
	if _, ok := errors.AsType[*ChecksumError](err); ok {
		return "if you trust the program, pin its new checksum"
	}
	if _, ok := errors.AsType[*DenyListError](err); ok {
		return "install another version"
	}
	if _, ok := errors.AsType[*FolderError](err); ok {
		return "leave it out of the folder, and install it again"
	}
	return "install a program that is signed by a pinned key"
}

// unstarted is the failure of a program that was run, and is not running any more.
func (p *Plugin) unstarted(run *program, err error) error {
	if run.ID() == "" {
		return p.unstartable(err)
	}
	<-run.exited
	version, isPlugin := versionOf(run.line)
	switch {
	case run.line == "":
		hint := hintAuthor
		if run.image.script {
			hint += "; as a script it has to be one file, which its interpreter reads by the name /proc/self/fd/3 (node: with --preserve-symlinks-main)"
		}
		return p.fault(ErrCrashed, "it ended before it was ready ("+run.status+")"+run.printed.tail(), hint)
	case !isPlugin:
		return p.fault(ErrStart, "it does not speak as a plugin does"+run.printed.tail(), "make sure that the path names a plugin")
	case version < oldestVersion || version > newestVersion:
		reason := fmt.Sprintf("it speaks version %d of the contract, this program versions %d to %d", version, oldestVersion, newestVersion)
		return p.fault(ErrVersion, reason, "update the older of the two")
	}
	return p.fault(ErrStart, "it cannot be reached: "+run.printed.fit(err.Error()), hintAuthor)
}

// versionOf returns the version of the contract in the first line of a program's output, if that
// line is a handshake.
func versionOf(line string) (version int, isHandshake bool) {
	parts := strings.Split(line, "|")
	if len(parts) < 4 || parts[0] != "1" {
		return 0, false
	}
	version, err := strconv.Atoi(parts[1])
	return version, err == nil
}

// exitTime is how long the end of a process may come after that of its connection.
const exitTime = 200 * time.Millisecond

// broken is the failure of a call that got no answer.
func (p *Plugin) broken(ctx context.Context, c *child, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		if errors.Is(cause, ErrTimeout) {
			p.discard(c)
		}
		return cause
	}
	timer := time.NewTimer(exitTime)
	defer timer.Stop()
	select {
	case <-c.exited:
		p.discard(c)
		return p.fault(ErrCrashed, "it ended while it was needed ("+c.status+")"+c.printed.tail(), hintAuthor)
	case <-timer.C:
		p.discard(c)
	}
	switch s := status.Convert(err); s.Code() {
	case codes.ResourceExhausted:
		return p.fault(ErrMalformed, fmt.Sprintf("it answered with more than %d bytes", maxMessage), hintAuthor)
	case codes.Unimplemented:
		return p.fault(ErrVersion, "it does not know what it was asked", hintAuthor)
	default:
		return p.fault(ErrCrashed, "the connection broke: "+c.printed.fit(s.Message())+c.printed.tail(), hintAuthor)
	}
}
