package doctor

import (
	"cmp"
	"context"
	"errors"
	"sync"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/plugincheck"
	"github.com/taegis-go/taegis/plugins"
)

// plugins checks all installed plugins concurrently.
func (e *examination) plugins(ctx context.Context) []finding {
	if e.profilesErr != nil {
		return nil
	}
	names := plugincheck.Names(e.chosen.File)
	findings := make([]finding, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() {
			findings[i] = timed(ctx, func(ctx context.Context) finding { return e.plugin(ctx, name) }).named("plugin:" + name)
		})
	}
	all.Wait()
	return findings
}

// plugin checks the program of a plugin and starts it. A program that other users can change is not
// started, even if its checksum is right.
func (e *examination) plugin(ctx context.Context, name string) finding {
	program, err := plugincheck.Find(e.chosen.File, name)
	switch _, changed := errors.AsType[*plugins.ChecksumError](err); {
	case changed:
		return failed("taegis plugin checksum "+name, "%v", err)
	case err != nil:
		hint := cmp.Or(e.app.Hint(err), "taegis plugin verify "+name)
		return failed(hint, "%s", cmdutil.Problem(err))
	case e.offline:
		return passed("%s: the %s is right; not started, because --offline was given", program.Path, program.Check())
	}
	requirements, err := plugincheck.Requirements(ctx, e.chosen.File, name, e.app.Logger())
	if err != nil {
		return failed("taegis plugin run "+name, "%s", cmdutil.Problem(err))
	}
	return passed("%s: starts and has this version of the contract%s", program.Path, plugincheck.Missing(e.chosen.File.Plugins[name], requirements))
}
