// Package digest makes short identifiers of values that must not appear themselves.
package digest

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Of returns 16 hex digits of the SHA-256 of the parts, joined by NUL.
func Of(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:8])
}
