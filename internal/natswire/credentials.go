package natswire

import (
	"crypto/ed25519"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"strings"
)

// readCredentials reads the token and the key of a file of credentials, as nsc writes it: each
// stands between a line that begins with "-----BEGIN" and one that begins with dashes.
func readCredentials(path string) (token string, key ed25519.PrivateKey, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", nil, err
	}
	token, seed := block(string(text), "NATS USER JWT"), block(string(text), "USER NKEY SEED")
	if token == "" || seed == "" {
		return "", nil, fmt.Errorf("%s: %w", path, ErrCredentials)
	}
	if key, err = keyOf(seed); err != nil {
		return "", nil, fmt.Errorf("%s: %w", path, err)
	}
	return token, key, nil
}

// block returns the line after the one that begins a block.
func block(text, name string) string {
	inside := false
	for line := range strings.Lines(text) {
		switch line = strings.TrimSpace(line); {
		case strings.HasPrefix(line, "-"):
			inside = strings.Contains(line, "BEGIN "+name)
		case inside && line != "":
			return line
		}
	}
	return ""
}

// keyOf decodes a seed: two bytes that name its type, 32 bytes, and a checksum, in base32.
func keyOf(seed string) (ed25519.PrivateKey, error) {
	const prefix = 2
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(seed)
	if err != nil || len(raw) != prefix+ed25519.SeedSize+2 || !strings.HasPrefix(seed, "S") {
		return nil, fmt.Errorf("%w: its seed cannot be read", ErrCredentials)
	}
	body := raw[:prefix+ed25519.SeedSize]
	if binary.LittleEndian.Uint16(raw[len(body):]) != checksum(body) {
		return nil, fmt.Errorf("%w: the checksum of its seed is wrong", ErrCredentials)
	}
	return ed25519.NewKeyFromSeed(body[prefix:]), nil
}

// checksum is CRC-16 with the polynomial 0x1021, as of XMODEM.
func checksum(data []byte) uint16 {
	crc := uint16(0)
	for _, b := range data {
		crc ^= uint16(b) << 8
		for range 8 {
			if carry := crc & 0x8000; carry != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}

// sign signs the nonce of a server.
func sign(key ed25519.PrivateKey, nonce string) string {
	return base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, []byte(nonce)))
}
