package doctor

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/plugincheck"
	"github.com/taegis-go/taegis/internal/shellquote"
	"github.com/taegis-go/taegis/plugins"
)

// plugins checks the installed plugins beside each other, in the chain or not.
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

// plugin checks the program of a plugin, and whether it starts. One that others could have changed
// is not started, whatever its hash.
func (e *examination) plugin(ctx context.Context, name string) finding {
	p := e.chosen.File.Plugins[name]
	err := plugincheck.CheckProgram(name, p.Path)
	if err == nil {
		err = pinned(p.Path, p.SHA256)
	}
	switch _, changed := errors.AsType[*plugins.ChecksumError](err); {
	case changed:
		return bad("taegis plugin checksum "+name, "%v", err)
	case err != nil:
		hint := cmp.Or(core.Hint(err), "ls -l "+shellquote.Word(p.Path))
		return bad(hint, "%s", cmdutil.Problem(err))
	case e.offline:
		return ok("%s: it is the program that was pinned; --offline was given, so it was not started", p.Path)
	}
	requirements, err := plugincheck.Requirements(ctx, e.chosen.File, name, e.app.Logger())
	if err != nil {
		return bad("taegis plugin run "+name, "%s", cmdutil.Problem(err))
	}
	return ok("%s: it starts and speaks this version of the contract%s", p.Path, plugincheck.Missing(p, requirements))
}

// pinned returns a [*plugins.ChecksumError] where a program is not the one that was pinned.
func pinned(path, checksum string) error {
	sum, err := plugins.Checksum(path)
	if err == nil && !strings.EqualFold(sum, checksum) {
		err = &plugins.ChecksumError{Path: path, Want: checksum, Got: sum}
	}
	return err
}
