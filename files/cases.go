package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/pause"
)

var (
	// ErrNotFound means that there is no file with the ID, or that the account cannot see it.
	ErrNotFound = errors.New("there is no such file")
	// ErrNotUploaded means that a file of a case has no content: its upload has not ended.
	ErrNotUploaded = errors.New("the file was not uploaded yet")
)

// CaseFile is a file of a case, which is also called an investigation, on Taegis or on fusion.
type CaseFile struct {
	ID   string `json:"id"`
	Name string `json:"name"` // as the server has it: it may hold separators and control characters
	Size int64  `json:"size"`
	// Status is "SCHEDULED" until the server has the content.
	Status string `json:"status"`
}

// scheduled is the status of a file without content.
const scheduled = "SCHEDULED"

// Upload is a file for a case.
type Upload struct {
	Name string
	// ContentType is the media type. If it is empty, it follows from the extension of Name.
	ContentType string
	// Content has the bytes of the file from offset 0. It is read again at each try.
	Content io.ReaderAt
	// Size is the number of bytes, which must not be 0.
	Size int64
}

// TypeOf returns the media type of a file by the extension of its name, "application/octet-stream"
// if that is not known.
func TypeOf(name string) string {
	extension := strings.ToLower(path.Ext(name))
	if extension == ".log" { // systems do not agree on it
		return "text/plain"
	}
	media, _, err := mime.ParseMediaType(mime.TypeByExtension(extension))
	if err != nil {
		return "application/octet-stream"
	}
	return media
}

// The selections leave downloadURL out: reading it is a download in the audit log.
const (
	fileSelection   = "{ id name size status }"
	uploadSelection = "{ presignedUrl file " + fileSelection + " }"
)

// UploadToCase adds a file to a case and uploads its content. If the upload fails, it removes the
// file again. The server needs a moment for the content: the file that is returned has the status
// "SCHEDULED" if that has taken more than 10 seconds.
//
// It returns a [*core.ArgumentError] for an Upload without name or bytes, a [*ContentError] if
// Content is shorter than Size, and the errors of calls.
func (c *Client) UploadToCase(ctx context.Context, caseID string, u Upload) (CaseFile, error) {
	if err := checkFile("UploadToCase", u.Name, u.Content, u.Size); err != nil {
		return CaseFile{}, err
	}
	if u.ContentType == "" {
		u.ContentType = TypeOf(u.Name)
	}
	return byVocabulary(func(v *vocabulary) (CaseFile, error) { return c.uploadBy(ctx, v, caseID, u) })
}

func (c *Client) uploadBy(ctx context.Context, v *vocabulary, caseID string, u Upload) (CaseFile, error) {
	var file CaseFile
	err := c.deliver(ctx, &delivery{
		content: content{u.Name, u.Content, u.Size}, contentType: u.ContentType,
		sign: func(ctx context.Context) (Place, error) {
			c.discard(ctx, v, file) // that of a place that has expired
			input := map[string]any{v.caseMember: caseID, "name": u.Name, "size": u.Size, "contentType": u.ContentType}
			var answer struct {
				PresignedURL string   `json:"presignedUrl"`
				File         CaseFile `json:"file"`
			}
			err := c.taegis.Execute(ctx, &core.Request{
				Operation: v.begin, Args: map[string]any{"input": input}, Selection: uploadSelection,
			}, &answer)
			file = answer.File
			if err == nil && answer.PresignedURL == "" {
				err = &core.ResponseError{Operation: v.begin.Name, Status: http.StatusOK, Reason: "the answer has no presignedUrl"}
			}
			return Place{URL: core.NewSecret(answer.PresignedURL)}, err
		},
	})
	if err != nil {
		c.discard(ctx, v, file)
		return CaseFile{}, err
	}
	return c.settled(ctx, v, file), nil
}

// discardTime is how long removing a file that was not uploaded may take after the context has
// ended.
const discardTime = 5 * time.Second

// discard removes a file that was not uploaded. An error leaves it there without content.
func (c *Client) discard(ctx context.Context, v *vocabulary, file CaseFile) {
	if file.ID == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), discardTime)
	defer cancel()
	_ = c.taegis.Execute(ctx, &core.Request{
		Operation: v.remove, Args: map[string]any{"input": map[string]any{"fileId": file.ID}}, Selection: "{ id }",
	}, nil)
}

// settleTries is how often the state of an uploaded file is asked for, once a second.
const settleTries = 10

// settled waits until the server has the content. That it cannot be asked is no error: the upload
// has succeeded.
func (c *Client) settled(ctx context.Context, v *vocabulary, file CaseFile) CaseFile {
	for range settleTries {
		seen, err := c.find(ctx, v, file.ID, fileSelection)
		if err != nil {
			return file
		}
		if file = seen.CaseFile; file.Status != scheduled {
			break
		}
		if pause.For(ctx, time.Second) != nil {
			return file
		}
	}
	return file
}

// foundFile is a file with the URL of its content, if that was selected.
type foundFile struct {
	CaseFile
	DownloadURL string `json:"downloadURL"`
}

// find returns a file of a case.
func (c *Client) find(ctx context.Context, v *vocabulary, id, selection string) (foundFile, error) {
	var found *foundFile
	err := c.taegis.Execute(ctx, &core.Request{
		Operation: v.look, Args: map[string]any{"arguments": map[string]any{"fileId": id}}, Selection: selection,
	}, &found)
	switch {
	case core.IsNotFound(err):
		return foundFile{}, fmt.Errorf("%w: %w", ErrNotFound, err)
	case err != nil:
		return foundFile{}, err
	case found == nil:
		return foundFile{}, ErrNotFound
	}
	return *found, nil
}
