package api_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap/zaptest"

	"loket/desk"
	"loket/desk/access"
	"loket/desk/api"
	"loket/desk/customers"
	"loket/desk/figures"
	"loket/desk/people"
	"loket/identity"
	"loket/internal/blob"
	"loket/internal/message"
	"loket/internal/secret"
	"loket/internal/spool"
	"loket/internal/store"
	"loket/internal/store/storetest"
	"loket/router"
	"loket/router/intake"
	"loket/router/kpi"
	"loket/router/queue"
	"loket/router/thread"
)

const (
	adminToken   = "the-token-of-the-admin"
	annaToken    = "the-token-of-anna"
	programToken = "the-token-of-a-program"
	webcareToken = "the-token-kept-to-webcare"
	managerToken = "the-token-of-webcares-manager"
	channelToken = "the-token-that-feeds-a-channel"
)

// house is the whole walk on a Redis of its own, without channels, behind the real handler.
type house struct {
	*httptest.Server
	t         *testing.T
	redis     *storetest.Redis
	store     *store.Store
	queue     *queue.Queue
	threads   *thread.Threads
	intake    *intake.Intake
	desk      *desk.Desk
	customers *customers.Service
	blobs     string // directory
	access    *atomic.Pointer[access.Control]
	check     *checker
	overtaken *atomic.Bool // rebuilding figures is, when it is set, by another
	stop      func()       // as the daemon does when it stops
}

// teams answers for what the router does not say.
type teams struct{ *router.Router }

func (t teams) Lease(string) time.Duration  { return time.Minute }
func (t teams) Reopen(string) time.Duration { return time.Hour }
func (teams) Aside(_, outcome string) bool  { return strings.EqualFold(outcome, "wrong number") }
func (t teams) Answers(string, string) bool { return true }

