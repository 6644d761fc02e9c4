package doctor

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/plugincheck"
	"github.com/taegis-go/taegis/internal/shellquote"
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
	p := e.chosen.File.Plugins[name]
	err := plugincheck.CheckProgram(name, p.Path)
	if err == nil {
		err = verifyChecksum(p.Path, p.SHA256)
	}
	switch _, changed := errors.AsType[*plugins.ChecksumError](err); {
	case changed:
		return failed("taegis plugin checksum "+name, "%v", err)
	case err != nil:
		hint := cmp.Or(e.app.Hint(err), "ls -l "+shellquote.Word(p.Path))
		return failed(hint, "%s", cmdutil.Problem(err))
	case e.offline:
		return passed("%s: the checksum is right; not started, because --offline was given", p.Path)
	}
	requirements, err := plugincheck.Requirements(ctx, e.chosen.File, name, e.app.Logger())
	if err != nil {
		return failed("taegis plugin run "+name, "%s", cmdutil.Problem(err))
	}
	return passed("%s: starts and has this version of the contract%s", p.Path, plugincheck.Missing(p, requirements))
}

// verifyChecksum returns a [*plugins.ChecksumError] if the program has another checksum.
func verifyChecksum(path, checksum string) error {
	sum, err := plugins.Checksum(path)
	if err == nil && !strings.EqualFold(sum, checksum) {
		err = &plugins.ChecksumError{Path: path, Want: checksum, Got: sum}
	}
	return err
}
