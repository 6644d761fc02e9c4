package file

import (
	"compress/gzip"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

func (c Compression) suffix() string {
	if c == Zstd {
		return zstdSuffix
	}
	return gzipSuffix
}

// compressor returns a writer that compresses. It uses one goroutine, so that an export has the
// other processors.
func compressor(w io.Writer, c Compression) (io.WriteCloser, error) {
	if c == Zstd {
		return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
	}
	return gzip.NewWriterLevel(w, gzip.BestSpeed)
}

// decompressor returns a reader of a file with that suffix.
func decompressor(file io.Reader, suffix string) (io.ReadCloser, error) {
	switch suffix {
	case gzipSuffix:
		return gzip.NewReader(file)
	case zstdSuffix:
		decoder, err := zstd.NewReader(file, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, fmt.Errorf("it cannot be decompressed: %w", err)
		}
		return decoder.IOReadCloser(), nil
	}
	return io.NopCloser(file), nil
}
