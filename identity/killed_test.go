package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"loket/internal/message"
	"loket/internal/soak"
	"loket/internal/store"
	"loket/internal/store/storetest"
)

// A process that finds these in its environment does one of the fatal deeds and is killed on the way.
const (
	killSocketVar = "LOKET_TEST_KILL_SOCKET"
	killDeedVar   = "LOKET_TEST_KILL_DEED"
	killBeforeVar = "LOKET_TEST_KILL_BEFORE" // which of its commands
	killIDsVar    = "LOKET_TEST_KILL_IDS"
)

// maxCommands is more than any of the deeds takes.
const maxCommands = 300

// fatal is something done to the customers a and b of the street, during which the process is killed.
type fatal struct {
	name   string
	before func(ctx context.Context, r *Registry, a, b string) error // what makes it possible
	do     func(ctx context.Context, r *Registry, a, b string) error
	again  error // besides none, what doing it again answers when it was done
	// steps: it is written down in steps, and in which depends on where it was cut.
	steps bool
}

func fatals() []fatal {
	sure := Actor{Name: "anna", Reason: "asked", At: noon.Add(2 * time.Hour), Confirm: true}
	merge := func(ctx context.Context, r *Registry, a, b string) error {
		_, err := r.Merge(ctx, a, b, sure)
		return err
	}
	take := func(mode Mode) func(ctx context.Context, r *Registry, _, _ string) error {
		return func(ctx context.Context, r *Registry, _, _ string) error {
			rep, err := r.Import(ctx, strings.NewReader(moving), ImportOptions{
				System: "acme", Mode: mode, By: Actor{Name: "anna", At: noon.Add(2 * time.Hour)},
			})
			counted := rep.Created + rep.Bound + rep.Same + rep.Joined + rep.Conflicts + rep.Bad
			if err == nil && (rep.Rows != 7 || counted != rep.Rows || rep.Lines != 8 || rep.Bad != 1) {
				err = fmt.Errorf("the report is wrong: %+v", rep)
			}
			return err
		}
	}
	return []fatal{
		{name: "merge", do: merge},
		{name: "unmerge", before: merge, do: func(ctx context.Context, r *Registry, a, b string) error {
			_, _, err := r.Unmerge(ctx, a, b, Actor{Name: "anna", At: noon.Add(3 * time.Hour)})
			return err
		}},
		{name: "split", again: ErrNone, do: func(ctx context.Context, r *Registry, a, _ string) error {
			list, err := parse(r, "phone:0612345678", "xu:1")
			if err == nil {
				_, _, err = r.Split(ctx, a, list, sure)
			}
			return err
		}},
		{name: "link", do: func(ctx context.Context, r *Registry, _, b string) error {
			list, err := parse(r, "email:c@example.org")
			if err == nil {
				_, err = r.Link(ctx, list[0], b, sure)
			}
			return err
		}},
		{name: "erase", again: ErrGone, do: func(ctx context.Context, r *Registry, a, _ string) error { return r.Erase(ctx, a, sure) }},
		{name: "import", steps: true, do: take(Add)},
		{name: "import that replaces", steps: true, do: take(Replace)},
	}
}

