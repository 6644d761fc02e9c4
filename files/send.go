package files

import (
	"context"
	"net/http"

	"github.com/taegis-go/taegis/internal/retry"
)

// delivery is one content on its way to a place.
type delivery struct {
	content
	contentType string // "" for none
	place       Place  // of an earlier try, which may have stored the content; zero for none
	// sign returns a new place. It is called at the start, and again after a place has expired.
	sign func(context.Context) (Place, error)
	// conditional lets a repetition ask the host to refuse what it has.
	conditional bool
}

// deliver uploads the content, with repetitions.
func (c *Client) deliver(ctx context.Context, d *delivery) error {
	place, again := d.place, !d.place.IsZero()
	return retry.Do(ctx, c.limits(), func(ctx context.Context) error {
		if place.IsZero() {
			signed, err := d.sign(ctx)
			if err != nil {
				return err
			}
			place, again = signed, false
		}
		expired, err := c.put(ctx, d, place, again)
		if again = true; expired {
			place = Place{}
		}
		return err
	})
}

// put uploads the content once. If it is a repetition, the host may refuse it because it has the
// content.
func (c *Client) put(ctx context.Context, d *delivery, place Place, again bool) (expired bool, err error) {
	if again && d.conditional {
		r, err := c.tryPut(ctx, d, place, true)
		switch {
		case err != nil || r == nil:
			return false, err
		case r.fault.Status == http.StatusPreconditionFailed: // an earlier try has stored it
			return false, nil
		case r.temporary() || r.expired():
			return r.expired(), r.err()
		}
		// The host does not know the condition.
	}
	r, err := c.tryPut(ctx, d, place, false)
	if err != nil || r == nil {
		return false, err
	}
	return r.expired(), r.err()
}

// tryPut sends one request. It returns the host's refusal, nil if the content is stored.
func (c *Client) tryPut(parent context.Context, d *delivery, place Place, onlyIfNone bool) (*refusal, error) {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	dog := newWatchdog(c.stallTimeout(), func() { cancel(stalled(c.stallTimeout())) })
	defer dog.stop()
	body := &reading{of: &d.content, alive: dog.alive}
	defer func() { _ = body.end() }()
	r, err := place.request(opUpload, http.MethodPut)
	if err != nil {
		return nil, err
	}
	r.Body, r.ContentLength = body, d.size
	if d.contentType != "" {
		r.Header.Set("Content-Type", d.contentType)
	}
	if onlyIfNone {
		r.Header.Set("If-None-Match", "*")
		r.Header.Set("Expect", "100-continue") // so that it can refuse before the content is sent
	}
	resp, err := c.exchange(ctx, opUpload, r)
	if fault := body.end(); fault != nil {
		if err == nil {
			_ = resp.Body.Close() // nothing of it matters
		}
		return nil, fault
	}
	if err != nil {
		return nil, broken(parent, err)
	}
	defer func() { _ = resp.Body.Close() }() // it was read as far as needed
	dog.alive()
	if resp.StatusCode/100 == 2 {
		return nil, nil
	}
	return refused(opUpload, r.URL.Host, resp), nil
}
