package mailbox

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/zap"
)

func TestRenumberedIsReadSince(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	ago := func(days int) time.Time { return now.AddDate(0, 0, -days) }
	for _, row := range []struct {
		name string
		in   position
		want time.Time
	}{
		{"what the daemon remembers", position{Newest: ago(0), Floor: ago(90)}, ago(13)},
		{"a day before a long outage", position{Newest: ago(60), Floor: ago(90)}, ago(61)},
		{"not before the first run's", position{Newest: ago(2), Floor: ago(5)}, ago(5)},
		{"a day before the oldest that is open", position{Newest: ago(0), Floor: ago(90), Open: map[uint32]*open{
			1: {Received: ago(40)}, 2: {Received: ago(30)}, 3: {},
		}}, ago(41)},
		{"the first run was not over", position{Newest: ago(0), Floor: ago(90), High: 10, Until: 20, Since: ago(90)}, ago(90)},
		{"the first run was over", position{Newest: ago(0), Floor: ago(90), High: 20, Until: 20, Since: ago(90)}, ago(13)},
	} {
		got := row.in.renumber(box{validity: 8, next: 100}, now)
		if !got.Since.Equal(row.want) || got.Until != 99 || got.High != 0 || got.Validity != 8 || !got.Again {
			t.Errorf("%s: %+v, want since %s until 99", row.name, got, row.want)
		}
	}
}

func TestPositionSurvivesWriting(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 1000, time.UTC)
	want := &position{
		Validity: 7, High: 9, Until: 20, Since: at, Again: true, Marks: []uint32{3, 4}, Newest: at, Floor: at,
		Open: map[uint32]*open{5: {Received: at, Strikes: 3, Alone: true, Tries: 2, Next: at}, 6: {}},
	}
	text, err := want.encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodePosition(text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(open{})); diff != "" {
		t.Errorf("position (-want +got):\n%s", diff)
	}
	for _, text := range []string{"", "null", "{}", "12", `{"uidvalidity":1}`, `{"open":{"x":1}}`, `{"uidvalidity":-1}`} {
		if p, err := decodePosition(text); err == nil {
			t.Errorf("decodePosition(%q) = %+v, want an error", text, p)
		}
	}
}

func TestUnreadablePositionIsAFirstRun(t *testing.T) {
	s, h := newScript(t, "m1"), newEnv()
	m, err := New(s.over(), h, h.take, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	h.cursors[m.cursorKey("INBOX")] = "null"
	r := h.run(t, s.over())
	h.wait(t, "m1")
	r.stop(t)
}

func TestDyingAfterAnySavedPositionLosesNothing(t *testing.T) {
	t.Parallel()
	const mails = 300
	s, h := newScript(t, subjects("m", mails)...), newEnv()
	h.refusing(func(Fetched) error {
		if rand.IntN(10) == 0 {
			return errAway
		}
		return nil
	})
	cfg := s.over()
	cfg.Batch = 7
	r := h.run(t, cfg)
	h.wait(t, subjects("m", mails)...)
	r.stop(t)
	for range 10 {
		at := h.saved[rand.IntN(len(h.saved))]
		after := newEnv()
		after.cursors[r.cursorKey("INBOX")] = at.value
		again := after.run(t, cfg)
		after.until(t, fmt.Sprintf("what %d letters left out is taken", at.letters), func(letters []Fetched) bool {
			have := map[string]bool{}
			for _, l := range append(letters, h.letters[:at.letters]...) {
				have[subject(l)] = true
			}
			return len(have) == mails
		})
		again.stop(t)
	}
}

func TestSearchGivesWhatWasMeant(t *testing.T) {
	for _, row := range []struct {
		q    query
		set  imap.UIDSet
		want []uint32
	}{
		{query{from: 10}, imap.UIDSet{{Start: 3, Stop: 3}}, nil},
		{query{from: 2}, imap.UIDSet{{Start: 7, Stop: 8}, {Start: 1, Stop: 3}, {Start: 3, Stop: 4}}, []uint32{2, 3, 4, 7, 8}},
		{query{from: 2, to: 3}, imap.UIDSet{{Start: 1, Stop: 9}}, []uint32{2, 3}},
		{query{from: math.MaxUint32}, imap.UIDSet{{Start: 1, Stop: math.MaxUint32}}, []uint32{math.MaxUint32}},
		{query{from: 1}, imap.UIDSet{{Start: 5, Stop: 0}}, nil},
	} {
		if got := row.q.within(row.set); !slices.Equal(got, row.want) {
			t.Errorf("%+v within %v = %v, want %v", row.q, row.set, got, row.want)
		}
	}
	if got := (query{from: 1}).within(imap.UIDSet{{Start: 1, Stop: math.MaxUint32}}); len(got) != maxFound || got[0] != 1 {
		t.Errorf("%d UIDs of all there can be, want the first %d", len(got), maxFound)
	}
}
