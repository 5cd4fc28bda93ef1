package identity

import (
	"fmt"
	"sync/atomic"
	"testing"

	"loket/internal/message"
)

// What a sender costs. The round trips are printed with the time.
func BenchmarkResolve(b *testing.B) {
	for _, bm := range []struct {
		name string
		ids  func(n int) []message.Identifier
	}{
		{"known", func(n int) []message.Identifier {
			return []message.Identifier{{Kind: "email", Value: fmt.Sprintf("k%d@example.org", n%1000), Level: message.Attested}}
		}},
		{"known by three", func(n int) []message.Identifier { return whatsApp(n % 1000) }},
		{"new", func(n int) []message.Identifier {
			return []message.Identifier{{Kind: "email", Value: fmt.Sprintf("n%d@example.org", n), Level: message.Attested}}
		}},
		{"new with three", func(n int) []message.Identifier { return whatsApp(1_000_000 + n) }},
		{"claim", func(n int) []message.Identifier {
			return []message.Identifier{{Kind: "email", Value: "k1@example.org", Level: message.Claimed}}
		}},
	} {
		for _, many := range []bool{false, true} {
			name := bm.name
			if many {
				name += " by many"
			}
			b.Run(name, func(b *testing.B) {
				r := empty(b)
				for n := range 1000 {
					for _, list := range [][]message.Identifier{whatsApp(n), {{Kind: "email", Value: fmt.Sprintf("k%d@example.org", n), Level: message.Attested}}} {
						if _, err := r.Resolve(b.Context(), Subject{IDs: list, At: noon, Brief: true}); err != nil {
							b.Fatal(err)
						}
					}
				}
				var trips counter
				r.store.Redis().AddHook(&trips)
				var n atomic.Int64
				once := func() {
					if _, err := r.Resolve(b.Context(), Subject{IDs: bm.ids(int(n.Add(1))), At: noon, Brief: true}); err != nil {
						b.Error(err)
					}
				}
				b.ResetTimer()
				if many {
					b.SetParallelism(32)
					b.RunParallel(func(pb *testing.PB) {
						for pb.Next() {
							once()
						}
					})
				} else {
					for b.Loop() {
						once()
					}
				}
				b.ReportMetric(float64(trips.n.Load())/float64(b.N), "trips/op")
			})
		}
	}
}

func whatsApp(n int) []message.Identifier {
	return []message.Identifier{
		{Kind: "bsuid", Scope: "p", Value: fmt.Sprintf("NL.%d", n), Level: message.Attested},
		{Kind: "wa", Value: fmt.Sprintf("316%08d", n), Level: message.Attested},
		{Kind: "phone", Value: fmt.Sprintf("+316%08d", n), Level: message.Attested},
	}
}

func BenchmarkRegister(b *testing.B) {
	r := empty(b)
	n := 0
	for b.Loop() {
		n++
		list := append(whatsApp(n), message.Identifier{Kind: "cno", Value: fmt.Sprint(n)}, message.Identifier{Kind: "email", Value: fmt.Sprintf("k%d@example.org", n)})
		for i := range list {
			list[i].Level = message.Vouched
		}
		if _, err := r.Register(b.Context(), list, "Kate", Actor{Name: "crm", At: noon}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDerive(b *testing.B) {
	f := NewFacts()
	for i, id := range whatsApp(1) {
		f.know(id.String(), node{})
		f.know("cno:1", node{})
		f.tie("cno:1", id.String(), message.Vouched, edge{t0: int64(i + 1), t1: int64(i + 1)})
	}
	for b.Loop() {
		Derive(f)
	}
}