func rules(t *testing.T) *router.Router {
	t.Helper()
	r, err := router.New(router.Config{
		Teams: map[string]router.Team{"support": {}, "webcare": {}, "network": {}}, Fallback: "support",
		Rules: []router.Rule{
			{Name: "outage", When: `text contains "storing"`, Team: "network", Priority: "high", Tags: []string{"outage"}},
			{Name: "public", When: `public`, Team: "webcare"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestMain(m *testing.M) { os.Exit(storetest.Main(m, 2)) }

// open opens a house in which those configured, when there are any, are the only ones who may act.
func open(t *testing.T, configured ...access.Person) *house {
	t.Helper()
	t.Parallel() // each has a Redis of its own
	return openOn(t, storetest.Start(t), configured...)
}

// openOn opens a house on a Redis.
func openOn(t *testing.T, redis *storetest.Redis, configured ...access.Person) *house {
	t.Helper()
	st := storetest.On(t, redisOptions(redis))
	log := zaptest.NewLogger(t, zaptest.Level(zapError))
	r := rules(t)
	sp, err := spool.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	blobDir := t.TempDir()
	blobs, err := blob.Open(blobDir)
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	registry := identity.New(st, identity.Defaults())
	threads, err := thread.New(thread.Options{Store: st})
	must(err)
	q, err := queue.New(queue.Options{Store: st, Teams: teams{r}})
	must(err)
	in, err := intake.New(intake.Options{
		Store: st, Spool: sp, Registry: registry, Threads: threads, Queue: q, Router: func() *router.Router { return r }, Log: log,
	})
	must(err)
	now := &atomic.Pointer[access.Control]{}
	now.Store(access.New(configured, []access.Token{
		{Name: "annas own", Token: secret.New(annaToken), Person: "anna"},
		{Name: "wallboard", Token: secret.New(programToken)},
		{Name: "webcare tool", Token: secret.New(webcareToken), Teams: []string{"webcare"}},
		{Name: "webcare manager", Token: secret.New(managerToken), Teams: []string{"webcare"}, Roles: []string{access.RoleManager}},
		{Name: "channel", Token: secret.New(channelToken), Roles: []string{access.RoleAgent, access.RoleVouch}},
	}, nil, secret.New(adminToken)))
	overtaken := &atomic.Bool{}
	ledger, err := kpi.New(kpi.Options{Store: st, Queue: q, Step: overtake(st, overtaken)})
	must(err)
	d, err := desk.New(desk.Options{
		Store: st, Queue: q, Ledger: ledger, Threads: threads, Registry: registry, Intake: in, Blobs: blobs, Region: "NL", Log: log,
		Router: func() *router.Router { return r }, Access: now.Load,
		Reach: func(to message.Identifier, first string) (string, string, bool) {
			switch {
			case to.Kind == "email":
				return "mailbox", "email", true
			case to.Kind == "xu" && first == "care":
				return "care", "x", true
			}
			return "", "", false
		},
		ReadMail:  mailFiles(t),
		Copies:    func(connector string) bool { return connector == "mailbox" },
		Ours:      func(to message.Identifier) bool { return to.Value == "help@example.org" },
		ThreadURL: func(thread string) string { return "http://127.0.0.1:8080/t/" + thread },
		CanReply: func(_ string, m *message.Message) error {
			if m.Channel == "counter" {
				return errors.New("carries no replies")
			}
			if strings.Contains(m.Text, "too long for this channel") {
				return errors.New("must be at most 160 characters")
			}
			return nil
		},
	})
	must(err)
	registered, err := customers.New(customers.Options{
		Desk: d, Store: st, Queue: q, Threads: threads, Registry: registry, Intake: in, Access: now.Load, Region: "NL", Log: log,
	})
	must(err)
	signIns, err := people.New(people.Options{Store: st, Configured: func() []access.Person { return configured }, Teams: r.Teams})
	must(err)
	sums, err := figures.New(figures.Options{Store: st, Ledger: ledger, Queue: q, Router: func() *router.Router { return r }})
	must(err)
	stopping := make(chan struct{})
	h := &house{t: t, redis: redis, store: st, queue: q, threads: threads, intake: in, desk: d, customers: registered, blobs: blobDir, access: now, overtaken: overtaken, stop: sync.OnceFunc(func() { close(stopping) })}
	handler, err := api.New(api.Options{
		Desk: d, Customers: registered, Figures: sums, People: signIns,
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			_, _ = w.Write([]byte("loket_up 1\n"))
		}),
		Health: func(context.Context) (bool, []string) {
			select {
			case <-stopping:
				return false, []string{"stopping"}
			default:
				return true, nil
			}
		},
		Ready: func(ctx context.Context) (bool, []string) {
			if err := st.Ping(ctx); err != nil {
				return false, []string{"the store is away"}
			}
			return true, nil
		},
		Process: func(context.Context) desk.Process {
			return desk.Process{Version: "test", Store: desk.StoreStatus{Kind: "redis"}}
		},
		Stopping: stopping, Log: log, MaxBody: 1 << 20,
	})
	must(err)
	h.Server = httptest.NewServer(handler)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = q.Feed().Run(ctx) })
	running.Go(func() { _ = in.Run(ctx) })
	t.Cleanup(func() {
		h.stop()
		h.Close()
		cancel()
		in.Drain(context.Background())
		running.Wait()
	})
	h.check = newChecker(t)
	return h
}

// as gives a client with a token whose every answer is held against the document.
func (h *house) as(token, agent string) *api.Client {
	return &api.Client{Base: h.URL, Token: secret.New(token), Agent: agent, HTTP: &http.Client{Transport: h.check}}
}

// admin is a client of the admin, acting for an agent.
func (h *house) admin(agent string) *api.Client { return h.as(adminToken, agent) }

// arrive brings in a message of a customer and waits for its task.
func (h *house) arrive(text string) *api.Task {
	h.t.Helper()
	taken, err := h.admin("").TakeIn(h.t.Context(), api.NewMessage{
		Channel: "phone", From: []string{"email:kate@example.org"}, Name: "Kate", Subject: "A question", Text: text,
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return h.taskOf(taken.Thread)
}

func (h *house) taskOf(id string) *api.Task {
	h.t.Helper()
	var task *api.Task
	await(h.t, "the task of a message", func() bool {
		th, err := h.threads.Find(h.t.Context(), id)
		if err != nil {
			return false
		}
		task, err = h.admin("").Task(h.t.Context(), th.Task)
		return err == nil
	})
	return task
}

// await polls until ok, for at most ten seconds.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within a minute", what)
		}
	}
}

// raw makes a request that no client would make.
func (h *house) raw(method, path, token, body string, headers ...string) *http.Response {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), method, h.URL+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
			continue
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := (&http.Client{Transport: h.check}).Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = res.Body.Close() })
	return res
}
