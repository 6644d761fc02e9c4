package export

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/spf13/cobra"

	lease "github.com/taegis-go/taegis/adapters/lease/nats"
	"github.com/taegis-go/taegis/export"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/envvar"
)

// shareConfig says how machines share the export. Without a table, it is that of one machine.
type shareConfig struct {
	NATS *shareNATS `toml:"nats"`
}

type shareNATS struct {
	URL         string   `toml:"url"`
	PlainTCP    bool     `toml:"plain-tcp"`
	CABundle    string   `toml:"ca-bundle"`
	Bucket      string   `toml:"bucket"`
	Replicas    int      `toml:"replicas"`
	Name        string   `toml:"name"`
	Lease       duration `toml:"lease"`
	Credentials string   `toml:"credentials"`
	User        string   `toml:"user"`
	Password    *secret  `toml:"password"`
	Token       *secret  `toml:"token"`
}

// defaultBucket is the bucket if the configuration names none.
const defaultBucket = "taegis-export"

func (c *config) isShared() bool { return c.Share.NATS != nil }

// place says where dead letters go if the file does not, and that a shared export has no folder.
func (c *config) place() error {
	if c.State != "" {
		return c.fault("share.nats", "there is a folder of the state too", "remove state: the bucket has it")
	}
	c.DeadLetters = cmp.Or(c.DeadLetters, filepath.Join(filepath.Dir(c.path), "dead-letters.jsonl"))
	return nil
}

// alone returns an error if the export is shared, for what only one machine can do.
func (c *config) alone(cmd *cobra.Command) error {
	if !c.isShared() {
		return nil
	}
	return cmdutil.UsageErrorf(cmd, "%w", c.fault("share.nats",
		cmd.Name()+" needs the state of one machine: a bucket knows the records within the overlap only", ""))
}

// store returns the store of a shared export, which is not open.
func (b *builder) store() (*lease.Store, error) {
	s := b.Share.NATS
	name := s.Name
	if name == "" {
		host, err := os.Hostname()
		if err != nil {
			return nil, b.wrapped("share.nats.name", err)
		}
		name = regexp.MustCompile(`[^A-Za-z0-9_-]`).ReplaceAllString(host, "-")
	}
	bundle, err := b.pathOf("share.nats.ca-bundle", s.CABundle)
	if err != nil {
		return nil, err
	}
	credentials, err := b.pathOf("share.nats.credentials", s.Credentials)
	if err != nil {
		return nil, err
	}
	store := &lease.Store{
		URL: s.URL, PlainTCP: s.PlainTCP, CABundle: bundle, Bucket: cmp.Or(s.Bucket, defaultBucket), Replicas: s.Replicas,
		Name: name, Lease: timeOf(s.Lease), Credentials: credentials, User: s.User, Logger: b.app.Logger(),
	}
	if s.Password != nil {
		if store.Password, err = b.secret("share.nats.password", s.Password); err != nil {
			return nil, err
		}
	}
	if s.Token != nil {
		if store.Token, err = b.secret("share.nats.token", s.Token); err != nil {
			return nil, err
		}
	}
	if !b.secrets && (s.Password != nil || s.Token != nil) {
		return store, nil // without the secrets it looks incomplete
	}
	return store, b.wrapped("share.nats", store.Check())
}

// openShared opens the store of a shared export.
func (c *config) openShared(ctx context.Context, a *cmdutil.App, giveUp time.Duration) (*lease.Store, error) {
	store, err := (&builder{config: c, app: a, secrets: true}).store()
	if err != nil {
		return nil, err
	}
	store.GiveUp = giveUp
	return store, store.Open(ctx)
}

// shared returns the configuration if it is that of a shared export, nil otherwise.
func (f *flags) shared(ctx context.Context, cmd *cobra.Command) (*config, error) {
	if f.config == "" {
		return nil, nil
	}
	path, err := envvar.Path("--config", f.config)
	if err != nil {
		return nil, cmdutil.UsageErrorf(cmd, "%w", err)
	}
	c, err := readConfig(ctx, path)
	if err != nil || !c.isShared() {
		return nil, err
	}
	return c, nil
}

// sharedRows returns how far a shared export came.
func (c *config) sharedRows(ctx context.Context, a *cmdutil.App, stream string) ([]row, error) {
	store, err := c.openShared(ctx, a, readTime)
	if err != nil {
		return nil, err
	}
	feeds, err := store.Feeds(ctx)
	rows := []row{}
	for _, feed := range feeds {
		if stream == "" || feed.Progress.Feed.Stream == stream {
			r := rowOf(feed.Progress)
			r.Owner, r.Lease = feed.Owner, "free"
			if feed.IsHeld {
				r.Lease = "held"
			}
			rows = append(rows, r)
		}
	}
	return rows, cmdutil.JoinErrors(err, store.Close())
}

// progress returns how far the export came.
func (c *config) progress(ctx context.Context, a *cmdutil.App) ([]export.Progress, error) {
	if !c.isShared() {
		return export.ReadDir(c.State)
	}
	store, err := c.openShared(ctx, a, readTime)
	if err != nil {
		return nil, err
	}
	feeds, err := store.Feeds(ctx)
	var all []export.Progress
	for _, feed := range feeds {
		if !feed.Progress.Began.IsZero() {
			all = append(all, feed.Progress)
		}
	}
	return all, cmdutil.JoinErrors(err, store.Close())
}

// readTime is how long a command that only reads waits for the servers.
const readTime = 20 * time.Second
