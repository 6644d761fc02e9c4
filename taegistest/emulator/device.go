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

// ErrUnknownCode is returned for a user code that does not exist, has expired, or was already
// approved or denied.
var ErrUnknownCode = errors.New("no device is waiting for that user code")

// ErrUnknownUser is returned for a user name that is not in [Config].Users.
var ErrUnknownUser = errors.New("unknown user")

// devices holds the issued device codes that were not used yet.
type devices struct {
	mu    sync.Mutex
	codes []*deviceCode
}

// deviceCode is one login with a device code. devices.mu guards the fields that change.
type deviceCode struct {
	device, user    string // the two codes of RFC 8628
	issued, expires time.Time
	decided         chan struct{} // closed with the decision
	approvedFor     string        // the user name, "" if denied
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

// deviceCode starts a login and returns its verification.
func (x *exchange) deviceCode() {
	now := x.config.Now()
	d := &deviceCode{
		device: rand.Text(), user: userCode(),
		issued: now, expires: now.Add(x.config.Device.CodeLifetime), decided: make(chan struct{}),
	}
	x.e.devices.add(d, now)
	page := x.baseURL() + pathDevicePage
	response := map[string]any{
		"device_code": d.device, "user_code": d.user, "verification_uri": page,
		"interval":   max(1, int(x.config.Device.Interval.Round(time.Second).Seconds())),
		"expires_in": int(x.config.Device.CodeLifetime.Seconds()),
	}
	if !x.config.Device.NoCompleteURI {
		response["verification_uri_complete"] = page + "?" + url.Values{"user_code": {d.user}}.Encode()
	}
	x.json(http.StatusOK, response)
}

// userCode returns a code that is easy to compare, for example "KDPZ-MWRT".
func userCode() string {
	text := rand.Text()
	return text[:4] + "-" + text[4:8]
}

// deviceToken ends a login with a token, or with an error of RFC 8628, section 3.5.
func (x *exchange) deviceToken() {
	params, err := x.params()
	if err != nil {
		x.oauthError(http.StatusBadRequest, "invalid_request", err.Error())
		return
	}
	d, polls := x.e.devices.poll(params["device_code"])
	switch {
	case d == nil:
		x.oauthError(http.StatusBadRequest, "invalid_grant", "unknown or used device_code")
	case x.config.Device.Poll && polls <= x.config.Device.SlowDown:
		x.oauthError(http.StatusBadRequest, "slow_down", "polling too fast")
	default:
		x.answerDevicePoll(d)
	}
}

// answerDevicePoll waits for the decision, unless Device.Poll is set, and responds.
func (x *exchange) answerDevicePoll(d *deviceCode) {
	for !x.e.devices.settle(d, x.config) {
		left := d.expires.Sub(x.config.Now())
		switch {
		case left <= 0:
			x.oauthError(http.StatusBadRequest, "expired_token", "the code has expired")
			return
		case x.config.Device.Poll:
			x.oauthError(http.StatusBadRequest, "authorization_pending", "the user has not decided yet")
			return
		}
		if after := x.config.Device.ApproveAfter; after > 0 {
			left = min(left, d.issued.Add(after).Sub(x.config.Now()))
		}
		if !x.waitForDecision(d, left) {
			return
		}
	}
	x.e.devices.remove(d)
	user, ok := x.config.user(d.approvedFor)
	if !ok {
		x.oauthError(http.StatusBadRequest, "access_denied", "the user denied the login")
		return
	}
	x.grant(user.owner())
}

// waitForDecision waits for the decision, at most that long. It reports whether the client is still
// connected.
func (x *exchange) waitForDecision(d *deviceCode, wait time.Duration) bool {
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

// Approve approves the login of the device with that user code, as a user does on the verification
// page. The device logs in as the user of that name; "" selects [Device].ApproveAs. The error wraps
// [ErrUnknownCode] or [ErrUnknownUser].
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

// Deny denies the login of the device with that user code. The error wraps [ErrUnknownCode].
func (e *Emulator) Deny(userCode string) error {
	return e.devices.decide(userCode, "", e.config.Load().Now())
}

// approver returns the name of the user for which codes are approved if the approval names none.
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

// add stores a new code and removes codes that expired more than an hour ago.
func (ds *devices) add(d *deviceCode, now time.Time) {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	ds.codes = slices.DeleteFunc(ds.codes, func(old *deviceCode) bool { return now.Sub(old.expires) > time.Hour })
	ds.codes = append(ds.codes, d)
}

// poll returns the entry of a device code and counts the request.
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

// settle reports whether the code is decided. It approves the code if Device.ApproveAfter has
// passed.
func (ds *devices) settle(d *deviceCode, c *Config) bool {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	if after := c.Device.ApproveAfter; !d.isDecided() && after > 0 && !c.Now().Before(d.issued.Add(after)) {
		d.approvedFor = c.approver()
		close(d.decided)
	}
	return d.isDecided()
}

// decide records the user's decision.
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

// remove removes a code, which can be used only once.
func (ds *devices) remove(d *deviceCode) {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	ds.codes = slices.DeleteFunc(ds.codes, func(other *deviceCode) bool { return other == d })
}
