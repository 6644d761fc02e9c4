package emulator

import (
	"slices"
	"strings"
	"time"

	"github.com/taegis-go/taegis/cql"
	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
	"github.com/taegis-go/taegis/taegistest/emulator/internal/eval"
)

// fileRecord is a file of a case as a query reads it.
type fileRecord struct {
	corpus.File
	of *corpus.Case
}

// ID returns the file's ID.
func (f fileRecord) ID() string { return f.File.ID }

// Time returns the time of creation.
func (f fileRecord) Time() time.Time { return f.Created }

// Logical returns nothing: files have no fields with a logical type.
func (f fileRecord) Logical(string) []any { return nil }

// Value returns the value of a field, whose name has no case.
func (f fileRecord) Value(field string) any {
	switch field {
	case "id":
		return f.File.ID
	case "caseid", "investigationid":
		return f.of.CaseID
	case "name":
		return f.Name
	case "status":
		return f.Status
	case "isembedded":
		return f.Embedded
	case "size":
		return int64(f.Size)
	case "uploadedbyid":
		return f.Author
	case "createdat":
		return f.Created
	case "updatedat":
		return f.Updated
	case "tenantid":
		return f.of.Tenant
	}
	return nil
}

// knownFileField reports whether files have a field, in camel case or with underscores.
func knownFileField(f cql.Field) bool {
	switch strings.ToLower(f.Name) {
	case "id", "caseid", "investigationid", "name", "status", "isembedded", "size", "uploadedbyid", "createdat",
		"updatedat", "tenantid", "deletedat":
		return !f.Logical
	}
	return false
}

// listFiles lists files of cases. A deprecated investigationId replaces the query.
func (c *call) listFiles(args map[string]any) (source, error) {
	text, _ := textAt(args, "arguments.query")
	text = orDefault(text, textOf(at(args, "arguments.cql")))
	of, single := textAt(args, "arguments.investigationId")
	if single {
		text = ""
	}
	p, err := newPlan(text, c.scope.now)
	if err != nil {
		return source{}, badInput(err.Error())
	}
	if _, err := p.checkFields(knownFileField); err != nil {
		return source{}, badInput(err.Error())
	}
	bounded := p.query.Earliest != nil || p.query.Latest != nil
	var found []fileRecord
	for _, index := range c.scope.allCases(func(k *corpus.Case) bool { return !single || k.CaseID == of }) {
		k := c.scope.Cases.At(index)
		for _, f := range k.Files {
			record := fileRecord{f, k}
			if p.holds(record) && (!bounded || !f.Created.Before(p.earliest) && !f.Created.After(p.latest)) {
				found = append(found, record)
			}
		}
	}
	indexes := make([]int, len(found))
	for i := range indexes {
		indexes[i] = i
	}
	indexes = eval.Run(p.query.Functions, indexes, func(i int) eval.Record { return found[i] }).Rows
	return source{
		length: len(indexes),
		at:     func(i int) any { return c.fileObject(found[indexes[i]], false) },
		key:    func(i int) string { return found[indexes[i]].File.ID },
	}, nil
}

// fileObject returns a file, with the URL of a download if it is asked for alone.
func (c *call) fileObject(f fileRecord, download bool) any {
	object := row{
		"id": f.File.ID, "caseId": f.of.CaseID, "investigationId": f.of.CaseID, "tenantId": f.of.Tenant,
		"createdAt": isoTime(f.Created), "updatedAt": isoTime(f.Updated), "uploadedById": f.Author, "name": f.Name,
		"path": f.of.CaseID + "/" + f.Name, "size": f.Size, "status": f.Status, "isEmbedded": f.Embedded,
		"uploadedBySubject": row{"id": f.Author}, "metadata": row{"contentType": f.Type},
	}
	if download && f.Status != "SCHEDULED" {
		object["downloadURL"] = c.e.files.sign(c.exchange, presigned{file: f.File, method: "GET"})
	}
	return object
}

// file returns a file by its ID.
func (c *call) file(id string) (fileRecord, bool) {
	for _, index := range c.scope.allCases(func(k *corpus.Case) bool {
		return slices.ContainsFunc(k.Files, func(f corpus.File) bool { return f.ID == id })
	}) {
		k := c.scope.Cases.At(index)
		i := slices.IndexFunc(k.Files, func(f corpus.File) bool { return f.ID == id })
		return fileRecord{k.Files[i], k}, true
	}
	return fileRecord{}, false
}

// oneFile returns a file with the URL of its content, nil if there is none.
func (c *call) oneFile(args map[string]any) (any, error) {
	id := orDefault(textOf(at(args, "arguments.fileId")), textOf(at(args, "arguments.id")))
	f, ok := c.file(id)
	if !ok {
		return nil, nil
	}
	return c.fileObject(f, true), nil
}

// startUpload adds a file to a case and returns the URL for its content.
func (c *call) startUpload(args map[string]any) (any, error) {
	input, _ := args["input"].(map[string]any)
	k, err := c.editableCase(orDefault(textOf(input["investigationId"]), textOf(input["caseId"])))
	if err != nil {
		return nil, err
	}
	size, _ := numberAt(input, "size")
	embedded, _ := input["isEmbedded"].(bool)
	now := c.scope.now.UTC()
	f := corpus.File{
		ID: k.NewID(len(k.Files) + len(k.Comments) + c.e.files.next()), Name: textOf(input["name"]), Type: textOf(input["contentType"]),
		Status: "SCHEDULED", Size: size, Embedded: embedded, Author: c.owner.subject(), Created: now, Updated: now,
	}
	if f.Name == "" {
		return nil, badInput("a file needs a name")
	}
	k = c.changeCase(k, func(changed *corpus.Case) { changed.Files = append(slices.Clip(changed.Files), f) })
	url := c.e.files.sign(c.exchange, presigned{
		file: f, method: "PUT", upload: &Upload{Name: f.Name, Tenant: k.Tenant, Case: k.CaseID},
		stored: func() { c.markUploaded(k, f.ID) },
	})
	return row{"presignedUrl": url, "file": c.fileObject(fileRecord{f, k}, false)}, nil
}

// markUploaded sets the status of a file that was uploaded.
func (c *call) markUploaded(k *corpus.Case, id string) {
	c.changeCase(k, func(changed *corpus.Case) {
		changed.Files = slices.Clone(changed.Files)
		for i := range changed.Files {
			if changed.Files[i].ID == id {
				changed.Files[i].Status = "UPLOADED"
			}
		}
	})
}

// deleteFile removes a file.
func (c *call) deleteFile(args map[string]any) (any, error) {
	id := orDefault(textOf(at(args, "input.fileId")), textOf(at(args, "input.id")))
	f, ok := c.file(id)
	if !ok {
		return nil, notFound("there is no file " + id)
	}
	c.changeCase(f.of, func(changed *corpus.Case) {
		changed.Files = slices.DeleteFunc(slices.Clone(changed.Files), func(other corpus.File) bool { return other.ID == id })
	})
	return c.fileObject(f, false), nil
}
