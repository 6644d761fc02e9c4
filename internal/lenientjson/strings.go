package lenientjson

import "strings"

// stringBlocks makes strings that lie in blocks of memory, as one allocation for each would cost
// more than all else in decoding.
type stringBlocks struct {
	block strings.Builder
}

// A block is small and holds small strings only, since each of them keeps all of it in memory.
const (
	stringBlock  = 512
	longInBlocks = stringBlock / 8
)

// make returns text as a string of its own. At most limit bytes will be asked for from now on.
func (s *stringBlocks) make(text []byte, limit int) string {
	if len(text) > longInBlocks {
		return string(text)
	}
	if s.block.Cap()-s.block.Len() < len(text) {
		s.block.Reset()
		s.block.Grow(max(len(text), min(stringBlock, limit)))
	}
	begin := s.block.Len()
	s.block.Write(text)
	return s.block.String()[begin:]
}
