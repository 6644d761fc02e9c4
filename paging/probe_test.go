package paging_test

import (
	"testing"

	"github.com/taegis-go/taegis/paging"
)

// TestTheFirstPageIsFoundOutOnceForEachHost counts requests: the answer of one host does not decide
// for another, and a failure that passes does not hide page 0.
func TestTheFirstPageIsFoundOutOnceForEachHost(t *testing.T) {
	const anySize = 1 << 30
	v := variant{rules: rules(paging.PageNumber, paging.FirstUnknown)}
	for _, host := range []string{"one.probe.example", "two.probe.example"} {
		for run, want := range []int{4, 3} { // 10 rows in pages of 4
			s := v.server(10)
			s.host, s.answer = host, alias(true, anySize)
			if got, err := all(s, v); err != nil || len(got) != 10 || len(s.requests) != want {
				t.Errorf("%s, run %d: %d rows in %d requests, %v", host, run, len(got), len(s.requests), err)
			}
		}
	}
	flaky := v.server(10)
	flaky.host = "three.probe.example"
	zeros := 0
	flaky.answer = func(s *server, a args) (page, error) {
		if value(a.Number) == 0 {
			if zeros++; zeros == 1 {
				return refusal(s, a)
			}
		}
		return numbered(0, true, anySize, nil)(s, a)
	}
	got, err := all(flaky, v)
	if err != nil {
		t.Fatal(err)
	}
	sameIDs(t, got, ids(flaky.rows))
}
