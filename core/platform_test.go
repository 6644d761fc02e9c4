package core_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/core"
)

func TestTheSuccessorsEnvironment(t *testing.T) {
	for _, name := range []string{"fusion", "Fusion", "FUSION"} {
		e, err := core.FindEnvironment(name)
		if err != nil {
			t.Fatal(err)
		}
		if e.Platform != core.PlatformFusion || e.Name != name || e.Section() != name || e.AuthHost() != "id.sophos.com" ||
			e.APIURL != "https://api.taegis.sophos.com" || e.TenantsURL != "https://api.central.sophos.com" || e.ConsoleURL() != "" {
			t.Errorf("%s: %+v", name, e)
		}
		if u := e.WithUniversalAuth(); u.Universal || u.AuthURL != e.AuthURL {
			t.Errorf("%s with universal authentication: %+v", name, u)
		}
		replaced, err := e.WithBaseURL("https://proxy.example/fusion")
		if err != nil || replaced.Platform != core.PlatformFusion || replaced.AuthURL != replaced.APIURL || replaced.TenantsURL != "https://proxy.example/fusion" {
			t.Errorf("%s with a base URL: %+v, %v", name, replaced, err)
		}
	}
	for _, host := range []string{"api.taegis.sophos.com", "id.sophos.com", "API.central.sophos.com"} {
		if e, ok := core.EnvironmentAt(host); !ok || e.Canonical != "fusion" {
			t.Errorf("at %s: %+v", host, e)
		}
	}
	if _, ok := core.EnvironmentAt("taegis.sophos.com"); ok {
		t.Error("a host of no environment is one")
	}
	_, err := core.FindEnvironment("fusio")
	if !strings.Contains(core.Hint(err), "quebec (cac1), fusion, or") {
		t.Errorf("hint: %s", core.Hint(err))
	}
}

func TestTenantOfAPlatform(t *testing.T) {
	const id = "4C3f0b5e-7d1a-4a53-9f0e-2b6c8d917a10"
	for _, c := range []struct {
		platform core.Platform
		tenant   string
		ok       bool
	}{
		{core.PlatformTaegis, "", true},
		{core.PlatformTaegis, "145831", true},
		{core.PlatformTaegis, id, true},
		{core.PlatformFusion, id, true},
		{core.PlatformFusion, "", false},
		{core.PlatformFusion, "145831", false},
		{core.PlatformFusion, id + "0", false},
		{core.PlatformFusion, " " + id, false},
		{core.PlatformFusion, strings.ReplaceAll(id, "-", ""), false},
		{core.PlatformFusion, "{" + id + "}", false},
		{core.PlatformFusion, strings.Replace(id, "C", "g", 1), false},
	} {
		if reason := c.platform.TenantFault(c.tenant); (reason == "") != c.ok {
			t.Errorf("%v, %q: %q", c.platform, c.tenant, reason)
		}
	}
	if core.PlatformTaegis.TenantHeader() != "X-Tenant-Context" || core.PlatformFusion.TenantHeader() != "X-Tenant-ID" {
		t.Error("the headers of the tenant")
	}
}

func TestPlatformOfClaims(t *testing.T) {
	for claims, want := range map[string]struct {
		platform core.Platform
		known    bool
	}{
		`{"iss":"https://api.ctpx.secureworks.com/"}`:                 {core.PlatformTaegis, true},
		`{"https://missione/octolabs/io/tenantIds":["145831"]}`:       {core.PlatformTaegis, true},
		`{"iss":"https://id.sophos.com"}`:                             {core.PlatformFusion, true},
		`{"iss":"https://sophos.com"}`:                                {core.PlatformFusion, true},
		`{"iss":"https://notsophos.com"}`:                             {core.PlatformTaegis, false},
		`{"iss":"https://sophos.com.evil.example"}`:                   {core.PlatformTaegis, false},
		`{"iss":"fusion-emulator"}`:                                   {core.PlatformTaegis, false},
		`{"sub":"6f1c2b1e-0d5a-4f35-8a43-90a2b7d0c101","exp":1}`:      {core.PlatformTaegis, false},
		`{"iss":"http://127.0.0.1:8080","aud":"https://sophos.com/"}`: {core.PlatformTaegis, false},
	} {
		c, err := core.ParseClaims("e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln")
		if err != nil {
			t.Fatal(err)
		}
		if platform, known := c.Platform(); platform != want.platform || known != want.known {
			t.Errorf("%s: %v, %v", claims, platform, known)
		}
	}
}
