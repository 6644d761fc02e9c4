package spool

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"time"

	"github.com/taegis-go/taegis/internal/ctxio"
	"github.com/taegis-go/taegis/internal/fileperm"
)

// ErrEmpty means that an input has no bytes.
var ErrEmpty = errors.New("it is empty: there is nothing to send")

// Add copies an input into the spool and returns its job, locked until [Job.Release]. It will be
// sent in parts of at most size bytes. If the spool has the same input for the same target, it
// returns that job, of which parts may have been sent. The journal has the job once Add has
// returned.
//
// If reading or writing fails, or ctx ends, what was copied of a file is removed. What was read of
// a pipe stays, for [Spool.Take] and [Job.Accept]: Add returns the job, not locked, with the error.
func (s *Spool) Add(ctx context.Context, in io.Reader, job Job, size int64) (*Job, error) {
	job.Created, job.PartSize = time.Now().UTC(), size
	made, err := s.create(ctx, job)
	if err != nil {
		return nil, err
	}
	copied, err := made.fill(ctx, in)
	if err == nil {
		err = made.divide()
	}
	var same *Job
	if err == nil {
		same, err = s.complete(ctx, made)
	}
	switch {
	case same != nil:
		return same, s.Discard(made)
	case err == nil:
		return made, nil
	case job.Source != Pipe || copied == 0:
		return nil, errors.Join(err, s.Discard(made))
	}
	return made, errors.Join(err, made.Release())
}

// chunk is how much is copied at once.
const chunk = 256 << 10

// fill copies an input into the job. A read that waits ends with ctx.
func (j *Job) fill(ctx context.Context, in io.Reader) (copied int64, err error) {
	file, err := os.OpenFile(j.inputPath(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileperm.FileMode)
	if err != nil {
		return 0, spoolError(j.inputPath(), err)
	}
	defer func() {
		if closing := file.Close(); err == nil && closing != nil {
			err = spoolError(j.inputPath(), closing)
		}
	}()
	buffer := make([]byte, chunk)
	for {
		step("read")
		n, err := ctxio.Do(ctx, func() (int, error) { return in.Read(buffer) })
		if ctx.Err() != nil {
			return copied, context.Cause(ctx) // the buffer is still in use
		}
		written, full := write(file, buffer[:n])
		if copied += int64(written); full != nil {
			return copied, spoolError(j.inputPath(), full)
		}
		switch {
		case errors.Is(err, io.EOF):
			step("sync")
			if err := file.Sync(); err != nil {
				return copied, spoolError(j.inputPath(), err)
			}
			return copied, nil
		case err != nil:
			return copied, err
		}
	}
}

// divide divides what was copied into parts.
func (j *Job) divide() error {
	input, err := os.Open(j.inputPath())
	if err != nil {
		return spoolError(j.inputPath(), err)
	}
	defer func() { _ = input.Close() }() // nothing was written
	info, err := input.Stat()
	if err != nil {
		return spoolError(j.inputPath(), err)
	}
	if info.Size() == 0 {
		return ErrEmpty
	}
	spans, err := split(input, info.Size(), j.PartSize)
	if err != nil {
		return spoolError(j.inputPath(), err)
	}
	j.Parts, j.Size = nil, info.Size()
	whole := sha256.New()
	for number, span := range spans {
		digest, err := digestOf(io.TeeReader(io.NewSectionReader(input, span.offset, span.size), whole))
		if err != nil {
			return spoolError(j.inputPath(), err)
		}
		j.Parts = append(j.Parts, &Part{
			Name: partName(j.Name, digest, number), Offset: span.offset, Size: span.size, Digest: digest, State: StateSpooled,
		})
	}
	j.Digest = hex.EncodeToString(whole.Sum(nil))
	return nil
}

func digestOf(r io.Reader) (string, error) {
	sum := sha256.New()
	_, err := io.Copy(sum, r)
	return hex.EncodeToString(sum.Sum(nil)), err
}

// complete records that a job is whole. If the spool has the same input, it returns that job,
// locked.
func (s *Spool) complete(ctx context.Context, job *Job) (same *Job, err error) {
	unlock, err := s.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	jobs, err := s.scan()
	if err != nil {
		return nil, err
	}
	for _, other := range jobs {
		if other.ID != job.ID && other.sameInput(job) {
			if err := other.take(); err != nil {
				return nil, err
			}
			if !job.Again || !other.Done() {
				return other, nil
			}
			if err := s.Discard(other); err != nil {
				return nil, err
			}
		}
	}
	step("complete")
	job.Complete = true
	if err := job.save(); err != nil {
		job.Complete = false
		return nil, err
	}
	return nil, nil
}

// Accept makes a complete job of what was read of a pipe before the end of a process. The last line
// may be cut off. If the spool has the same input, it returns that job in its place.
func (s *Spool) Accept(ctx context.Context, job *Job) (*Job, error) {
	if job.Complete {
		return job, nil
	}
	if err := job.divide(); err != nil {
		return job, err
	}
	same, err := s.complete(ctx, job)
	if same != nil {
		return same, s.Discard(job)
	}
	return job, err
}
