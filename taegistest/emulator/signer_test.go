package emulator_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/taegistest/emulator"
)

// signedURL asks for the URL of a log file.
func signedURL(t *testing.T, s *emulator.Server, tenant, query string) answer {
	t.Helper()
	r := request(t, http.MethodPost, s.URL+"/s3-signer/v2/signed-s3url?"+query, "", "")
	r.Header.Set("Authorization", "Bearer "+token(t, s))
	if tenant != "" {
		r.Header.Set("X-Tenant-Context", tenant)
	}
	return do(t, r)
}

func putLog(t *testing.T, target, body string, header ...string) int {
	t.Helper()
	r := request(t, http.MethodPut, target, "", body)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return do(t, r).status
}

func TestLogFilesAreStored(t *testing.T) {
	s := start(t, emulator.Config{AnyTenant: true})
	made := signedURL(t, s, "11063", "file_name=a.log&content_length=5&sensor_id=fw1&service=x")
	location := made.string("location")
	if made.status != http.StatusOK || strings.HasPrefix(location, s.URL) {
		t.Fatalf("%d, %q", made.status, location)
	}
	if got := putLog(t, location, "longer"); got != http.StatusForbidden {
		t.Errorf("another length: %d", got)
	}
	if got := putLog(t, location, "hello"); got != http.StatusOK {
		t.Errorf("status %d", got)
	}
	if got := putLog(t, location, "hello", "If-None-Match", "*"); got != http.StatusPreconditionFailed {
		t.Errorf("a conditional repetition: %d", got)
	}
	list := s.Uploads()
	if len(list) != 1 || string(list[0].Content) != "hello" || list[0].Stored != 1 || list[0].Requests != 3 ||
		list[0].Sensor != "fw1" || list[0].Service != "x" || list[0].Name != "a.log" {
		t.Errorf("%+v", list)
	}
	s.Configure(func(c *emulator.Config) { c.Behavior.NoConditions = true })
	if got := putLog(t, location, "hello", "If-None-Match", "*"); got != http.StatusOK || s.Uploads()[0].Stored != 2 {
		t.Errorf("without conditions: %d, %+v", got, s.Uploads())
	}
	if got := putLog(t, location, "hello", "Cookie", "a=b"); got != http.StatusBadRequest || len(s.Violations()) != 1 {
		t.Errorf("a cookie: %d, %q", got, s.Violations())
	}
}

func TestLogFilesAreRefused(t *testing.T) {
	s := start(t, emulator.Config{Behavior: emulator.Behavior{PlainTextNames: true}, AnyTenant: true})
	for query, want := range map[string]string{
		"file_name=a.bin&content_length=5": "plain-text extension",
		"content_length=5":                 "file_name",
		"file_name=a.log":                  "content_length",
		"file_name=a.log&content_length=0": "content_length",
		"file_name=" + url.QueryEscape("../a.log") + "&content_length=" + strconv.Itoa(5): "file_name",
	} {
		if got := signedURL(t, s, "11063", query); got.status != http.StatusBadRequest || !strings.Contains(got.text, want) {
			t.Errorf("%s: %d %s", query, got.status, got.text)
		}
	}
	if got := signedURL(t, s, "", "file_name=a.log&content_length=5"); got.status != http.StatusBadRequest || !strings.Contains(got.text, "tenant") {
		t.Errorf("without a tenant: %d %s", got.status, got.text)
	}
	r := request(t, http.MethodPost, s.URL+"/s3-signer/v2/signed-s3url?file_name=a.log&content_length=5", "", "")
	if got := do(t, r); got.status != http.StatusUnauthorized {
		t.Errorf("without a token: %d", got.status)
	}
}
