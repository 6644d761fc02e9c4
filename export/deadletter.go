package export

import (
	"encoding/json"
	"errors"
	"os"
	"time"

	"github.com/taegis-go/taegis/core"
)

// deadLetter is a line of the dead-letter file.
type deadLetter struct {
	Stream      string          `json:"stream"`
	Environment string          `json:"environment"`
	Tenant      string          `json:"tenant,omitempty"`
	ID          string          `json:"id"`
	Version     string          `json:"version,omitempty"`
	Time        time.Time       `json:"time"`
	Refused     time.Time       `json:"refused"` // when
	Reason      string          `json:"reason"`
	Data        json.RawMessage `json:"data"`
}

// bury appends records that the sink refused to the dead-letter file. It is called before the commit,
// so after a kill a record can be there twice.
func (d *delivery) bury(refused []core.RefusedRecord) error {
	if len(refused) == 0 {
		return nil
	}
	if d.DeadLetters == "" {
		return &core.RefusedError{Sink: "the sink", Records: refused}
	}
	var text []byte
	for _, r := range refused {
		line, err := json.Marshal(deadLetter{
			Stream: r.Record.Stream, Environment: r.Record.Environment, Tenant: r.Record.Tenant, ID: r.Record.ID,
			Version: r.Record.Version, Time: r.Record.Time, Refused: d.Now().UTC(), Reason: r.Reason, Data: r.Record.Data,
		})
		if err != nil {
			return err
		}
		text = append(append(text, line...), '\n')
	}
	f, err := os.OpenFile(d.DeadLetters, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	d.Logger.Warn("the sink refused records, which are in the dead-letter file",
		"records", len(refused), "file", d.DeadLetters, "reason", refused[0].Reason)
	return errors.Join(err, f.Close())
}
