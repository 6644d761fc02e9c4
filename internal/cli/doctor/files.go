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

// local are the checks that read a file or a variable and wait for nobody.
func (e *examination) local(ctx context.Context) []finding {
	return []finding{
		e.profiles().named("profiles"),
		e.whereTo().named("environment"),
		e.configuration(ctx).named("configuration"),
		e.proxy().named("proxy"),
		e.certificates(ctx).named("certificates"),
		e.command().named("command"),
	}
}

// profiles checks the file of profiles, and the choice that flags and variables make from it.
func (e *examination) profiles() finding {
	path, err := profile.DefaultPath()
	if err == nil {
		err = e.profilesErr
	} else if e.profilesErr == nil {
		return doubtful(cmdutil.ExportLine("HOME", "FOLDER"), "there are none, because the home folder is not known")
	}
	switch {
	case errors.Is(err, fileperm.ErrUnsafe):
		return bad(core.Hint(err), "%s", cmdutil.Problem(err))
	case errors.Is(err, fs.ErrPermission):
		return wrong(err, opening(path, err))
	case err != nil:
		return wrong(err, "taegis profile list")
	}
	_, err = os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return ok("%s: there is none, and none is needed", path)
	}
	if err != nil {
		return wrong(err, opening(path, err))
	}
	use := "none of them is in use"
	if e.chosen.Profile != "" {
		use = e.chosen.Profile + " is in use"
	}
	number := len(e.chosen.File.Profiles)
	return ok("%s: %d %s, %s", path, number, cmdutil.Plural(number, "profile", "profiles"), use)
}

// whereTo checks what environment flags, variables and the profile name.
func (e *examination) whereTo() finding {
	switch {
	case e.profilesErr != nil:
		return skip("the profiles cannot be used")
	case e.environErr != nil:
		return wrong(e.environErr, "taegis profile show")
	}
	from := e.chosen.Value("environment").From
	return ok("%s (%s), calls go to %s, logins to %s", e.environment.Name, from, e.environment.APIURL, e.environment.AuthURL)
}

// file is the file that is shared with the Python SDK, which nothing here can write. So no lock
// file is made beside it either.
func (e *examination) file() (*tokenstore.File, error) {
	file, err := e.app.ConfigFile()
	file.FS = afero.NewReadOnlyFs(afero.NewOsFs())
	return file, err
}

// configuration checks the file that is shared with the Python SDK.
func (e *examination) configuration(ctx context.Context) finding {
	if e.homeErr != nil {
		return doubtful(cmdutil.ExportLine("HOME", "FOLDER"), "there is none, because the home folder is not known; tokens are kept in memory")
	}
	if isNullDevice(e.sharedPath) {
		return ok("%s: an empty file that keeps nothing", e.sharedPath)
	}
	info, err := os.Lstat(e.sharedPath)
	switch {
	case errors.Is(err, fs.ErrNotExist) && e.sharedErr == nil:
		return ok("%s: there is none yet; the first login makes it", e.sharedPath)
	case errors.Is(err, syscall.ENOTDIR):
		folder := fileperm.NotFolder(e.sharedPath)
		return bad("ls -ld "+shellquote.Word(folder), "%s: there is none, and none can be made: %s is not a folder", e.sharedPath, folder)
	case e.sharedErr != nil:
		return wrong(e.sharedErr, opening(e.sharedPath, e.sharedErr))
	case err != nil:
		return wrong(err, opening(e.sharedPath, err))
	}
	authenticator := ""
	if info.Mode()&fs.ModeSymlink != 0 {
		target, _ := filepath.EvalSymlinks(e.sharedPath)
		authenticator = ", a link to " + target
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
		return doubtful(core.Hint(err), "%s; it is for access tokens", cmdutil.Problem(err))
	}
	if len(e.odd) > 0 {
		return doubtful(editor(e.sharedPath, 0), "%s", strings.Join(e.odd, "; "))
	}
	number := len(parsed.Sections())
	return ok("%s: %d %s, mode %#o%s", e.sharedPath, number, cmdutil.Plural(number, "section", "sections"), info.Mode().Perm(), authenticator)
}

// opening is the command that opens a file which this user may not read, else one that shows more.
func opening(path string, err error) string {
	if errors.Is(err, fs.ErrPermission) {
		if _, hint := fileperm.Denied(path); hint != "" {
			return hint
		}
	}
	return "ls -ld " + shellquote.Word(path)
}

// isNullDevice reports whether there is the null device at path.
func isNullDevice(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err == nil && os.SameFile(info, null)
}

// certificates checks the bundle of further certificate authorities.
func (e *examination) certificates(ctx context.Context) finding {
	path := e.bundle
	switch {
	case e.bundleErr != nil:
		return wrong(e.bundleErr, cmdutil.UnsetLine("TAEGIS_CA_BUNDLE"))
	case path == "":
		return ok("those of the system; TAEGIS_CA_BUNDLE adds none")
	}
	text, err := ctxio.ReadFile(ctx, path)
	if err != nil {
		return wrong(err, cmdutil.UnsetLine("TAEGIS_CA_BUNDLE"))
	}
	good, expired, unread := countCertificates(text, time.Now())
	said := fmt.Sprintf("%s (TAEGIS_CA_BUNDLE): %d %s beside those of the system", path, good+expired, cmdutil.Plural(good+expired, "certificate", "certificates"))
	var lacks []string
	if expired > 0 {
		lacks = append(lacks, fmt.Sprintf("%d out of date", expired))
	}
	if unread > 0 {
		lacks = append(lacks, fmt.Sprintf("%d more that cannot be read", unread))
	}
	if len(lacks) > 0 {
		return doubtful(editor(path, 0), "%s, %s", said, strings.Join(lacks, ", "))
	}
	return ok("%s", said)
}

// countCertificates counts the PEM blocks that are certificates, by what can be done with them.
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
