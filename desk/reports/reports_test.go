package reports

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/desk/figures"
	"loket/internal/message"
	"loket/internal/store"
	"loket/internal/store/storetest"
	"loket/router"
	"loket/router/kpi"
	"loket/router/queue"
)

// A house has what processes that share a store have: a mail server that counts, and a clock.
type house struct {
	t     *testing.T
	store *store.Store
	sums  *figures.Service

	mu   sync.Mutex
	now  time.Time
	day  int // of the month; 0 is the first
	sent []*message.Message
	says error // what the mail server answers
}

var errFinal = errors.New("no such user")

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, store: storetest.New(t), now: time.Date(2026, 11, 1, 6, 59, 0, 0, time.UTC)}
	r, err := router.New(router.Config{Teams: map[string]router.Team{"support": {}, "network": {}}, Fallback: "support"})
	if err != nil {
		t.Fatal(err)
	}
	q, err := queue.New(queue.Options{Store: h.store, Teams: struct{ queue.Teams }{}})
	if err != nil {
		t.Fatal(err)
	}
	ledger, err := kpi.New(kpi.Options{Store: h.store, Queue: q})
	if err != nil {
		t.Fatal(err)
	}
	h.sums, err = figures.New(figures.Options{Store: h.store, Ledger: ledger, Queue: q, Router: func() *router.Router { return r }, Now: h.clock})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// process is one more that mails the same reports.