func parse(r *Registry, texts ...string) ([]message.Identifier, error) {
	var out []message.Identifier
	for _, s := range texts {
		id, err := r.Parse(s, message.Vouched)
		if err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, nil
}

// moving is an import with a customer who is new, one who gets something more, one who loses something, two who turn
// out to be one, two who want the same address, and one row that nobody can use.
const moving = "id;customer_no;name;email;phone;preferred;consent.newsletter;attribute.town\n" +
	"70;70;Eve;eve@example.org;0612345670;email;yes;Utrecht\n" +
	"1;1;Kate Bush;a@example.org;0687654321;phone;no;Amersfoort\n" +
	"71;;Joan;c@example.org;0612345671;;;\n" +
	"72;;Ruth;c@work.example;0612345671;;yes;\n" +
	"73;73;Olga;b@example.org;;;;Delft\n" +
	";;Nobody;nobody@example.org;;;;\n" +
	"74;;Joan;d@example.org;0612345674;;;\n"

// street is who lives there before anything is done: with a conflict, a shared address, a handle, and all that is noted.
func street(t *testing.T, r *Registry) (a, b string) {
	t.Helper()
	rep := takeIn(t, r, "id;customer_no;name;email;phone;preferred;consent.newsletter;attribute.town\n"+
		"1;1;Kate;a@example.org;0612345678;email;yes;Utrecht\n"+
		"2;2;Anna;b@example.org;0201234567;;no;\n", ImportOptions{System: "acme"})
	if rep.Created != 2 {
		t.Fatalf("Import = %+v", rep)
	}
	kate, _, err := r.Owner(t.Context(), one(t, "cno:1"))
	if err != nil {
		t.Fatal(err)
	}
	anna, _, err := r.Owner(t.Context(), one(t, "cno:2"))
	if err != nil {
		t.Fatal(err)
	}
	shows(t, r, "email:a@example.org", "xu:1", "xh:kate")
	shows(t, r, "email:c@example.org")
	shows(t, r, "email:d@example.org", "phone:0612345674")
	by := Actor{Name: "anna", At: noon.Add(time.Hour)}
	if _, err := r.Link(t.Context(), one(t, "phone:0201234567"), kate.ID, by); !errors.Is(err, ErrConflict) {
		t.Fatalf("Link = %v", err)
	}
	if _, err := r.Link(t.Context(), one(t, "email:info@example.org"), kate.ID, by); err != nil {
		t.Fatal(err)
	}
	if err := r.Share(t.Context(), one(t, "email:info@example.org"), true, by); err != nil {
		t.Fatal(err)
	}
	return kate.ID, anna.ID
}

// TestKilledBetweenAnyTwoCommands kills a process, as kill -9 does, before each command of what it does. Another process
// then does it again, and all is as if nobody had been killed.
func TestKilledBetweenAnyTwoCommands(t *testing.T) {
	if os.Getenv(killSocketVar) != "" {
		die(t)
		return
	}
	for _, f := range fatals() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			socket := storetest.Server(t)
			s := storetest.On(t, options(socket))
			r := New(s, testConfig())
			a, b := street(t, r)
			if f.before != nil {
				if err := f.before(t.Context(), r, a, b); err != nil {
					t.Fatal(err)
				}
			}
			start := contents(t, s)
			if err := f.do(t.Context(), r, a, b); err != nil {
				t.Fatal(err)
			}
			want := ending(t, r, f)
			restore(t, s, start)
			points, kills := killPoints(t, socket, f, a, b), 0
			for _, before := range points {
				restore(t, s, start)
				killed := perish(t, socket, f.name, before, a, b)
				sound(t, r)
				if err := f.do(t.Context(), r, a, b); err != nil && (f.again == nil || !errors.Is(err, f.again)) {
					t.Fatalf("killed before command %d, then again: %v", before, err)
				}
				sound(t, r)
				if diff := cmp.Diff(want, ending(t, r, f)); diff != "" {
					t.Fatalf("killed before command %d, then again (-undisturbed +got):\n%s", before, diff)
				}
				if !killed {
					break
				}
				kills++
			}
			if kills < 3 {
				t.Errorf("it was killed at %d places only", kills)
			}
		})
	}
}

// killPoints are the commands before which a process is killed, in order; to the last of them it does not come. Under make soak they
// are all, else of each kind the first, the one in the middle and the last.
func killPoints(t *testing.T, socket string, f fatal, a, b string) []int {
	t.Helper()
	r, sent := recorded(t, socket)
	if err := f.do(t.Context(), r, a, b); err != nil {
		t.Fatal(err)
	}
	of := map[string][]int{}
	for i, kind := range sent() {
		of[kind] = append(of[kind], i+1)
	}
	points := []int{maxCommands}
	for _, at := range of {
		points = append(points, at[0], at[len(at)/2], at[len(at)-1])
	}
	if soak.Whole() {
		for n := range maxCommands {
			points = append(points, n+1)
		}
	}
	slices.Sort(points)
	return slices.Compact(points)
}

// recorded is a registry, and what tells the kinds of the commands that it sent.
func recorded(t *testing.T, socket string) (r *Registry, sent func() []string) {
	t.Helper()
	s := storetest.On(t, options(socket))
	var mu sync.Mutex
	var kinds []string
	s.Redis().AddHook(commands{func(cmd redis.Cmder, _ func()) {
		kind := cmd.Name()
		if strings.HasPrefix(kind, "eval") {
			kind = fmt.Sprint(kind, cmd.Args()[1]) // each script is a kind
		}
		mu.Lock()
		defer mu.Unlock()
		kinds = append(kinds, kind)
	}})
	return New(s, testConfig()), func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(kinds)
	}
}

