// Package logs is the command group that sends log files.
package logs

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/files"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/spool"
)

// NewCommand returns the command group logs.
func NewCommand(a *cmdutil.App) *cobra.Command {
	return cmdutil.NewGroup("logs", "Send log files",
		sendCommand(a), statusCommand(a), resumeCommand(a), discardCommand(a))
}

// summary is a job as the commands print it.
type summary struct {
	ID      string    `json:"id"`
	Created time.Time `json:"created"`
	Source  string    `json:"source"`
	Tenant  string    `json:"tenant"`
	State   string    `json:"state"`
	Parts   int       `json:"parts"`
	Sent    int       `json:"sent"`
	Size    int64     `json:"size"`
}

// The states of a job.
const (
	stateBusy    = "busy"    // a process works on it
	stateCutOff  = "cut off" // what was read of a pipe before its process ended
	stateWaiting = "waiting" // not sent, or in part
	stateSent    = "sent"
)

func summaryOf(job *spool.Job) summary {
	left, _ := job.Left()
	s := summary{
		ID: job.ID, Created: job.Created, Source: job.Source, Tenant: job.Tenant, State: stateWaiting,
		Parts: len(job.Parts), Sent: len(job.Parts) - left, Size: job.Size,
	}
	switch {
	case job.Busy:
		s.State = stateBusy
	case job.CutOff():
		s.State, s.Size = stateCutOff, job.OnDisk()
	case job.Done():
		s.State = stateSent
	}
	return s
}

// deliver sends what is left of a job and releases it.
func deliver(ctx context.Context, a *cmdutil.App, client *taegis.Client, job *spool.Job) error {
	ctx = taegis.ContextWithTenant(ctx, job.Tenant)
	err := job.Send(ctx, files.New(client), func(p *spool.Part) {
		left, _ := job.Left()
		a.Infof("Sent part %d of %d: %s, %d bytes.", len(job.Parts)-left, len(job.Parts), p.Name, p.Size)
	})
	left, size := job.Left()
	err = errors.Join(err, job.Release())
	if err == nil || left == 0 {
		return err
	}
	a.Infof("The spool has %d of %d %s, %d bytes, that were not sent; `taegis logs resume` sends them.",
		left, len(job.Parts), cmdutil.Plural(len(job.Parts), "part", "parts"), size)
	if left < len(job.Parts) {
		return &cmdutil.PartialError{Err: err}
	}
	return err
}

// checkPlatform returns an error for an environment that log files cannot be sent to.
func checkPlatform(cmd *cobra.Command, client *taegis.Client) error {
	if client.Environment().Platform == core.PlatformTaegis {
		return nil
	}
	return cmdutil.UsageErrorf(cmd, "log files can be sent to environments of Taegis; %s has no known API for them",
		client.Environment().Name)
}