func (h *house) process() *Service {
	h.t.Helper()
	s, err := New(Options{
		Store: h.store, Figures: h.sums, Reports: []Config{{Name: "monthly", Connector: "mail", To: []string{"manager@example.org", "head@example.org"}, Language: "nl", Day: h.day}},
		Teams: func() []string { return []string{"network", "support"} }, Now: h.clock,
		Final: func(err error) bool { return errors.Is(err, errFinal) },
		Send: func(_ context.Context, _ string, m *message.Message) error {
			h.mu.Lock()
			defer h.mu.Unlock()
			if h.says == nil {
				h.sent = append(h.sent, m)
			}
			return h.says
		},
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// at has the clock show an instant, and gives how many mails went out by then when several processes look at the same time.
func (h *house) at(now time.Time) int {
	h.t.Helper()
	h.mu.Lock()
	h.now = now
	h.mu.Unlock()
	var all sync.WaitGroup
	for range 4 {
		s := h.process()
		all.Go(func() { s.SendDue(h.t.Context()) })
	}
	all.Wait()
	return len(h.sent)
}

func TestAReportGoesOutOnceAMonth(t *testing.T) {
	h := newHouse(t)
	seven := time.Date(2026, 11, 1, 7, 0, 0, 0, time.UTC)
	for _, look := range []struct {
		at   time.Time
		want int
	}{
		{seven.Add(-time.Minute), 0}, {seven, 1}, {seven.Add(time.Minute), 1}, {seven.AddDate(0, 0, 20), 1},
		{seven.AddDate(0, 1, 0), 2}, {seven.AddDate(0, 1, 5), 2}, {seven.AddDate(0, 2, 9), 3}, {seven.AddDate(0, 3, 15), 3},
	} {
		if got := h.at(look.at); got != look.want {
			t.Errorf("%d reports by %v, want %d", got, look.at, look.want)
		}
	}
	m := h.sent[0]
	if m.Subject != "Hoe oktober 2026 ging: alle teams" || m.Automatic == message.ByPerson || m.ID == h.sent[1].ID {
		t.Errorf("the report is %+v", m)
	}
	var to []string
	for _, id := range m.To {
		to = append(to, id.Value)
	}
	if diff := cmp.Diff([]string{"manager@example.org", "head@example.org"}, to); diff != "" {
		t.Error(diff)
	}
	const want = "network\n  Op tijd                                       –   (daarvoor –)\n"
	if !strings.HasPrefix(m.Text, want) || strings.Count(m.Text, "Berichten") != 2 {
		t.Errorf("it says\n%s", m.Text)
	}
}

// A server that is away is asked again; one that refuses for good is not.
func TestAReportThatIsNotTakenIsTriedAgain(t *testing.T) {
	h := newHouse(t)
	seven := time.Date(2026, 11, 1, 7, 0, 0, 0, time.UTC)
	h.says = errors.New("connection refused")
	h.at(seven)
	h.says = nil
	if got := h.at(seven.Add(5 * time.Minute)); got != 0 {
		t.Errorf("%d reports at once after the server was away", got)
	}
	if got := h.at(seven.Add(11 * time.Minute)); got != 1 {
		t.Errorf("%d reports when the server was back, want 1", got)
	}
	h.says = errFinal
	h.at(seven.AddDate(0, 1, 0))
	h.says = nil
	if got := h.at(seven.AddDate(0, 1, 1)); got != 1 {
		t.Errorf("%d reports after a refusal for good, want the one of the month before", got)
	}
}

// What was due on one of the last days of a month goes out in the next.
func TestAReportIsLateOverTheEndOfAMonth(t *testing.T) {
	h := newHouse(t)
	h.day, h.says = 28, errors.New("connection refused")
	h.at(time.Date(2027, 2, 28, 7, 0, 0, 0, time.UTC))
	h.says = nil
	if got := h.at(time.Date(2027, 3, 1, 7, 0, 0, 0, time.UTC)); got != 1 || h.sent[0].Subject != "Hoe januari 2027 ging: alle teams" {
		t.Errorf("%d reports on the day after, want that of January", got)
	}
	if got := h.at(time.Date(2027, 3, 20, 7, 0, 0, 0, time.UTC)); got != 1 {
		t.Errorf("%d reports before the next is due, want 1", got)
	}
}

// A process that died while it had a report leaves it to another, under the same id.
func TestAReportOfAProcessThatDiedGoesOut(t *testing.T) {
	h := newHouse(t)
	seven := time.Date(2026, 11, 1, 7, 0, 0, 0, time.UTC)
	h.now = seven
	if _, err := h.process().change(t.Context(), "monthly 2026-10", func(state) (state, bool) { // what it wrote before it died
		return state{Until: seven.Add(claimed).UnixMilli()}, true
	}); err != nil {
		t.Fatal(err)
	}
	if got := h.at(seven.Add(claimed - time.Second)); got != 0 {
		t.Errorf("%d reports while another has it", got)
	}
	if got := h.at(seven.Add(claimed)); got != 1 {
		t.Errorf("%d reports after it died, want 1", got)
	}
	want := message.NewID([]byte("report"), []byte("monthly"), []byte("2026-10"))
	if h.sent[0].ID != want {
		t.Errorf("its id is %s, want %s whoever sends it", h.sent[0].ID, want)
	}
}

func TestMistakesInReportsAreNamed(t *testing.T) {
	err := Validate([]Config{
		{Name: "a b", Connector: "mial", Teams: []string{"suport"}, Language: "de", Day: 31, At: "7"},
		{Name: "monthly", Connector: "mail", To: []string{"manager"}}, {Name: "monthly", Connector: "mail", To: []string{"m@example.org"}},
	}, []string{"mail"}, []string{"support"})
	for _, want := range []string{
		`reports[0].name: must be letters`, `reports[0].connector: no connector of type email is called "mial" (did you mean "mail"?)`, "reports[0].to: must name",
		`reports[0].teams[0]: no team is called "suport" (did you mean "support"?)`, `reports[0].language: must be nl or en, not "de"`, "reports[0].day: must be from 1 to 28, not 31",
		`reports[0].at: must be a time such as 07:00, not "7"`, `reports[1].to[0]: must be a mail address, not "manager"`, `reports[2].name: reports[1] is called "monthly" too`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nlacks %q", err, want)
		}
	}
}
