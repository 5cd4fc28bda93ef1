package poll

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"loket/connectors"
)

// run runs a loop until until is over, and gives when it made passes, as time since the beginning.
func run(t *testing.T, o Options, until time.Duration, results ...error) (passes []time.Duration, log []string, l *Loop) {
	core, logged := observer.New(zapcore.DebugLevel)
	began := time.Now()
	o.Log, o.Failed, o.Again = zap.New(core), "asking failed", "asking works again"
	o.Pass = func(context.Context) error {
		passes = append(passes, time.Since(began))
		if n := len(passes); n <= len(results) {
			return results[n-1]
		}
		return nil
	}
	l = New(o)
	ctx, cancel := context.WithTimeout(t.Context(), until)
	defer cancel()
	All(ctx, l)
	for _, e := range logged.All() {
		log = append(log, strings.TrimSpace(e.Level.String()+" "+e.Message+" "+fmt.Sprint(e.ContextMap()["error"])))
	}
	return passes, log, l
}

func TestLoopPasses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		passes, log, l := run(t, Options{Every: time.Minute}, 150*time.Second)
		if diff := gocmp.Diff([]time.Duration{0, time.Minute, 2 * time.Minute}, passes); diff != "" || len(log) > 0 || l.Trouble() != nil {
			t.Errorf("passes (-want +got):\n%s, logged %q, trouble %v", diff, log, l.Trouble())
		}
	})
}

func TestTroubleIsLoggedWhenItChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := errors.New("a"), errors.New("b")
		_, log, l := run(t, Options{Every: time.Minute}, time.Hour, nil, a, a, a, b, b, nil, nil, a, nil, b)
		want := []string{"warn asking failed a", "warn asking failed b", "info asking works again <nil>", "warn asking failed a", "info asking works again <nil>", "warn asking failed b", "info asking works again <nil>"}
		if diff := gocmp.Diff(want, log); diff != "" || l.Trouble() != nil {
			t.Errorf("log (-want +got):\n%s, trouble %v", diff, l.Trouble())
		}
		_, _, l = run(t, Options{Every: time.Minute}, time.Second/10, a)
		if err := l.Trouble(); err == nil || err.Error() != "a" {
			t.Errorf("Trouble = %v, want a", err)
		}
	})
}

// Two programs that take a poll from each other fail and work in turns.
func TestTroubleThatComesAndGoesIsLoggedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		taken := errors.New("taken")
		_, log, l := run(t, Options{Every: time.Minute, Longest: time.Minute, Settle: 3 * time.Minute}, time.Hour, nil, taken, nil, taken, nil, nil, taken)
		want := []string{"warn asking failed taken", "info asking works again <nil>"}
		if diff := gocmp.Diff(want, log); diff != "" || l.Trouble() != nil {
			t.Errorf("log (-want +got):\n%s, trouble %v", diff, l.Trouble())
		}
	})
}

func TestLoopBacksOff(t *testing.T) {
	failed := errors.New("x")
	for _, test := range []struct {
		name        string
		o           Options
		err         error
		least, most []time.Duration // of the pauses
	}{
		{"doubles up to the longest", Options{Every: time.Hour, First: time.Second, Longest: 5 * time.Second}, failed, seconds(.5, 1, 2, 2.5, 2.5), seconds(1, 2, 4, 5, 5)},
		{"no longer than between passes", Options{Every: 3 * time.Second, First: 5 * time.Second}, failed, seconds(1.5, 1.5), seconds(3, 3)},
		{"as the vendor says", Options{Every: time.Minute}, connectors.After(10*time.Minute, failed), seconds(600, 600), seconds(600, 600)},
		{"what needs an operator", Options{Every: time.Hour}, connectors.Permanent(failed), seconds(30, 30), seconds(60, 60)},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				results := slices.Repeat([]error{test.err}, 50)
				passes, _, _ := run(t, test.o, time.Hour, results...)
				for i := range test.least {
					if got := passes[i+1] - passes[i]; got < test.least[i] || got > test.most[i] {
						t.Errorf("pause %d is %s, want %s to %s", i, got, test.least[i], test.most[i])
					}
				}
			})
		})
	}
}

func seconds(all ...float64) (d []time.Duration) {
	for _, s := range all {
		d = append(d, time.Duration(s*float64(time.Second)))
	}
	return d
}

func TestWokenLoopLooksSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l *Loop
		began, passes := time.Now(), []time.Duration(nil)
		l = New(Options{Every: time.Hour, First: 5 * time.Second, Log: zap.NewNop(), Pass: func(context.Context) error {
			passes = append(passes, time.Since(began))
			return nil
		}})
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Minute)
		defer cancel()
		go func() {
			time.Sleep(time.Minute)
			l.Wake()
			l.Wake()
		}()
		l.Run(ctx)
		synctest.Wait()
		if diff := gocmp.Diff([]time.Duration{0, 65 * time.Second}, passes); diff != "" {
			t.Errorf("passes (-want +got):\n%s", diff)
		}
	})
}

func TestPagesAreReadToTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failed := errors.New("x")
		for _, test := range []struct {
			name  string
			fails map[int]error // by call
			want  []string
			err   error
			took  time.Duration
		}{
			{"all", nil, []string{"", "p1", "p2"}, nil, 0},
			{"fails", map[int]error{1: failed}, []string{"", "p1"}, failed, 0},
			{"too often on a later page", map[int]error{1: connectors.After(time.Minute, failed)}, []string{"", "p1", "p1", "p2"}, nil, time.Minute},
			{"too often at once", map[int]error{0: connectors.After(time.Minute, failed)}, []string{""}, failed, 0},
		} {
			var asked []string
			began := time.Now()
			err := Pages(t.Context(), 5, func(page string) (string, error) {
				asked = append(asked, page)
				if err := test.fails[len(asked)-1]; err != nil {
					return "", err
				}
				return map[string]string{"": "p1", "p1": "p2", "p2": ""}[page], nil
			})
			if diff := gocmp.Diff(test.want, asked); diff != "" || !errors.Is(err, test.err) || time.Since(began) != test.took {
				t.Errorf("%s: %v after %s, asked (-want +got):\n%s", test.name, err, time.Since(began), diff)
			}
		}
		n := 0
		if err := Pages(t.Context(), 5, func(string) (string, error) { n++; return "again", nil }); err == nil || n != 5 {
			t.Errorf("without end: %v after %d pages", err, n)
		}
	})
}

// cursor keeps positions, unless it is away.
type cursor struct {
	connectors.Cursor
	of   map[string]string
	away error
}

func (c *cursor) Load(_ context.Context, key string) (string, error) { return c.of[key], c.away }
func (c *cursor) Save(_ context.Context, key, value string) error {
	if c.away == nil {
		c.of[key] = value
	}
	return c.away
}

func TestFeedTakesWhatIsNewOnce(t *testing.T) {
	var listed []string // what the vendor shows, newest first
	var taken []string
	refuse := ""
	away := errors.New("the store is away")
	c := &cursor{of: map[string]string{}}
	feed := func() *Feed[string] {
		return &Feed[string]{
			Cursor: c, Key: "at", ID: func(s string) string { return s }, Compare: strings.Compare,
			List: func(_ context.Context, position string) ([]string, error) {
				var all []string
				for _, id := range listed { // two places behind the position
					if position == "" || id > before(position, 20) {
						all = append(all, id)
					}
				}
				return all, nil
			},
			Take: func(_ context.Context, id string) error {
				if id == refuse {
					return away
				}
				taken = append(taken, id)
				return nil
			},
			Start: func() string { return "200" }, Forget: func(position string) string { return before(position, 40) },
		}
	}
	f := feed()
	for _, step := range []struct {
		name   string
		listed []string
		refuse string
		fresh  bool // another process
		want   []string
		at     string
	}{
		{"nothing yet", nil, "", false, nil, "200"},
		{"oldest first", []string{"230", "220", "210"}, "", false, []string{"210", "220", "230"}, "230"},
		{"again", []string{"230", "220", "210"}, "", false, nil, "230"},
		{"shown late", []string{"240", "230", "220", "225"}, "", false, []string{"225", "240"}, "240"},
		{"one is refused", []string{"270", "260", "250"}, "260", false, []string{"250"}, "250"},
		{"and comes again", []string{"270", "260", "250"}, "", false, []string{"260", "270"}, "270"},
		{"another process takes the overlap again", []string{"280", "270", "260", "250"}, "", true, []string{"260", "270", "280"}, "280"},
	} {
		if step.fresh {
			f = feed()
		}
		listed, refuse, taken = step.listed, step.refuse, nil
		err := f.Pass(t.Context())
		if diff := gocmp.Diff(step.want, taken); diff != "" || c.of["at"] != step.at || (err != nil) != (step.refuse != "") {
			t.Errorf("%s: %v, position %q, want %q; taken (-want +got):\n%s", step.name, err, c.of["at"], step.at, diff)
		}
	}
	if len(f.taken) > 4 {
		t.Errorf("%v are remembered, want what may be listed again", f.taken)
	}
	c.away, taken = away, nil
	if err := f.Pass(t.Context()); !errors.Is(err, away) || len(taken) > 0 {
		t.Errorf("Pass without a position = %v, taken %q", err, taken)
	}
}

// before is a number so much smaller.
func before(id string, n int) string {
	var v int
	_, _ = fmt.Sscan(cmp.Or(id, "0"), &v)
	return fmt.Sprint(v - n)
}

// A pass that lasts for hours, such as a stream, goes well long before it ends.
func TestTroubleIsOverWhileAPassLasts(t *testing.T) {
	core, logged := observer.New(zap.InfoLevel)
	lasts := make(chan bool)
	passes := 0
	l := New(Options{
		Every: time.Millisecond, First: time.Millisecond, Failed: "failed", Again: "again", Log: zap.New(core),
		Pass: func(ctx context.Context) error {
			if passes++; passes == 1 {
				return errors.New("away")
			}
			close(lasts)
			<-ctx.Done()
			return nil
		},
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); l.Run(ctx) }()
	<-lasts
	if err := l.Trouble(); err == nil || err.Error() != "away" {
		t.Errorf("Trouble = %v, want how the last pass failed", err)
	}
	for range 2 {
		l.Well()
	}
	if err := l.Trouble(); err != nil {
		t.Errorf("Trouble = %v while all is well", err)
	}
	cancel()
	<-done
	if n := logged.FilterMessage("again").Len(); n != 1 {
		t.Errorf("its end is logged %d times, want once", n)
	}
}
