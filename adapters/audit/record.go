package audit

import (
	"encoding/json"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
)

// record is one line of the log. It holds no text of an error, which a server or a plugin may have
// written, but its code.
type record struct {
	Time          string     `json:"time"`
	Event         string     `json:"event"`
	Result        string     `json:"result"` // "success" or "failure"
	Reason        string     `json:"reason"` // see [core.ReasonCode]
	DurationMS    int64      `json:"duration_ms"`
	OSUser        string     `json:"os_user,omitempty"`
	UID           string     `json:"uid,omitempty"`
	Process       string     `json:"process"`
	PID           int        `json:"pid"`
	Environment   string     `json:"environment"`
	AuthHost      string     `json:"auth_host,omitempty"`
	Tenant        string     `json:"tenant,omitempty"`
	Authenticator string     `json:"authenticator,omitempty"`
	Account       string     `json:"account,omitempty"`
	User          string     `json:"user,omitempty"`
	Expiry        *time.Time `json:"expiry,omitempty"`
	Plugin        *program   `json:"plugin,omitempty"`
}

type program struct {
	Name    string `json:"name"`
	Path    string `json:"path,omitempty"`
	SHA256  string `json:"sha256,omitempty"`
	Version string `json:"version,omitempty"`
	Vendor  string `json:"vendor,omitempty"`
}

// line returns the record of an event in one line.
func line(e core.LoginEvent) []byte {
	name, uid := osUser()
	r := record{
		Time: e.Time.UTC().Format("2006-01-02T15:04:05.000Z"), Event: string(e.Kind), Result: "success",
		Reason: core.ReasonCode(e.Err), DurationMS: e.Duration.Milliseconds(),
		OSUser: name, UID: uid, Process: filepath.Base(os.Args[0]), PID: os.Getpid(),
		Environment: e.Environment, AuthHost: e.AuthHost, Tenant: e.Tenant,
		Authenticator: e.Authenticator, Account: string(e.Account), User: e.Username,
	}
	if e.Err != nil {
		r.Result = "failure"
	}
	if !e.Expiry.IsZero() {
		expiry := e.Expiry.UTC()
		r.Expiry = &expiry
	}
	if e.Program != (core.Program{}) {
		p := program(e.Program)
		r.Plugin = &p
	}
	text, _ := json.Marshal(r) // strings, numbers and times of these centuries can be encoded
	return text
}

// osUser returns the name and the number of the user that runs this process. A container may have no
// name for it.
var osUser = sync.OnceValues(func() (name, uid string) {
	if account, err := user.Current(); err == nil {
		return account.Username, account.Uid
	}
	return "", strconv.Itoa(os.Getuid())
})
