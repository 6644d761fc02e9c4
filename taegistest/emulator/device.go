package emulator

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// ErrUnknownCode is returned for a user code that is not waiting for a decision.
var ErrUnknownCode = errors.New("no device waits with that code")

// ErrUnknownUser is returned for the name of nobody.
var ErrUnknownUser = errors.New("unknown user")

// devices are the device codes that were handed out and not yet used.
type devices struct {
	mu    sync.Mutex
	codes []*deviceCode
}

// deviceCode is one sign-in by device code. Its mutable part is guarded by devices.mu.
type deviceCode struct {
	device, user    string // the two codes of RFC 8628
	issued, expires time.Time
	decided         chan struct{} // closed with the decision
	approvedFor     string        // the user name, "" when denied
	polls           int
}

func (d *deviceCode) isDecided() bool {
	select {
	case <-d.decided:
		return true
	default:
		return false
	}
}

// deviceCode starts a sign-in.
func (x *exchange) deviceCode() {
	now := x.config.Now()
	d := &deviceCode{
		device: rand.Text(), user: userCode(),
		issued: now, expires: now.Add(x.config.Device.CodeLife), decided: make(chan struct{}),
	}
	x.e.devices.add(d, now)
	page := x.baseURL() + pathDevicePage
	answer := map[string]any{
		"device_code": d.device, "user_code": d.user, "verification_uri": page,
		"interval":   max(1, int(x.config.Device.Interval.Round(time.Second).Seconds())),
		"expires_in": int(x.config.Device.CodeLife.Seconds()),
	}
	if !x.config.Device.NoComplete {
		answer["verification_uri_complete"] = page + "?" + url.Values{"user_code": {d.user}}.Encode()
	}
	x.json(http.StatusOK, answer)
}

// userCode returns a code that is easy to compare, such as "KDPZ-MWRT".
func userCode() string {
	text := rand.Text()
	return text[:4] + "-" + text[4:8]
}

// deviceToken ends a sign-in: with a token, or with one of the errors of RFC 8628, section 3.5.
func (x *exchange) deviceToken() {
	params, err := x.params()
	if err != nil {
		x.refuse(http.StatusBadRequest, "invalid_request", err.Error())
		return
	}
	d, polls := x.e.devices.poll(params["device_code"])
	switch {
	case d == nil:
		x.refuse(http.StatusBadRequest, "invalid_grant", "unknown or used device_code")
	case x.config.Device.Poll && polls <= x.config.Device.SlowDown:
		x.refuse(http.StatusBadRequest, "slow_down", "polling too fast")
	default:
		x.conclude(d)
	}
}

// conclude waits for the decision, unless the configuration wants polling, and answers.
func (x *exchange) conclude(d *deviceCode) {
	for !x.e.devices.settle(d, x.config) {
		left := d.expires.Sub(x.config.Now())
		switch {
		case left <= 0:
			x.refuse(http.StatusBadRequest, "expired_token", "the code has expired")
			return
		case x.config.Device.Poll:
			x.refuse(http.StatusBadRequest, "authorization_pending", "the person has not decided yet")
			return
		}
		if after := x.config.Device.ApproveAfter; after > 0 {
			left = min(left, d.issued.Add(after).Sub(x.config.Now()))
		}
		if !x.hold(d, left) {
			return
		}
	}
	x.e.devices.remove(d)
	user, ok := x.config.user(d.approvedFor)
	if !ok {
		x.refuse(http.StatusBadRequest, "access_denied", "the person said no")
		return
	}
	x.grant(user.owner())
}

// hold waits for the decision or for that time, and reports whether the request is still wanted.
func (x *exchange) hold(d *deviceCode, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-d.decided:
	case <-timer.C:
	case <-x.r.Context().Done():
		return false
	}
	return true
}

// Approve lets the device that shows userCode sign in as the user; an empty user means
// [Device].ApproveAs. It returns [ErrUnknownCode] or [ErrUnknownUser].
func (e *Emulator) Approve(userCode, user string) error {
	c := e.config.Load()
	if user == "" {
		user = c.approver()
	}
	if _, ok := c.user(user); !ok {
		return fmt.Errorf("%w: %s", ErrUnknownUser, user)
	}
	return e.devices.decide(userCode, user, c.Now())
}

// Deny refuses the device that shows userCode. It returns [ErrUnknownCode].
func (e *Emulator) Deny(userCode string) error {
	return e.devices.decide(userCode, "", e.config.Load().Now())
}

// approver is the user for whom codes are approved where none is named.
func (c *Config) approver() string {
	if c.Device.ApproveAs != "" {
		return c.Device.ApproveAs
	}
	for _, u := range c.Users {
		if u.SSO {
			return u.Name
		}
	}
	if len(c.Users) > 0 {
		return c.Users[0].Name
	}
	return ""
}

// add keeps a new code and forgets those that have expired long ago.
func (ds *devices) add(d *deviceCode, now time.Time) {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	ds.codes = slices.DeleteFunc(ds.codes, func(old *deviceCode) bool { return now.Sub(old.expires) > time.Hour })
	ds.codes = append(ds.codes, d)
}

// poll finds a code by its device code and counts the request.
func (ds *devices) poll(device string) (d *deviceCode, polls int) {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	for _, d := range ds.codes {
		if same(d.device, device) {
			d.polls++
			return d, d.polls
		}
	}
	return nil, 0
}

// settle reports whether the code is decided; one whose time for approval has come is approved.
func (ds *devices) settle(d *deviceCode, c *Config) bool {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	if after := c.Device.ApproveAfter; !d.isDecided() && after > 0 && !c.Now().Before(d.issued.Add(after)) {
		d.approvedFor = c.approver()
		close(d.decided)
	}
	return d.isDecided()
}

// decide records the person's decision.
func (ds *devices) decide(userCode, approvedFor string, now time.Time) error {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	for _, d := range ds.codes {
		if strings.EqualFold(d.user, userCode) && !d.isDecided() && now.Before(d.expires) {
			d.approvedFor = approvedFor
			close(d.decided)
			return nil
		}
	}
	return fmt.Errorf("%w: %s", ErrUnknownCode, userCode)
}

// remove forgets a code: it can be used once.
func (ds *devices) remove(d *deviceCode) {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	ds.codes = slices.DeleteFunc(ds.codes, func(other *deviceCode) bool { return other == d })
}
