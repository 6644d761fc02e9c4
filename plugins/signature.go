package plugins

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"aead.dev/minisign"
)

// SignatureSuffix is the end of the name of the file with a program's signature, which lies next to
// the program.
const SignatureSuffix = ".minisig"

// maxSignature is the largest size of a signature, in bytes; minisign writes at most 9 KB.
const maxSignature = 16 << 10

// Signature is the signature of a program in the format of minisign.
type Signature struct {
	// Key is the public key that verifies it; empty if none was needed.
	Key string
	// Comment is the trusted comment, which is signed too.
	Comment string
	// Time is when the program was signed, as the trusted comment says; zero if it does not.
	Time time.Time
}

// signature returns the signature of a program, if it is one by a pinned key.
func (r *rules) signature(c candidate) (Signature, error) {
	fault := func(reason string, err error) (Signature, error) {
		return Signature{}, &SignatureError{Path: c.path, Checksum: c.sum, Reason: reason, Err: err}
	}
	text, err := readSignature(c.path + SignatureSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return fault("it is not signed: there is no "+c.path+SignatureSuffix, err)
	}
	var found minisign.Signature
	if err == nil {
		err = found.UnmarshalText(text)
	}
	if err != nil {
		return fault("its signature cannot be read: "+err.Error(), err)
	}
	if found.Algorithm != minisign.HashEdDSA {
		return fault("its signature is of the old kind, which does not hash the program first", nil)
	}
	reader, sum, err := c.read()
	if err != nil {
		return fault("it cannot be read: "+err.Error(), err)
	}
	if sum != c.sum { // what is verified would not be what runs
		return fault("it was changed while it was verified", nil)
	}
	for _, key := range r.keys {
		if key.ID() != found.KeyID || !reader.Verify(key, text) {
			continue
		}
		signature := Signature{Key: key.String(), Comment: found.TrustedComment, Time: signedAt(found.TrustedComment)}
		if reason := r.outdated(signature); reason != "" {
			return fault(reason, nil)
		}
		return signature, nil
	}
	return fault(fmt.Sprintf("its signature by the key %016X is not one by a pinned key", found.KeyID), nil)
}

// outdated returns why a valid signature does not count, "" if it does.
func (r *rules) outdated(s Signature) string {
	switch {
	case r.since.IsZero():
	case s.Time.IsZero():
		return "its signature has no time, and older ones do not count"
	case s.Time.Before(r.since):
		return fmt.Sprintf("it was signed at %s, and only what was signed since %s counts", s.Time.Format(time.RFC3339), r.since.Format(time.RFC3339))
	}
	if plugin := field(s.Comment, "plugin"); plugin != "" && r.name != "" && plugin != r.name {
		return fmt.Sprintf("it was signed as the plugin %q", plugin)
	}
	return ""
}

// signedAt returns the time of a trusted comment, zero if it has none.
func signedAt(comment string) time.Time {
	seconds, err := strconv.ParseInt(field(comment, "timestamp"), 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

// field returns the value of a field of a trusted comment, which separates them by tabs.
func field(comment, name string) string {
	for part := range strings.SplitSeq(comment, "\t") {
		if value, ok := strings.CutPrefix(part, name+":"); ok {
			return value
		}
	}
	return ""
}

// read reads the program, or the list of a folder, for a signature. It also returns its SHA-256.
func (c candidate) read() (*minisign.Reader, string, error) {
	content, err := c.open()
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = content.Close() }()
	sum := sha256.New()
	reader := minisign.NewReader(io.TeeReader(content, sum))
	if _, err := io.Copy(io.Discard, reader); err != nil {
		return nil, "", err
	}
	return reader, hex.EncodeToString(sum.Sum(nil)), nil
}

// open opens what is hashed and signed: the program, or the list of its folder.
func (c candidate) open() (io.ReadCloser, error) {
	if c.entry == "" {
		return openProgram(c.path)
	}
	list, err := listFolder(c.path)
	if err != nil {
		return nil, err
	}
	return io.NopCloser(strings.NewReader(list.text())), nil
}

// readSignature reads a small regular file.
func readSignature(path string) ([]byte, error) {
	file, err := openProgram(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, maxSignature+1))
	if len(text) > maxSignature {
		err = errors.New("it is too large for a signature")
	}
	return text, err
}

// OpenSigned opens what the signature of a program is of, for reading: the program itself, or the
// list of the files of a folder.
func OpenSigned(path string) (io.ReadCloser, error) { return candidateAt(path, "").open() }

// candidateAt returns the program, or the folder, at path.
func candidateAt(path, sum string) candidate {
	c := candidate{path: path, sum: sum}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		c.entry = "." // whichever it is, all files are hashed
	}
	return c
}

// VerifySignature returns the program or the folder at path if it has a signature by one of the keys,
// which are those of [Config].Keys. It starts nothing. The error is a [*ConfigError] about the keys, a
// [*SignatureError], or that of reading the program.
func VerifySignature(path string, keys []string) (Program, error) {
	parsed, err := parseKeys(keys)
	if err != nil {
		return Program{}, &ConfigError{nameOf(path), "Keys", err.Error()}
	}
	sum, err := Checksum(path)
	if err != nil {
		return Program{}, err
	}
	r := &rules{keys: parsed}
	signature, err := r.permit(candidateAt(path, sum))
	return Program{Path: path, SHA256: sum, Signature: signature}, err
}
