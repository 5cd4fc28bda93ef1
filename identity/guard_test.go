package identity

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/store/storetest"
)

// between does something once, after the first answer that a registry gets from its store.
type between struct {
	once sync.Once
	do   func()
}

func (b *between) DialHook(next redis.DialHook) redis.DialHook { return next }

func (b *between) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		b.once.Do(b.do)
		return err
	}
}

func (b *between) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		b.once.Do(b.do)
		return err
	}
}

// A registry reads the index before the groups. Between the two another settles what the index says, and the change
// at hand makes it so again: what it makes equals what it read, and not what is there.
func TestTheIndexIsWrittenWhenAnotherChangedItMeanwhile(t *testing.T) {
	socket := storetest.Server(t)
	here, there := New(storetest.On(t, options(socket)), testConfig()), New(storetest.On(t, options(socket)), testConfig())
	a, b := register(t, here, "cno:1", "crm:acme:1", "email:kate@example.org"), register(t, here, "cno:2")
	_, _ = here.Register(t.Context(), vouched(t, "cno:2", "email:kate@example.org"), "", Actor{Name: "crm", At: noon}) // contested
	if res := shows(t, here, "email:kate@example.org"); !res.Contested {
		t.Fatalf("Resolve before = %+v: the test says nothing", res)
	}
	here.store.Redis().AddHook(&between{do: func() {
		k := pairOf(a.ID, b.ID)
		if err := there.Decide(t.Context(), k.x+"+"+k.y, false, Actor{Name: "anna"}); err != nil {
			t.Errorf("Decide = %v", err)
		}
		if res := shows(t, there, "email:kate@example.org"); res.Contested {
			t.Errorf("Resolve after the decision = %+v: the test says nothing", res)
		}
	}})
	_, _ = here.Register(t.Context(), vouched(t, "crm:acme:2", "email:kate@example.org"), "", Actor{Name: "crm", At: noon})
	if res := shows(t, there, "email:kate@example.org"); !res.Contested {
		t.Errorf("Resolve of who is contested again = %+v", res)
	}
	sound(t, there)
}

// What is said of an identifier with its time ends the same in whatever order it comes in.
func TestFlagsDoNotMindTheOrderTheyAreSaidIn(t *testing.T) {
	s := storetest.New(t)
	x := one(t, "email:kate@example.org")
	said := []struct {
		hour int
		on   bool
	}{{1, true}, {2, false}, {3, true}}
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		r := emptied(t, s)
		register(t, r, "cno:1", "email:kate@example.org")
		for _, i := range order {
			if err := r.Block(t.Context(), x, said[i].on, Actor{Name: "anna", At: noon.Add(time.Duration(said[i].hour) * time.Hour)}); err != nil {
				t.Fatal(err)
			}
		}
		v, err := r.view(t.Context(), x.String())
		if err != nil || !v.facts.nodes[x.String()].blocked.on {
			t.Errorf("said in the order %v it is not blocked, %v", order, err)
		}
	}
}

// What never fits together ends, and the error says that it may be tried again.
func TestWhatChangesTooFastIsBusy(t *testing.T) {
	r := empty(t)
	r.tries = 5
	c := register(t, r, "cno:1", "email:kate@example.org")
	r.store.Redis().Set(t.Context(), indexKey("email:kate@example.org"), register(t, r, "cno:2").ID+";4;0", 0)
	x := one(t, "email:kate@example.org")
	for name, do := range map[string]func() error{
		"Owner": func() error { _, _, err := r.Owner(t.Context(), x); return err },
		"Register": func() error {
			_, err := r.Register(t.Context(), vouched(t, "cno:1", "email:kate@example.org"), "", Actor{})
			return err
		},
		"Share": func() error { return r.Share(t.Context(), x, true, Actor{}) },
		"Link":  func() error { _, err := r.Link(t.Context(), x, c.ID, Actor{}); return err },
	} {
		if err := do(); !errors.Is(err, ErrBusy) {
			t.Errorf("%s = %v, want %v", name, err, ErrBusy)
		}
	}
}
