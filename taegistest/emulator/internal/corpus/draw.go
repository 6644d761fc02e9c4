package corpus

import "encoding/hex"

// ref identifies a generated record. Its seed is that of the corpus mixed with the record's kind.
type ref struct {
	seed  uint64
	index int
}

// Kinds of records. Each has its own random numbers.
const (
	kindAlert = iota + 1
	kindEvent
	kindCase
	kindAsset
	kindAudit
	kindUser
	kindRule
	kindTenant
	kindComment
	kindFile
	kindTime
)

// newRef returns the reference of a record.
func newRef(seed uint64, kind, index int) ref {
	return ref{seed: mix(seed ^ uint64(kind)*0x9e3779b97f4a7c15), index: index}
}

// draw returns a random number that depends on the record and the purpose only.
func (r ref) draw(purpose uint64) uint64 {
	return mix(r.seed + mix(uint64(r.index)*0xd1342543de82ef95+purpose))
}

// below returns a number from 0 to n-1.
func (r ref) below(purpose uint64, n int) int {
	return int(r.draw(purpose) % uint64(n))
}

// oneIn reports true for about one of n records.
func (r ref) oneIn(purpose uint64, n int) bool { return r.below(purpose, n) == 0 }

// pick returns one of the values.
func pick[T any](r ref, purpose uint64, values []T) T { return values[r.below(purpose, len(values))] }

// hex returns n random hexadecimal digits.
func (r ref) hex(purpose uint64, n int) string {
	raw := make([]byte, 0, n/2+8)
	for len(raw)*2 < n {
		v := r.draw(purpose + uint64(len(raw))<<32)
		for shift := 0; shift < 64; shift += 8 {
			raw = append(raw, byte(v>>shift))
		}
	}
	return hex.EncodeToString(raw)[:n]
}

// mix is the finalizer of SplitMix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
