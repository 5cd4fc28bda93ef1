package identity_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"loket/identity"
	"loket/internal/message"
	"loket/internal/soak"
	"loket/internal/store"
	"loket/internal/store/storetest"
)

// TestPopulation has bounds that a small population keeps with some room, one by which the registry was not made, and under make soak
// one by which it was; the benchmark has those to beat.
func TestPopulation(t *testing.T) {
	t.Parallel()
	small := size{people: 600, messages: 3000}
	for _, seed := range soak.Pick(heldBack[:1], []uint64{looked[0], heldBack[0]}) {
		m := measure(t, newKept(storetest.New(t)), small, seed, .95)
		t.Logf("people %d: %s", seed, m)
		bad := m.faults(bounds{pairPrecision: .985, overMerged: .015, largest: 3, hit: .66, known: .86, wrongAttested: .015})
		if simple := measure(t, newPlain(message.Attested), small, seed, .95); simple.overMerged < 3*m.overMerged {
			bad = append(bad, fmt.Sprintf("joining all that is seen together over-merges no more than %.1f %%: these people are too easy", 100*simple.overMerged))
		}
		for _, s := range bad {
			t.Errorf("people %d: %s", seed, s)
		}
	}
}

// By the people that were looked at the registry was made; those that were held back nobody looked at before it was done.
var (
	looked   = []uint64{1, 2, 3}
	heldBack = []uint64{101, 102, 103}
)

// BenchmarkPopulation prints what the registry makes of populations of which it is known who wrote, and what joining everything attested,
// or everything shown, makes of them. The CRM has nearly all identifiers, for other people each time, then few or many of them.
func BenchmarkPopulation(b *testing.B) {
	part := size{people: 1500, messages: 9000}
	for _, seed := range slices.Concat(looked, heldBack) {
		b.Run(fmt.Sprintf("people=%d", seed), func(b *testing.B) {
			measured(b, part, seed, .95, bounds{pairPrecision: .995, overMerged: .01, largest: 3, hit: .70, known: .88, wrongAttested: .01})
		})
	}
	whole := size{people: 8000, messages: 60_000}
	for _, share := range []float64{.20, .60, .95} {
		b.Run(fmt.Sprintf("registered=%.0f%%", 100*share), func(b *testing.B) {
			want := bounds{largest: 20, overMerged: 1, wrongAttested: 1}
			if share == .95 {
				want = bounds{pairPrecision: .995, overMerged: .01, largest: 3, hit: .70, known: .88, wrongAttested: .01}
			}
			measured(b, whole, looked[0], share, want)
		})
	}
}

func measured(b *testing.B, size size, seed uint64, share float64, want bounds) {
	b.Log("everything shown:   ", measure(b, newPlain(message.Claimed), size, seed, share))
	b.Log("everything attested:", measure(b, newPlain(message.Attested), size, seed, share))
	b.ResetTimer()
	m := measure(b, newKept(storetest.New(b)), size, seed, share)
	b.Log("the registry:       ", m)
	b.ReportMetric(m.pairPrecision, "pair-precision")
	b.ReportMetric(100*m.overMerged, "%over-merged")
	b.ReportMetric(float64(m.largest), "largest")
	b.ReportMetric(100*m.hit, "%hit")
	b.ReportMetric(100*m.known, "%hit-known")
	b.ReportMetric(100*m.wrongAt(message.Attested), "%wrong-attested")
	b.ReportMetric(float64(m.wrong[message.Proven]), "wrong-proven")
	for _, s := range m.faults(want) {
		b.Error(s)
	}
}

// bounds are what measures must keep. Besides, nobody proven may ever be taken for somebody else but a namesake with whom they share a mailbox.
type bounds struct {
	pairPrecision, overMerged float64
	largest                   int
	hit, known                float64
	wrongAttested             float64
}

func (m measures) faults(b bounds) []string {
	var bad []string
	fault := func(format string, args ...any) { bad = append(bad, fmt.Sprintf(format, args...)) }
	if m.pairPrecision < b.pairPrecision {
		fault("pair precision %.4f, want at least %.3f", m.pairPrecision, b.pairPrecision)
	}
	if m.overMerged > b.overMerged {
		fault("%.2f %% of people share a customer, want at most %.1f %%", 100*m.overMerged, 100*b.overMerged)
	}
	if m.largest > b.largest {
		fault("the largest customer is %d people, want at most %d", m.largest, b.largest)
	}
	if m.hit < b.hit {
		fault("the right one is named or offered for %.2f %% of messages, want at least %.0f %%", 100*m.hit, 100*b.hit)
	}
	if m.known < b.known {
		fault("the right one is named or offered for %.2f %% of messages of who is known, want at least %.0f %%", 100*m.known, 100*b.known)
	}
	if at := m.wrongAt(message.Attested); at > b.wrongAttested {
		fault("%.2f %% of attested are taken for somebody else, want at most %.1f %%", 100*at, 100*b.wrongAttested)
	}
	for l := message.Proven; l <= message.Decided; l++ {
		if m.wrong[l] > m.namesakes[l] {
			fault("%d of %d %s are taken for somebody else, want none", m.wrong[l], m.resolved[l], l)
		}
	}
	if len(bad) > 0 {
		slices.SortStableFunc(m.stories, func(a, b string) int { return strings.Compare(b[:4], a[:4]) }) // who was proven first
		bad = append(bad, m.stories[:min(len(m.stories), 10)]...)
	}
	return bad
}

// kept is the real one.
type kept struct{ *identity.Registry }

// newKept lets as much come together as there is: half a year passes in seconds here.
func newKept(s *store.Store) kept {
	cfg := identity.Defaults()
	cfg.Limits = identity.Limits{PerCustomer: 1e6, PerIdentifier: 1e6, PerMinute: 1e6}
	return kept{identity.New(s, cfg)}
}

func (k kept) enter(ctx context.Context, ids []message.Identifier, name string) (string, error) {
	c, err := k.Register(ctx, ids, name, identity.Actor{Name: "crm", Reason: "import", At: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)})
	if c == nil {
		return "", err
	}
	if errors.Is(err, identity.ErrConflict) {
		err = nil // what is not in conflict stands
	}
	return c.ID, err
}
