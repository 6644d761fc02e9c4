//go:build unix

package tokenstore_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/testutil"
)

// A store without a place keeps tokens in memory, and says so once.
func TestWithoutAHomeTokensAreInMemory(t *testing.T) {
	if testutil.Again(t) {
		return
	}
	if path, err := tokenstore.DefaultPath(); err == nil {
		t.Fatalf("there is a home: %s", path)
	}
	var log bytes.Buffer
	f := &tokenstore.File{Logger: newLogger(&log)}
	ctx := t.Context()
	access := ofClient("mine")
	keep(t, f, clientKey("mine"), access)
	if loaded(t, f, clientKey("mine")) != access {
		t.Error("it was not kept")
	}
	if _, ok, err := f.Get(ctx, "charlie", "client_id"); ok || err != nil {
		t.Errorf("Get: %v, %v", ok, err)
	}
	if snapshot, err := f.Snapshot(ctx); err != nil || len(snapshot.Sections()) != 0 {
		t.Errorf("Snapshot: %v", err)
	}
	for key, err := range f.List(ctx) {
		if err != nil || key != clientKey("mine") {
			t.Errorf("List: %v, %v", key, err)
		}
	}
	token, _ := f.Load(ctx, clientKey("mine"))
	if deleted, err := f.CompareAndDelete(ctx, clientKey("mine"), token); !deleted || err != nil {
		t.Errorf("CompareAndDelete: %v, %v", deleted, err)
	}
	if err := f.Delete(ctx, anybody); err != nil {
		t.Error(err)
	}
	if err := f.Set(ctx, "charlie", "client_id", "A"); err == nil || !strings.Contains(err.Error(), "home") {
		t.Errorf("Set claims to have kept a setting: %v", err)
	}
	if n := strings.Count(log.String(), "level=WARN"); n != 1 {
		t.Errorf("%d warnings: %s", n, log.String())
	}
}

// The null device is an empty file that keeps nothing, under any name.
func TestTheNullDeviceKeepsNothing(t *testing.T) {
	for name, path := range map[string]string{"itself": os.DevNull, "a link to it": linkTo(t, os.DevNull)} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			f := &tokenstore.File{Path: path, Logger: newLogger(&log)}
			ctx := t.Context()
			access := ofClient("mine")
			token, err := f.Update(ctx, clientKey("mine"), func(context.Context, core.Token) (core.Token, error) {
				return core.NewToken(access, time.Now()), nil
			})
			if err != nil || token.AccessToken.Reveal() != access {
				t.Errorf("Update: %v", err)
			}
			if got := loaded(t, f, clientKey("mine")); got != "" {
				t.Error("the token was kept")
			}
			if err := f.Delete(ctx, anybody); err != nil {
				t.Errorf("Delete: %v", err)
			}
			if err := f.Unset(ctx, "charlie", "client_id"); err != nil {
				t.Errorf("Unset: %v", err)
			}
			if file, logins, err := f.Locks(); file != "" || logins != "" || err != nil {
				t.Errorf("locks at %q, %q, %v", file, logins, err)
			}
			if names, err := filepath.Glob(path + ".*"); err != nil || len(names) > 0 || log.Len() > 0 {
				t.Errorf("made %v, %v; log %q", names, err, log.String())
			}
		})
	}
}
