package logs

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/homedir"
	"github.com/taegis-go/taegis/internal/spool"
)

const flagSpool = "spool"

// spoolFlag adds the flag with the folder of the spool.
func spoolFlag(flags *pflag.FlagSet, dir *string) {
	flags.StringVar(dir, flagSpool, "", "folder of the spool (default taegis/logs in the user's folder for state)")
}

// openSpool opens the spool in a folder, "" for the default.
func openSpool(dir string) (*spool.Spool, error) {
	if dir == "" {
		state, err := homedir.State()
		if err != nil {
			return nil, err
		}
		dir = filepath.Join(state, "taegis", "logs")
	}
	return spool.Open(dir)
}

// sending holds the flags of send.
type sending struct {
	name, sensor, service, dir string
	split                      size
	again                      bool
}

const sendLong = `Send a log file, or standard input if it is "-", by the file upload API. It is copied to the spool first,
and sent in parts that end at line ends, so that nothing is lost if the process is killed: run the same command
again, or "taegis logs resume", and it continues.

A part that was recorded as sent is not sent again, also if the same input is given again within 30 days; --again
sends it anyway. If the process ends between the answer and its record, the part goes to the same URL again, and a
storage service that has it refuses it. Only if that URL has expired meanwhile can a part be stored twice.

A file is read up to the size that it has at the start. If it becomes shorter meanwhile, nothing of it is sent. One
that has grown since it was sent is another input, and is sent whole: rotate it first. What was read of standard input before the process was
killed is not sent by itself, because the input may come again; see "taegis logs status".`

const sendExample = `  taegis logs send /var/log/firewall.log --tenant 145831 --sensor-id fw1
  journalctl --since yesterday | taegis logs send - --name journal --tenant 145831`

func sendCommand(a *cmdutil.App) *cobra.Command {
	s := &sending{split: 10e6}
	cmd := &cobra.Command{
		Use: "send FILE|-", Short: "Send a log file", Long: sendLong, Example: sendExample,
		Args: cmdutil.ExactArgs("FILE"),
	}
	f := cmd.Flags()
	f.StringVar(&s.name, "name", "", "name of the file at the server (default that of FILE)")
	f.StringVar(&s.sensor, "sensor-id", "", "source of the events; without it the server chooses one")
	f.StringVar(&s.service, "service", "", "argument of the API, which some tenants refuse")
	f.Var(&s.split, "split", "largest size of a part")
	f.BoolVar(&s.again, "again", false, "send what was sent already")
	spoolFlag(f, &s.dir)
	out := a.NewTextOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ctx := cmd.Context()
		return a.WithClient(ctx, func(client *taegis.Client) error {
			if err := checkPlatform(cmd, client); err != nil {
				return err
			}
			target, err := s.target(ctx, a, cmd, client)
			if err != nil {
				return err
			}
			job, err := s.spool(ctx, a, args[0], target)
			if err != nil {
				return err
			}
			if job.Done() {
				a.Infof("The same input was sent on %s; --again sends it again.", job.SentAt().Format(time.RFC3339))
			}
			if err := deliver(ctx, a, client, job); err != nil {
				return err
			}
			if out.Chosen() {
				return out.Value(ctx, summaryOf(job))
			}
			return nil
		})
	}
	return cmd
}

// target returns where the parts are sent to.
func (s *sending) target(ctx context.Context, a *cmdutil.App, cmd *cobra.Command, client *taegis.Client) (spool.Target, error) {
	chosen, err := a.Resolve(ctx)
	if err != nil {
		return spool.Target{}, err
	}
	tenant := chosen.Value("tenant").Text
	if tenant == "" {
		return spool.Target{}, cmdutil.UsageErrorf(cmd, "a log file needs a tenant: give --tenant or set TAEGIS_TENANT_ID")
	}
	return spool.Target{
		Environment: client.Environment().APIURL, Tenant: tenant, SensorID: s.sensor, Service: s.service,
	}, nil
}

// spool copies the input into the spool.
func (s *sending) spool(ctx context.Context, a *cmdutil.App, path string, target spool.Target) (*spool.Job, error) {
	spooler, err := openSpool(s.dir)
	if err != nil {
		return nil, err
	}
	in, err := openInput(ctx, a, path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }() // nothing was written
	name := s.name
	if strings.TrimSpace(name) == "" {
		name = path
	}
	source := in.source
	if source != spool.Pipe {
		if absolute, err := filepath.Abs(source); err == nil {
			source = absolute
		}
	}
	made := spool.Job{Source: source, Name: spool.BaseName(name), Target: target, Again: s.again}
	job, err := spooler.Add(ctx, in, made, int64(s.split))
	if err != nil {
		if job != nil {
			a.Infof("What was read stays in the spool: `taegis logs resume %s` sends it.", job.ID)
		}
		if ctx.Err() != nil || errors.Is(err, spool.ErrBusy) {
			return nil, err
		}
		return nil, inputError(path, err)
	}
	if size := in.grown(); size > 0 {
		a.Warnf("%s has grown to %d bytes meanwhile; the first %d are sent", path, size, in.size)
	}
	return job, nil
}
