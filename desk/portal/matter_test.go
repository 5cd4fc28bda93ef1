package portal

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPromiseInWords(t *testing.T) {
	zone := time.FixedZone("CET", 3600)
	now := time.Date(2026, 12, 30, 22, 30, 0, 0, time.UTC) // 23:30 there
	for by, want := range map[time.Time]matterView{
		{}: {State: "We have your message."},
		now.Add(15 * time.Minute): {
			State: "We have your message.", Promise: "We answer today at 23:45 at the latest.", AnswerBy: "2026-12-30T22:45:00.000Z",
		},
		now.Add(10 * time.Hour): {
			State: "We have your message.", Promise: "We answer tomorrow at 09:30 at the latest.", AnswerBy: "2026-12-31T08:30:00.000Z",
		},
		now.Add(3 * 24 * time.Hour): {
			State: "We have your message.", Promise: "We answer on 2 January at 23:30 at the latest.", AnswerBy: "2027-01-02T22:30:00.000Z",
		},
		now.Add(-24 * time.Hour): {
			State: "We have your message.", Late: true, AnswerBy: "2026-12-29T22:30:00.000Z",
			Promise: "We had promised an answer yesterday at 23:30 and are late: we are sorry. It has not been forgotten.",
		},
	} {
		if diff := cmp.Diff(want, english().matter(Matter{State: Received, AnswerBy: by, Zone: zone}, now)); diff != "" {
			t.Errorf("promised by %v (-want +got):\n%s", by, diff)
		}
	}
	if diff := cmp.Diff(matterView{}, dutch().matter(Matter{Zone: zone}, now)); diff != "" {
		t.Errorf("what can't be told is told (-want +got):\n%s", diff)
	}
	for state, said := range english().States {
		if said == "" || dutch().States[state] == "" || len(dutch().States) != len(english().States) {
			t.Errorf("%s is %q and %q", state, said, dutch().States[state])
		}
	}
}

func TestPageTellsHowTheMatterStands(t *testing.T) {
	h := newHouse(t, nil)
	talk(h)
	h.matter.State, h.matter.AnswerBy = Looking, noon.Add(time.Hour)
	page := h.do(browser(get(h.page("a")))).Body.String()
	if want := `<p class="note" id="state">Iemand bekijkt nu uw bericht. <span><time datetime="2026-03-02T13:00:00.000Z">We antwoorden uiterlijk vandaag om 14:00.</time></span></p>`; !strings.Contains(page, want) {
		t.Errorf("the page lacks %s:\n%s", want, page)
	}
	got := h.do(program(get(h.page("a")))).Body.String()
	if want := `"state":"looking","answer_by":"2026-03-02T13:00:00.000Z"`; !strings.Contains(got, want) {
		t.Errorf("JSON lacks %s: %s", want, got)
	}
	h.matter = Matter{Zone: time.UTC}
	for _, w := range []*httptest.ResponseRecorder{h.do(browser(get(h.page("a")))), h.do(program(get(h.page("a"))))} {
		if body := w.Body.String(); strings.Contains(body, `id="state"`) || strings.Contains(body, `"state"`) || strings.Contains(body, "answer_by") {
			t.Errorf("what can't be told is told: %s", body)
		}
	}
}
