// Package baseline makes calls with the least possible work: net/http, encoding/json and plain
// structs. It sends the same bytes as the SDK and has the same timeout.
package baseline

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"time"
)

// Selection is the selection of every candidate: the fields of a list of alerts on a screen.
const Selection = "{ status search_id alerts { total_results " + list + " } }"

// PartsSelection is the same with the numbers of parts.
const PartsSelection = "{ status search_id alerts { total_results part total_parts " + list + " } }"

const list = "list { id status tags threat_score_v2 " +
	"metadata { title severity confidence created_at { seconds } } tenant { id } entities { entities } " +
	"source_entities { id display_name properties { __typename " +
	"... on EntityHost { hostname os } ... on EntityIpAddress { ip_address } ... on EntityUser { user_name domain_name } } } }"

const search = "query alertsServiceSearch($in: SearchRequestInput) { alertsServiceSearch(in: $in)\n"

// CQL is the query that every candidate sends.
const CQL = "from alert severity >= 0.6 and status = 'OPEN' earliest=-1d"

// Page is a page of alerts.
type Page struct {
	Status   string `json:"status"`
	SearchID string `json:"search_id"`
	Alerts   struct {
		TotalResults int     `json:"total_results"`
		Part         int     `json:"part"`
		TotalParts   int     `json:"total_parts"`
		List         []Alert `json:"list"`
	} `json:"alerts"`
}

// Alert has the fields of [Selection].
type Alert struct {
	ID          string   `json:"id"`
	Status      string   `json:"status"`
	Tags        []string `json:"tags"`
	ThreatScore float64  `json:"threat_score_v2"`
	Metadata    struct {
		Title      string  `json:"title"`
		Severity   float64 `json:"severity"`
		Confidence float64 `json:"confidence"`
		CreatedAt  struct {
			Seconds int `json:"seconds"`
		} `json:"created_at"`
	} `json:"metadata"`
	Tenant struct {
		ID string `json:"id"`
	} `json:"tenant"`
	Entities struct {
		Entities []string `json:"entities"`
	} `json:"entities"`
	SourceEntities []struct {
		ID          string   `json:"id"`
		DisplayName string   `json:"display_name"`
		Properties  struct { // the fields of all members; the reader distinguishes them
			Typename   string `json:"__typename"`
			Hostname   string `json:"hostname"`
			OS         string `json:"os"`
			IPAddress  string `json:"ip_address"`
			UserName   string `json:"user_name"`
			DomainName string `json:"domain_name"`
		} `json:"properties"`
	} `json:"source_entities"`
}

// Client makes calls to one gateway.
type Client struct {
	HTTP               *http.Client
	URL, Token, Tenant string
}

// Timeout is the timeout of a call, that of the SDK.
const Timeout = 60 * time.Second

// NewHTTP returns a client that keeps connections for 256 callers, as the SDK's client does.
func NewHTTP() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = 512, 256
	return &http.Client{Transport: transport, Timeout: Timeout}
}

type request struct {
	Query         string    `json:"query"`
	OperationName string    `json:"operationName"`
	Variables     variables `json:"variables"`
}

type variables struct {
	In any `json:"in"`
}

type input struct {
	Query  string `json:"cql_query"`
	Offset int    `json:"offset"`
	Limit  int    `json:"limit"`
}

// Search returns a page of alerts.
func (c *Client) Search(ctx context.Context, offset, limit int) (*Page, error) {
	in := variables{input{CQL, offset, limit}}
	return c.call(ctx, request{search + Selection + " }", "alertsServiceSearch", in})
}

func (c *Client) call(ctx context.Context, r request) (*Page, error) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(r)
	if err != nil {
		return nil, err
	}
	body.Truncate(body.Len() - 1) // the line break
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, bytes.NewReader(body.Bytes()))
	if err != nil {
		return nil, err
	}
	post.Header = c.Header()
	resp, err := c.HTTP.Do(post)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", resp.StatusCode)
	}
	var answer struct {
		Data struct {
			Search *Page `json:"alertsServiceSearch"`
			Poll   *Page `json:"alertsServicePoll"`
		} `json:"data"`
		Errors []struct {
			Message string `json:"message"`
		} `json:"errors"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return nil, err
	}
	page := cmp.Or(answer.Data.Search, answer.Data.Poll)
	if len(answer.Errors) > 0 || page == nil {
		return nil, errors.New("no page")
	}
	return page, nil
}

// Header returns the headers that the SDK sends.
func (c *Client) Header() http.Header {
	header := make(http.Header, 8)
	header.Set("Accept", "application/json")
	header.Set("Content-Type", "application/json")
	header.Set("User-Agent", fmt.Sprintf("taegis-go/dev (%s; %s/%s)", runtime.Version(), runtime.GOOS, runtime.GOARCH))
	header.Set("Apollographql-Client-Name", "taegis-go")
	header.Set("Apollographql-Client-Version", "dev")
	header.Set("Authorization", "Bearer "+c.Token)
	if c.Tenant != "" {
		header.Set("X-Tenant-Context", c.Tenant)
	}
	return header
}
