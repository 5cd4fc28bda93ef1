package identity_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"loket/identity"
	"loket/internal/message"
	"loket/internal/store"
	"loket/internal/store/storetest"
)

// TestPopulation has bounds that a small population keeps with some room; the benchmark has those to beat.
func TestPopulation(t *testing.T) {
	t.Parallel()
	small := size{people: 600, messages: 3000}
	m := measure(t, newKept(storetest.New(t)), small, .95)
	t.Log(m)
	bad := m.faults(bounds{pairPrecision: .96, overMerged: .07, largest: 4, hit: .66})
	if simple := measure(t, newPlain(message.Attested), small, .95); simple.overMerged < 2*m.overMerged {
		bad = append(bad, fmt.Sprintf("joining all that is seen together over-merges no more than %.1f %%: these people are too easy", 100*simple.overMerged))
	}
	for _, s := range bad {
		t.Error(s)
	}
}

// BenchmarkPopulation prints what the registry makes of the whole population when the CRM has few, many or nearly all
// identifiers, and what joining everything attested, or everything shown, makes of it.
func BenchmarkPopulation(b *testing.B) {
	for _, share := range []float64{.20, .60, .95} {
		b.Run(fmt.Sprintf("registered=%.0f%%", 100*share), func(b *testing.B) {
			whole := size{people: 8000, messages: 60_000}
			b.Log("everything shown:  ", measure(b, newPlain(message.Claimed), whole, share))
			b.Log("everything attested:", measure(b, newPlain(message.Attested), whole, share))
			b.ResetTimer()
			m := measure(b, newKept(storetest.New(b)), whole, share)
			b.Log("the registry:      ", m)
			b.ReportMetric(m.pairPrecision, "pair-precision")
			b.ReportMetric(100*m.overMerged, "%over-merged")
			b.ReportMetric(float64(m.largest), "largest")
			b.ReportMetric(100*m.hit, "%hit")
			if share < .95 {
				return
			}
			for _, s := range m.faults(bounds{pairPrecision: .988, overMerged: .033, largest: 2, hit: .72}) {
				b.Error(s)
			}
		})
	}
}

// bounds are what measures must keep. Besides, nobody proven may ever be taken for somebody else.
type bounds struct {
	pairPrecision, overMerged float64
	largest                   int
	hit                       float64
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
	for l := message.Proven; l <= message.Decided; l++ {
		if m.wrong[l] > 0 {
			fault("%d of %d %s are taken for somebody else, want none", m.wrong[l], m.resolved[l], l)
		}
	}
	if len(bad) > 0 {
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
	c, err := k.Register(ctx, ids, name, identity.By{Actor: "crm", Reason: "import", At: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)})
	if c == nil {
		return "", err
	}
	if errors.Is(err, identity.ErrConflict) {
		err = nil // what is not in conflict stands
	}
	return c.ID, err
}
