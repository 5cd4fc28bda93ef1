package queue

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestOfAnswersThatWaitEquallyLongTheTroubleIsTold(t *testing.T) {
	tried := &Reply{Connector: "website", Since: 1000, Error: "451 come back later"}
	untried := &Reply{Connector: "website", Since: 1000}
	want := Outgoing{Connector: "website", Waiting: 2, Oldest: time.UnixMilli(1000).UTC(), Error: "451 come back later"}
	for _, order := range [][]*Reply{{tried, untried}, {untried, tried}} {
		by := map[string]*Outgoing{}
		for _, r := range order {
			r.waitsIn(by)
		}
		if diff := cmp.Diff(&want, by["website"]); diff != "" {
			t.Errorf("in the order %+v (-want +got):\n%s", order, diff)
		}
	}
}
