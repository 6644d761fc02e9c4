package files

import (
	"context"
	"io"
	"net/http"

	"github.com/taegis-go/taegis/core"
)

// signLog is the request of the file upload API (docs/protocol.md#log-files).
var signLog = &core.Operation{
	Service: "s3-signer", Name: "signed-s3url", Kind: core.KindPost, Gateway: "/s3-signer/v2/signed-s3url",
	Arguments: []core.Argument{
		{Name: "file_name", Type: "String!"},
		{Name: "content_length", Type: "Int!"},
		{Name: "sensor_id", Type: "String"},
		{Name: "service", Type: "String"},
	},
}

// Log is a log file to send.
type Log struct {
	// Name is the file's name. Some tenants refuse one that does not end like a text file, for
	// example in ".log".
	Name string
	// Content has the bytes of the file from offset 0. It is read again at each try.
	Content io.ReaderAt
	// Size is the number of bytes, which must not be 0.
	Size int64
	// SensorID names the source of the events. If it is empty, the server chooses one.
	SensorID string
	// Service is an optional argument of the API. Some tenants refuse it.
	Service string

	// Place is that of an earlier call, which has perhaps stored the content. The upload then goes
	// to the same object, unless the place has expired. The zero value asks for a new one.
	Place Place
	// OnPlace, if not nil, is called with each new place before anything is sent there, so that a
	// later process can continue. The URL is a secret. An error of OnPlace ends SendLog.
	OnPlace func(Place) error
}

// SendLog uploads a log file by the file upload API of Taegis; fusion has no known API for log files, so
// it returns a [*core.PlatformError] there. The object is complete when it returns nil.
// After an error it may be stored or not; a repetition with the same Place replaces it.
//
// If the earlier try may have stored the object, the repetition asks the host to refuse an object
// that it has, which counts as success. A host that does not support this condition stores the
// bytes again.
//
// It returns a [*core.ArgumentError] for a Log without name or bytes, a [*ContentError] if Content
// is shorter than Size, a [*core.ResponseError] or a [*core.ConnectionError] if the server or the
// host fails, and the errors of the client's login.
func (c *Client) SendLog(ctx context.Context, log Log) error {
	if err := checkFile(signLog.Name, log.Name, log.Content, log.Size); err != nil {
		return err
	}
	return c.deliver(ctx, &delivery{
		content: content{log.Name, log.Content, log.Size}, place: log.Place, conditional: true,
		sign: func(ctx context.Context) (Place, error) {
			place, err := c.signLog(ctx, &log)
			if err == nil && log.OnPlace != nil {
				err = log.OnPlace(place)
			}
			return place, err
		},
	})
}

// signLog asks for the place of a log file.
func (c *Client) signLog(ctx context.Context, log *Log) (Place, error) {
	args := map[string]any{"file_name": log.Name, "content_length": log.Size}
	if log.SensorID != "" {
		args["sensor_id"] = log.SensorID
	}
	if log.Service != "" {
		args["service"] = log.Service
	}
	var answer struct {
		Location string         `json:"location"`
		URL      string         `json:"url"` // another name, read by one client
		Headers  map[string]any `json:"headers"`
	}
	if err := c.taegis.Execute(ctx, &core.Request{Operation: signLog, Args: args}, &answer); err != nil {
		return Place{}, err
	}
	if answer.Location == "" {
		answer.Location = answer.URL
	}
	if answer.Location == "" {
		return Place{}, &core.ResponseError{
			Operation: signLog.Name, Status: http.StatusOK, Reason: "the answer has no location",
		}
	}
	return Place{URL: core.NewSecret(answer.Location), Header: headerOf(answer.Headers)}, nil
}

// headerOf returns the headers of an answer, each a text or a list of texts.
func headerOf(members map[string]any) http.Header {
	header := http.Header{}
	for name, value := range members {
		switch value := value.(type) {
		case string:
			header.Set(name, value)
		case []any:
			for _, item := range value {
				if text, ok := item.(string); ok {
					header.Add(name, text)
				}
			}
		}
	}
	return header
}

// checkFile checks what an upload needs.
func checkFile(operation, name string, content io.ReaderAt, size int64) error {
	fault := &core.ArgumentError{Operation: operation}
	switch {
	case name == "":
		fault.Argument, fault.Reason = "Name", "it is required"
	case content == nil:
		fault.Argument, fault.Reason = "Content", "it is required"
	case size <= 0:
		fault.Argument, fault.Reason = "Size", "an empty file cannot be uploaded"
	default:
		return nil
	}
	return fault
}
