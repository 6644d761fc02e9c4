package server

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"time"
)

// alert is the format of an alert. Its verbs take the number of the alert, and its time in seconds.
const alert = `{"id":"alert://priv:crowdstrike:145831:1767366245%06[1]d:5f0c1d2e-9a7b-4c35-8e1f-%012[1]d",` +
	`"status":"OPEN","tags":["mitre:T1059.001","source:endpoint"],"threat_score_v2":7.%[1]d,` +
	`"metadata":{"title":"Suspicious PowerShell: encoded command from an Office process","severity":0.8,"confidence":0.75,` +
	`"created_at":{"seconds":%[2]d}},"tenant":{"id":"145831"},` +
	`"entities":{"entities":["hostName:WS-%06[1]d","ipAddress:10.20.30.40","userName:CORP\\j.doe%[1]d","processName:powershell.exe"]},` +
	`"source_entities":[` +
	`{"id":"host:%[1]d","display_name":"WS-%06[1]d","properties":{"__typename":"EntityHost","hostname":"WS-%06[1]d","os":"Windows 11 Enterprise"}},` +
	`{"id":"ip:%[1]d","display_name":"10.20.30.40","properties":{"__typename":"EntityIpAddress","ip_address":"10.20.30.40"}},` +
	`{"id":"user:%[1]d","display_name":"J. Doe","properties":{"__typename":"EntityUser","user_name":"j.doe%[1]d","domain_name":"CORP"}}]}`

// newest is the time of the first alert, in seconds.
const newest = 1767366245

// Page returns a response with n alerts of about 1.1 KB each.
func Page(n int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"data":{"alertsServiceSearch":{"status":"OK","search_id":null,"alerts":{"total_results":%d,"list":[`, n)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, alert, i, newest)
	}
	b.WriteString(`]}}}}`)
	return b.Bytes()
}

// pages caches the requested pages.
type pages struct{ known sync.Map }

func (p *pages) of(n int) []byte {
	if text, ok := p.known.Load(n); ok {
		return text.([]byte)
	}
	text, _ := p.known.LoadOrStore(n, Page(n))
	return text.([]byte)
}

// Token returns an access token of a typical size that is valid for ten hours.
func Token() string {
	now := time.Now()
	claims := fmt.Sprintf(`{"sub":"bench@clients","iss":"http://127.0.0.1","iat":%d,"exp":%d,"scope":%q,"https://missione/octolabs/io/tenantIds":["145831"]}`,
		now.Unix(), now.Add(10*time.Hour).Unix(), strings.Repeat("read:alerts ", 40))
	return strings.Join([]string{encoded(`{"alg":"RS256","typ":"JWT","kid":"bench"}`), encoded(claims), encoded(strings.Repeat("s", 256))}, ".")
}

func encoded(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
