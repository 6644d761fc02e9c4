package doctor

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/ctxio"
	"github.com/taegis-go/taegis/internal/fileperm"
	"github.com/taegis-go/taegis/internal/inifile"
	"github.com/taegis-go/taegis/internal/shellquote"
	"github.com/taegis-go/taegis/profile"
)

// local runs the checks that read files and variables and do not wait.
func (e *examination) local(ctx context.Context) []finding {
	return []finding{
		machinePolicy().named("policy"),
		e.profiles().named("profiles"),
		e.whereTo().named("environment"),
		e.configuration(ctx).named("configuration"),
		e.proxy().named("proxy"),
		e.certificates(ctx).named("certificates"),
		e.command().named("command"),
	}
}

// profiles checks the profile file and the profile that flags and variables choose.
func (e *examination) profiles() finding {
	path, err := profile.DefaultPath()
	if err == nil {
		err = e.profilesErr
	} else if e.profilesErr == nil {
		return doubtful(cmdutil.ExportLine("HOME", "FOLDER"), "there are none: the home folder is unknown")
	}
	switch {
	case errors.Is(err, fileperm.ErrUnsafe):
		return failed(core.Hint(err), "%s", cmdutil.Problem(err))
	case errors.Is(err, fs.ErrPermission):
		return wrong(err, opening(path, err))
	case err != nil:
		return wrong(err, "taegis profile list")
	}
	_, err = os.Stat(path)
	if system := e.chosen.File.System; system == "" && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)) {
		return passed("%s: does not exist and is not needed", path)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
		return wrong(err, opening(path, err))
	}
	active := "none is active"
	if e.chosen.Profile != "" {
		active = e.chosen.Profile + " is active"
	}
	number := len(e.chosen.File.Profiles)
	if system := e.chosen.File.System; system != "" {
		path += " over " + system
	}
	return passed("%s: %d %s, %s", path, number, cmdutil.Plural(number, "profile", "profiles"), active)
}

// whereTo checks the environment that flags, variables and the profile choose.
func (e *examination) whereTo() finding {
	switch {
	case e.profilesErr != nil:
		return skip("the profiles cannot be used")
	case e.environErr != nil:
		return wrong(e.environErr, "taegis profile show")
	}
	from := e.chosen.Value("environment").From
	return passed("%s (%s), calls go to %s, logins to %s", e.environment.Name, from, e.environment.APIURL, e.environment.AuthURL)
}

// file returns the file that is shared with the Python SDK, read-only, so that no lock file is created
// either.
func (e *examination) file() (*tokenstore.File, error) {
	file, err := e.app.ConfigFile()
	file.FS = afero.NewReadOnlyFs(afero.NewOsFs())
	return file, err
}

// configuration checks the file that is shared with the Python SDK.
func (e *examination) configuration(ctx context.Context) finding {
	if e.homeErr != nil {
		return doubtful(cmdutil.ExportLine("HOME", "FOLDER"), "there is none: the home folder is unknown; tokens are kept in memory")
	}
	if isNullDevice(e.sharedPath) {
		return passed("%s: an empty file that stores nothing", e.sharedPath)
	}
	info, err := os.Lstat(e.sharedPath)
	switch {
	case errors.Is(err, fs.ErrNotExist) && e.sharedErr == nil:
		return passed("%s: does not exist yet; the first login creates it", e.sharedPath)
	case errors.Is(err, syscall.ENOTDIR):
		folder := fileperm.NotFolder(e.sharedPath)
		return failed("ls -ld "+shellquote.Word(folder), "%s: cannot be created: %s is not a folder", e.sharedPath, folder)
	case e.sharedErr != nil:
		return wrong(e.sharedErr, opening(e.sharedPath, e.sharedErr))
	case err != nil:
		return wrong(err, opening(e.sharedPath, err))
	}
	target := ""
	if info.Mode()&fs.ModeSymlink != 0 {
		resolved, _ := filepath.EvalSymlinks(e.sharedPath)
		target = ", a link to " + resolved
		info, err = os.Stat(e.sharedPath)
	}
	data, readErr := ctxio.ReadFile(ctx, e.sharedPath)
	if err := errors.Join(err, readErr); err != nil {
		return wrong(err, "ls -lL "+shellquote.Word(e.sharedPath))
	}
	parsed, err := inifile.Parse(data)
	if syntax, isSyntax := errors.AsType[*inifile.SyntaxError](err); isSyntax {
		return doubtful(editor(e.sharedPath, syntax.Line), "%s:%d: %s; the Python SDK cannot read the file", e.sharedPath, syntax.Line, syntax.Reason)
	}
	if err := fileperm.Closed(e.sharedPath, info); err != nil {
		return doubtful(core.Hint(err), "%s; the file holds access tokens", cmdutil.Problem(err))
	}
	if len(e.warnings) > 0 {
		return doubtful(editor(e.sharedPath, 0), "%s", strings.Join(e.warnings, "; "))
	}
	number := len(parsed.Sections())
	return passed("%s: %d %s, mode %#o%s", e.sharedPath, number, cmdutil.Plural(number, "section", "sections"), info.Mode().Perm(), target)
}

// opening returns the command that grants access to a file, or one that shows more if the problem is
// another one.
func opening(path string, err error) string {
	if errors.Is(err, fs.ErrPermission) {
		if _, hint := fileperm.Denied(path); hint != "" {
			return hint
		}
	}
	return "ls -ld " + shellquote.Word(path)
}

// isNullDevice reports whether path is the null device.
func isNullDevice(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err == nil && os.SameFile(info, null)
}

// certificates checks the bundle of additional certificate authorities.
func (e *examination) certificates(ctx context.Context) finding {
	path := e.bundle
	switch {
	case e.bundleErr != nil:
		return wrong(e.bundleErr, cmdutil.UnsetLine("TAEGIS_CA_BUNDLE"))
	case path == "":
		return passed("those of the system; TAEGIS_CA_BUNDLE is not set")
	}
	data, err := ctxio.ReadFile(ctx, path)
	if err != nil {
		return wrong(err, cmdutil.UnsetLine("TAEGIS_CA_BUNDLE"))
	}
	good, expired, unread := countCertificates(data, time.Now())
	text := fmt.Sprintf("%s (TAEGIS_CA_BUNDLE): %d %s in addition to those of the system", path, good+expired, cmdutil.Plural(good+expired, "certificate", "certificates"))
	var problems []string
	if expired > 0 {
		problems = append(problems, fmt.Sprintf("%d expired or not yet valid", expired))
	}
	if unread > 0 {
		problems = append(problems, fmt.Sprintf("%d that cannot be read", unread))
	}
	if len(problems) > 0 {
		return doubtful(editor(path, 0), "%s, %s", text, strings.Join(problems, ", "))
	}
	return passed("%s", text)
}

// countCertificates counts the valid certificates, those outside their validity and the PEM blocks that
// cannot be read.
func countCertificates(text []byte, now time.Time) (good, expired, unread int) {
	for text = bytes.TrimSpace(text); ; {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return good, expired, unread
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		switch {
		case block.Type != "CERTIFICATE" || err != nil:
			unread++
		case now.After(certificate.NotAfter) || now.Before(certificate.NotBefore):
			expired++
		default:
			good++
		}
	}
}
