package connectortest

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"loket/connectors"
)

// Hooks are a connector that is told by webhook, for RunHooks.
type Hooks struct {
	Type   connectors.Type
	Config func(t *testing.T) any
	// Signed makes the request by which the vendor posts a body, Forged that of somebody who knows no secret of ours. ByToken tells
	// that what the vendor shows says nothing about the body.
	Signed, Forged func(body string) *http.Request
	ByToken        bool
	// Said is the body by which a customer says something, under an id of the vendor's.
	Said func(id, text string) string
	// Odd are bodies of the vendor's form with something wrong in them. There must be one of each of Oddities.
	Odd []Odd
	// Secrets and Private are as those of a Fixture.
	Secrets, Private []string
}

// An Odd body is of the vendor, and something is wrong with it.
type Odd struct {
	What, Body string // What begins with one of Oddities
	Want       Outcome
}

// Oddities are what a body can have wrong. The second is of vendors who tell of several accounts.
func Oddities() []string {
	return []string{"unreadable", "of another account", "unknown event", "field missing", "field mistyped"}
}

// An Outcome is what becomes of one webhook.
type Outcome struct {
	Status                int
	Accepted, Quarantined int
	Refused               string // the reason that is counted; "" for none
}

// RunHooks gives a connector what is wrong, forged, too much, replayed and out of order. Nothing of whoever did not sign is kept; what may be a
// customer's message is set aside for somebody to look at; whatever is left out is counted by its reason; the same twice is one.
func RunHooks(t *testing.T, h Hooks) {
	t.Helper()
	for _, kind := range Oddities() {
		if !slices.ContainsFunc(h.Odd, func(o Odd) bool { return strings.HasPrefix(o.What, kind) }) {
			t.Errorf("no body is odd for: %s", kind)
		}
	}
	for _, o := range h.Odd {
		t.Run(o.What, func(t *testing.T) { h.takes(t, o.Want, o.Body) })
	}
	hello := h.Said("1", "hello")
	t.Run("forged", func(t *testing.T) {
		hk := h.begin(t)
		hk.wants(t, Outcome{Status: http.StatusForbidden, Refused: "signature"}, h.Forged(hello))
	})
	if !h.ByToken {
		t.Run("changed on its way", func(t *testing.T) {
			hk, r := h.begin(t), h.Signed(hello)
			r.Body = io.NopCloser(strings.NewReader(h.Said("1", "hella")))
			hk.wants(t, Outcome{Status: http.StatusForbidden, Refused: "signature"}, r)
		})
	}
	t.Run("five megabytes", func(t *testing.T) {
		hk := h.begin(t)
		hk.wants(t, Outcome{Status: http.StatusRequestEntityTooLarge, Refused: "too_large"}, h.Signed(h.Said("1", strings.Repeat("a", 5<<20))))
	})
	t.Run("replayed", func(t *testing.T) {
		hk := h.begin(t)
		for range 3 {
			hk.wants(t, Outcome{Status: http.StatusOK, Accepted: 1}, h.Signed(hello))
		}
	})
	t.Run("out of order", func(t *testing.T) {
		hk := h.begin(t)
		for n, id := range []string{"3", "1", "2"} {
			hk.wants(t, Outcome{Status: http.StatusOK, Accepted: n + 1}, h.Signed(h.Said(id, "number "+id)))
		}
	})
	t.Run("not stored, and posted again", func(t *testing.T) {
		hk := h.begin(t)
		hk.Refuse(true)
		hk.wants(t, Outcome{Status: http.StatusServiceUnavailable, Refused: "not_stored"}, h.Signed(hello))
		hk.Refuse(false)
		hk.wants(t, Outcome{Status: http.StatusOK, Accepted: 1, Refused: "not_stored"}, h.Signed(hello))
	})
}

// hooked is a connector that is posted to.
type hooked struct {
	*trial
	connector connectors.Connector
}

func (h Hooks) begin(t *testing.T) *hooked {
	t.Helper()
	tr := newTrial(t, Fixture{Type: h.Type, Config: h.Config, Secrets: h.Secrets, Private: h.Private})
	return &hooked{tr, tr.connector(t)}
}

// takes posts a body twice: the second time nothing is new.
func (h Hooks) takes(t *testing.T, want Outcome, body string) {
	hk := h.begin(t)
	for range 2 {
		hk.wants(t, want, h.Signed(body))
	}
	if want.Accepted+want.Quarantined == 0 && want.Refused == "" {
		t.Error("it is neither kept nor counted")
	}
	for _, m := range hk.Accepted() {
		if m.Problem != "" && m.Raw == nil && hk.Blob(m.RawBlob) == "" {
			t.Errorf("the original of what is set aside is not kept: %s", m.Problem)
		}
	}
}

// wants posts a request, and compares what became of all so far.
func (hk *hooked) wants(t *testing.T, want Outcome, r *http.Request) {
	t.Helper()
	w := Do(t, hk.connector, r)
	got := Outcome{Status: w.Code, Refused: strings.Join(hk.refused(t), " ")}
	for _, m := range hk.Accepted() {
		if m.Problem != "" {
			got.Quarantined++
		} else {
			got.Accepted++
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("outcome (-want +got):\n%s\nanswer: %s", diff, w.Body)
	}
	if kind := w.Header().Get("Content-Type"); w.Code != http.StatusOK && kind != "application/problem+json" {
		t.Errorf("a refusal is %q, want a problem", kind)
	}
	for _, secret := range hk.fixture.Secrets {
		if strings.Contains(w.Body.String(), secret) {
			t.Error("the answer tells a secret")
		}
	}
	hk.quiet(t)
}

// refused gives the reasons for which something was left out so far.
func (hk *hooked) refused(t *testing.T) (reasons []string) {
	t.Helper()
	metered, ok := hk.connector.(connectors.Metered)
	if !ok {
		t.Fatal("it counts nothing: it is no connectors.Metered")
	}
	reg := prometheus.NewRegistry()
	reg.MustRegister(metered.Metrics())
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(fmt.Errorf("gather metrics: %w", err))
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() == "reason" && m.GetCounter().GetValue() > 0 {
					reasons = append(reasons, l.GetValue())
				}
			}
		}
	}
	return reasons
}
