package corpus

import (
	"encoding/hex"
	"strconv"
)

// The last 48 bits of a generated UUID are the record's index, multiplied by an odd number. The
// inverse finds a record by its ID without an index in memory.
const (
	idMask    = 1<<48 - 1
	idFactor  = 0x5bd1e995a3c7 // odd
	idDigits  = 12
	uuidWidth = 36
)

// idInverse is the multiplicative inverse of idFactor modulo 2^48.
var idInverse = func() uint64 {
	x := uint64(1)
	for range 6 { // each Newton step doubles the number of correct bits
		x *= 2 - idFactor*x
	}
	return x & idMask
}()

// uuid returns the record's UUID, in the form of version 4.
func (r ref) uuid() string {
	var raw [16]byte
	v := r.draw(purposeID)
	for i := range 8 {
		raw[i] = byte(v >> (8 * i))
	}
	raw[6] = raw[6]&0x0f | 0x40
	raw[8], raw[9] = 0x80|byte(v>>5)&0x3f, byte(v>>13)
	n := (uint64(r.index)*idFactor ^ r.seed) & idMask
	for i := range 6 {
		raw[10+i] = byte(n >> (40 - 8*i))
	}
	var text [uuidWidth]byte
	hex.Encode(text[0:8], raw[0:4])
	hex.Encode(text[9:13], raw[4:6])
	hex.Encode(text[14:18], raw[6:8])
	hex.Encode(text[19:23], raw[8:10])
	hex.Encode(text[24:], raw[10:])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}

// indexOf returns the index in a UUID of a kind of records. The caller compares the UUIDs, because
// any text of that length has an index.
func indexOf(seed uint64, kind int, uuid string) (int, bool) {
	if len(uuid) != uuidWidth {
		return 0, false
	}
	n, err := strconv.ParseUint(uuid[uuidWidth-idDigits:], 16, 64)
	if err != nil {
		return 0, false
	}
	return int((n ^ newRef(seed, kind, 0).seed) & idMask * idInverse & idMask), true
}
