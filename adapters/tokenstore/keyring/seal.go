package keyring

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"strings"
)

// keySize is the size of a key in bytes: AES-256.
const keySize = 32

// A sealed file is one line of text, for example
//
//	taegis-sealed 1 secret-service 8f14e45fceea167a
//
// with the version of the format, the keyring and the name of the key in it. The rest of the file
// is the contents, sealed with AES-256-GCM: nonce, ciphertext, tag. The line is the associated
// data, so a change of it is detected.
const (
	magic   = "taegis-sealed"
	version = "1"
)

// header is the first line of a sealed file.
type header struct {
	backend string // the keyring that has the key
	key     string // the key's name there
}

func (h header) line() []byte {
	return fmt.Appendf(nil, "%s %s %s %s\n", magic, version, h.backend, h.key)
}

// Reasons why a file cannot be opened.
var (
	errNotSealed = errors.New("it is no sealed file")
	errVersion   = errors.New("it was sealed by a newer version of this SDK")
	errTampered  = errors.New("its seal is broken")
)

// split returns the header of a sealed file, and its line and what follows as they stand.
func split(data []byte) (h header, line, sealed []byte, err error) {
	line, sealed, ok := bytes.Cut(data, []byte("\n"))
	fields := strings.Split(string(line), " ")
	switch {
	case !ok || len(fields) < 2 || fields[0] != magic:
		return header{}, nil, nil, errNotSealed
	case fields[1] != version:
		return header{}, nil, nil, errVersion
	case len(fields) != 4:
		return header{}, nil, nil, errNotSealed
	}
	return header{fields[2], fields[3]}, data[:len(line)+1], sealed, nil
}

// seal returns the bytes of a sealed file.
func seal(h header, key, plain []byte) ([]byte, error) {
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	line := h.line()
	return aead.Seal(line, nil, plain, line), nil
}

// open returns what was sealed.
func open(line, sealed, key []byte) ([]byte, error) {
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, nil, sealed, line)
	if err != nil {
		return nil, errTampered
	}
	return plain, nil
}

// newAEAD takes a random nonce for each seal, which is safe for 2^32 of them: one login a second
// for a century.
func newAEAD(key []byte) (cipher.AEAD, error) {
	if len(key) != keySize {
		return nil, fmt.Errorf("the key has %d bytes in place of %d", len(key), keySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