// perish lets a process do the deed and be killed before one of its commands. It is false when it came to the end.
func perish(t *testing.T, socket, deed string, before int, a, b string) bool {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, exe, "-test.run=^TestKilledBetweenAnyTwoCommands$", "-test.count=1")
	cmd.Env = append(os.Environ(), killSocketVar+"="+socket, killDeedVar+"="+deed, killBeforeVar+"="+strconv.Itoa(before), killIDsVar+"="+a+","+b)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return false
	case ctx.Err() == nil && errors.As(err, &exit) && exit.ExitCode() == -1: // by a signal
		return true
	}
	t.Fatalf("%s, to be killed before command %d: %v\n%s", deed, before, err, out)
	return false
}

// die is what the killed process does.
func die(t *testing.T) {
	before, err := strconv.Atoi(os.Getenv(killBeforeVar))
	if err != nil {
		t.Fatal(err)
	}
	s := storetest.On(t, options(os.Getenv(killSocketVar)))
	s.Redis().AddHook(commands{(&killing{left: before}).take})
	a, b, _ := strings.Cut(os.Getenv(killIDsVar), ",")
	all := fatals()
	f := all[slices.IndexFunc(all, func(f fatal) bool { return f.name == os.Getenv(killDeedVar) })]
	if err := f.do(t.Context(), New(s, testConfig()), a, b); err != nil {
		t.Fatal(err)
	}
}

// killing ends the process, as kill -9 does, before the command at which none is left. What others have under way
// at that moment is cut too.
type killing struct {
	mu   sync.Mutex
	left int
}

// commands calls each before a command is sent; before does what goes together with it and comes before it.
type commands struct {
	each func(cmd redis.Cmder, before func())
}

func (c commands) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c commands) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if !greets(cmd) {
			c.each(cmd, func() {})
		}
		return next(ctx, cmd)
	}
}

// Of commands that go together those before the last one are let through.
func (c commands) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if greets(cmds[0]) {
			return next(ctx, cmds)
		}
		for i, cmd := range cmds {
			c.each(cmd, func() {
				if i > 0 {
					_ = next(ctx, cmds[:i])
				}
			})
		}
		return next(ctx, cmds)
	}
}

// greets tells what a connection begins with, and does not count.
func greets(cmd redis.Cmder) bool { return cmd.Name() == "hello" || cmd.Name() == "client" }

// take lets one more command through, or does what was let through so far and ends the process.
func (k *killing) take(_ redis.Cmder, last func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.left--; k.left > 0 {
		return
	}
	last()
	if self, err := os.FindProcess(os.Getpid()); err == nil {
		_ = self.Kill()
	}
	select {} // until it takes effect
}

// ending is how the registry stands, without what differs from run to run: ids that were made, and times of its own.
func ending(t *testing.T, r *Registry, f fatal) []string {
	t.Helper()
	out := append(snapshot(t, r), strings.Split(whole(t, r), "\n")...)
	list, _, err := r.Suggestions(t.Context(), 100, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		pair := []string{holds(s.A), holds(s.B)}
		slices.Sort(pair)
		out = append(out, fmt.Sprintf("suggested %s %d: %v", pair, s.Score, s.Reasons))
	}
	if f.steps {
		return out
	}
	events, err := r.store.Redis().XRange(t.Context(), logKey(), "-", "+").Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		var l logged
		if err := json.Unmarshal([]byte(e.Values["e"].(string)), &l); err != nil {
			t.Fatal(err)
		}
		out = append(out, "logged "+l.Op)
	}
	return out
}

// contents is all that the server holds, as it keeps it.
func contents(t tester, s *store.Store) map[string]string {
	out := map[string]string{}
	for _, key := range s.Redis().Keys(t.Context(), "*").Val() {
		v, err := s.Redis().Dump(t.Context(), key).Result()
		if err != nil {
			t.Fatal(err)
		}
		out[key] = v
	}
	return out
}

// restore makes the contents all that the server holds.
func restore(t tester, s *store.Store, contents map[string]string) {
	_, err := s.Redis().Pipelined(t.Context(), func(p redis.Pipeliner) error {
		p.FlushAll(t.Context())
		for key, v := range contents {
			p.Restore(t.Context(), key, 0, v)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
