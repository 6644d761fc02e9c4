package spool

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/files"
)

// Sender sends a log file: a [*files.Client].
type Sender interface {
	SendLog(ctx context.Context, log files.Log) error
}

// Send sends the parts that were not sent, in their order, and calls sent after each. The job must
// be complete and taken. It stops at the first part that cannot be sent. When all were sent, it
// removes the input.
func (j *Job) Send(ctx context.Context, to Sender, sent func(*Part)) error {
	if !j.Done() {
		input, err := os.Open(j.inputPath())
		if err != nil {
			return spoolError(j.inputPath(), err)
		}
		defer func() { _ = input.Close() }() // nothing was written
		for _, part := range j.Parts {
			if part.State == StateSent {
				continue
			}
			if err := j.sendPart(ctx, to, part, io.NewSectionReader(input, part.Offset, part.Size)); err != nil {
				return err
			}
			sent(part)
		}
	}
	step("remove")
	if err := os.Remove(j.inputPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return spoolError(j.inputPath(), err)
	}
	return nil
}

func (j *Job) sendPart(ctx context.Context, to Sender, part *Part, content *io.SectionReader) error {
	digest, err := digestOf(content)
	if err != nil {
		return spoolError(j.inputPath(), err)
	}
	if digest != part.Digest {
		return spoolError(j.inputPath(), errors.New("it is damaged: its bytes are not those that were spooled"))
	}
	log := files.Log{
		Name: part.Name, Content: content, Size: part.Size, SensorID: j.SensorID, Service: j.Service,
		OnPlace: func(p files.Place) error {
			part.State, part.URL, part.Header = StateSigned, p.URL.Reveal(), p.Header
			return j.save()
		},
	}
	if part.State == StateSigned {
		log.Place = files.Place{URL: core.NewSecret(part.URL), Header: part.Header}
	}
	step("send")
	if err := to.SendLog(ctx, log); err != nil {
		return err
	}
	step("answered")
	part.State, part.URL, part.Header, part.Sent = StateSent, "", nil, time.Now().UTC()
	return j.save()
}
