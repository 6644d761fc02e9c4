package emulator

import (
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

// pathSigner is the path of the file upload API, docs/protocol.md#log-files.
const pathSigner = "/s3-signer/v2/signed-s3url"

// defaultSensor is the sensor of a log file that names none.
const defaultSensor = "toaster.localhost"

// plainText are the extensions that [Behavior].PlainTextNames accepts.
var plainText = []string{".log", ".txt", ".csv", ".json"}

// Upload is a file that a client may upload to a presigned URL.
type Upload struct {
	// Name is the name of the file.
	Name string
	// Tenant is the tenant that the file belongs to.
	Tenant string
	// Case is the ID of the case of a file. It is empty for a log file.
	Case string
	// Sensor and Service are those of a log file.
	Sensor, Service string
	// Content is what was stored, nil if nothing was.
	Content []byte
	// Stored is how many times the whole content arrived and was stored.
	Stored int
	// Requests is the number of requests with a valid URL, also of those that were refused.
	Requests int
}

// Uploads returns the files for which clients got a presigned URL, in that order, with what
// arrived. The content must not be changed.
func (e *Emulator) Uploads() []Upload {
	e.files.mu.Lock()
	defer e.files.mu.Unlock()
	list := make([]Upload, len(e.files.uploads))
	for i, u := range e.files.uploads {
		list[i] = *u
	}
	return list
}

// signLog returns a URL for a log file.
func (x *exchange) signLog() {
	o, valid := x.caller()
	switch {
	case !valid || o.platform != core.PlatformTaegis:
		x.reject()
		return
	case x.tenant() == "":
		x.refuseLog("the tenant context is missing")
		return
	}
	scope, allowed := x.scope(o)
	if !allowed {
		x.forbid()
		return
	}
	query := x.r.URL.Query()
	name := query.Get("file_name")
	size, err := strconv.Atoi(query.Get("content_length"))
	switch {
	case name == "" || strings.Contains(name, "/"):
		x.refuseLog("file_name: it is missing, or a path")
	case err != nil || size <= 0:
		x.refuseLog("content_length: it is missing, or no positive number")
	case x.config.Behavior.PlainTextNames && !slices.Contains(plainText, path.Ext(name)):
		x.refuseLog("file_name: only files with a plain-text extension are accepted, for example .log")
	default:
		sensor := orDefault(query.Get("sensor_id"), defaultSensor)
		location := x.e.files.sign(x, presigned{
			file: corpus.File{Name: name, Size: size, ID: "log-" + strconv.Itoa(x.e.files.next())}, method: http.MethodPut,
			upload: &Upload{Name: name, Tenant: scope.tenant, Sensor: sensor, Service: query.Get("service")},
		})
		x.json(http.StatusOK, map[string]string{"location": location})
	}
}

// refuseLog responds with a reason as plain text.
func (x *exchange) refuseLog(reason string) { http.Error(x.w, reason, http.StatusBadRequest) }
