package identity_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/identity"
	"loket/internal/message"
	"loket/internal/store/storetest"
)

const (
	processes = 3
	workers   = 8
	newcomers = 40
	quarrels  = 8 // every so many newcomers
	// The process that finds these in its environment is one of several and does not start others.
	socketVar  = "LOKET_TEST_SOCKET"
	processVar = "LOKET_TEST_PROCESS"
	answersVar = "LOKET_TEST_ANSWERS"
)

// TestThreeProcessesAgree lets several processes with several workers each tell one registry conflicting things about
// the same identifiers, while the same new people write to all of them.
func TestThreeProcessesAgree(t *testing.T) {
	if socket := os.Getenv(socketVar); socket != "" {
		process, err := strconv.Atoi(os.Getenv(processVar))
		if err != nil {
			t.Fatal(err)
		}
		disagree(t, socket, process)
		return
	}
	socket := storetest.Server(t)
	answers := make([]map[string][]string, processes)
	var wg sync.WaitGroup
	for process := range processes {
		wg.Go(func() { answers[process] = run(t, socket, process) })
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	r := newKept(storetest.On(t, &redis.Options{Network: "unix", Addr: socket}))
	for n := range newcomers {
		got := map[string]bool{}
		for _, a := range answers {
			if len(a[strconv.Itoa(n)]) != workers {
				t.Errorf("newcomer %d: %d answers, want one of each worker", n, len(a[strconv.Itoa(n)]))
			}
			for _, customer := range a[strconv.Itoa(n)] {
				got[customer] = true
			}
		}
		res, err := r.Resolve(t.Context(), newcomer(t, n))
		if err != nil {
			t.Fatal(err)
		}
		got[res.Customer] = true
		if len(got) != 1 || res.Customer == "" {
			t.Errorf("newcomer %d is %d customers: %v", n, len(got), got)
		}
	}
	broken, err := r.Check(t.Context())
	if err != nil || len(broken) > 0 {
		t.Errorf("Check = %q, %v, want nothing broken", broken, err)
	}
}

// run is one process. It gives whom each of its workers took each newcomer for.
func run(t *testing.T, socket string, process int) map[string][]string {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	exe, err := os.Executable()
	if err != nil {
		t.Error(err)
		return nil
	}
	out := t.TempDir() + "/answers"
	cmd := exec.CommandContext(ctx, exe, "-test.run=^TestThreeProcessesAgree$", "-test.count=1")
	cmd.Env = append(os.Environ(), socketVar+"="+socket, fmt.Sprintf("%s=%d", processVar, process), answersVar+"="+out)
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("process %d: %v\n%s", process, err, bytes.TrimSpace(b))
		return nil
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Error(err)
		return nil
	}
	var answers map[string][]string
	if err := json.Unmarshal(b, &answers); err != nil {
		t.Error(err)
	}
	return answers
}

// disagree is what one process does.
func disagree(t *testing.T, socket string, process int) {
	r := newKept(storetest.On(t, &redis.Options{Network: "unix", Addr: socket}))
	answers := map[string][]string{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(process), uint64(worker)))
			order := rnd.Perm(newcomers)
			for i, n := range order {
				if i%quarrels == 0 {
					quarrel(t, r, rnd)
				}
				res, err := r.Resolve(t.Context(), newcomer(t, n))
				if err != nil {
					t.Errorf("resolve: %v", err)
					return
				}
				mu.Lock()
				answers[strconv.Itoa(n)] = append(answers[strconv.Itoa(n)], res.Customer)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	b, err := json.Marshal(answers)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(os.Getenv(answersVar), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// newcomer is a message of somebody whom nobody knows.
func newcomer(tb testing.TB, n int) identity.Subject {
	p := &population{tb: tb}
	return identity.Subject{
		IDs: []message.Identifier{
			p.make("bsuid", "81001", fmt.Sprintf("NL.%d", 7000+n), message.Attested),
			p.make("phone", "", fmt.Sprintf("+3162%07d", n), message.Attested),
		},
		At: time.Unix(1_700_000_000, 0), Message: fmt.Sprintf("newcomer-%d", n),
	}
}

// quarrel says something about some of the identifiers that everybody quarrels about.
func quarrel(t *testing.T, r kept, rnd *rand.Rand) {
	all := quarrelled(t)
	rnd.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	some := all[:2+rnd.IntN(2)]
	at := time.Unix(1_700_000_000+rnd.Int64N(1000), 0)
	by := identity.Actor{Name: "anna", Reason: "says so", At: at}
	if rnd.IntN(4) == 0 {
		_, err := r.Register(t.Context(), some, "Anna", by)
		mayRefuse(t, "register", err)
		return
	}
	for i := range some {
		some[i].Level = message.Attested
	}
	res, err := r.Resolve(t.Context(), identity.Subject{IDs: some, At: at, Message: fmt.Sprint(rnd.Uint64())})
	if err != nil {
		t.Errorf("resolve: %v", err)
	}
	if res.Customer != "" && rnd.IntN(2) == 0 {
		all[5].Level = message.Vouched
		_, err := r.Link(t.Context(), all[5], res.Customer, by)
		mayRefuse(t, "link", err)
	}
}

// mayRefuse accepts that what contradicts is refused.
func mayRefuse(t *testing.T, what string, err error) {
	t.Helper()
	for _, refusal := range []error{identity.ErrConflict, identity.ErrAnchored, identity.ErrLimit, identity.ErrNone} {
		if errors.Is(err, refusal) {
			return
		}
	}
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

// quarrelled are 42 identifiers of all classes.
func quarrelled(tb testing.TB) []message.Identifier {
	p := &population{tb: tb}
	var all []message.Identifier
	for n := range 6 {
		all = append(all,
			p.make("cno", "", fmt.Sprint(500+n), message.Vouched),
			p.make("email", "", fmt.Sprintf("anna%d@post.example", n), message.Vouched),
			p.make("phone", "", fmt.Sprintf("+3163%07d", n), message.Vouched),
			p.make("bsuid", "81001", fmt.Sprintf("NL.%d", 100+n), message.Vouched),
			p.make("psid", "4711", fmt.Sprint(100+n), message.Vouched),
			p.make("xu", "", fmt.Sprint(100+n), message.Vouched),
			p.make("xh", "", fmt.Sprintf("anna%d", n), message.Vouched))
	}
	return all
}
