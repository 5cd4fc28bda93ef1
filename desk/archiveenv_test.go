package desk_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"loket/desk"
	"loket/desk/access"
	"loket/desk/customers"
	"loket/identity"
	"loket/internal/archive"
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

// env is the walk of a message with an archive, without channels. What was recorded of deciding is a month old, as
// with everything that is archived.
type env struct {
	t         testing.TB
	dir       string
	store     *store.Store
	archive   *archive.Archive
	queue     *queue.Queue
	threads   *thread.Threads
	registry  *identity.Registry
	intake    *intake.Intake
	desk      *desk.Desk
	service   *customers.Service
	customers []string // who is registered
	admin     *access.Principal
	atStep    map[string]func() // what happens after a step of the desk
}

type promises struct{ *router.Router }

func (promises) Lease(string) time.Duration { return time.Hour }

// Reopen is less than nothing: nothing is reopened within the same millisecond either.
func (promises) Reopen(string) time.Duration { return -1 }

// Answers lets anybody answer.
func (promises) Aside(_, outcome string) bool { return strings.EqualFold(outcome, "wrong number") }
func (promises) Answers(string, string) bool  { return true }

// over is after everything that a test does.
func over() time.Time { return time.Now().Add(time.Hour) }

// windowOf is a day after the customer wrote on WhatsApp.
func windowOf(_ string, m *message.Message) (desk.Window, bool) {
	if m.Channel != "whatsapp" {
		return desk.Window{}, false
	}
	w := desk.Window{Templates: []desk.Template{{Begin: "#delay", Text: "We need more time, {{1}}."}}}
	if m.Earlier != nil {
		w.Until = m.Earlier.Sent.Add(24 * time.Hour)
	}
	return w, true
}

func newEnv(t testing.TB, st *store.Store, dir string, step func(string)) *env {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	r, err := router.New(router.Config{Teams: map[string]router.Team{"support": {}, "webcare": {}}, Fallback: "support",
		Rules: []router.Rule{{Name: "public", When: `public`, Team: "webcare"}}})
	must(err)
	sp, err := spool.Open(filepath.Join(dir, "spool"))
	must(err)
	t.Cleanup(func() { _ = sp.Close() })
	blobs, err := blob.Open(filepath.Join(dir, "blobs"))
	must(err)
	h := &env{t: t, dir: dir, store: st}
	h.archive, err = archive.Open(filepath.Join(dir, "archive"))
	must(err)
	h.registry = identity.New(st, identity.Defaults())
	h.threads, err = thread.New(thread.Options{Store: st, Archive: h.archive, Step: step})
	must(err)
	h.queue, err = queue.New(queue.Options{Store: st, Teams: promises{r}, Archive: h.archive, Step: step})
	must(err)
	h.intake, err = intake.New(intake.Options{
		Store: st, Spool: sp, Registry: h.registry, Threads: h.threads, Queue: h.queue, Router: func() *router.Router { return r }, Log: zap.NewNop(),
	})
	must(err)
	ledger, err := kpi.New(kpi.Options{Store: st, Queue: h.queue})
	must(err)
	people := access.New(nil, nil, nil, secret.New("the admin"))
	h.desk, err = desk.New(desk.Options{
		Store: st, Queue: h.queue, Threads: h.threads, Registry: h.registry, Intake: h.intake, Blobs: blobs,
		Ledger: ledger, Region: "NL",
		Router: func() *router.Router { return r }, Access: func() *access.Control { return people },
		ThreadURL: func(thread string) string { return thread },
		Window:    windowOf,
		Step: func(name string) {
			if f := h.atStep[name]; f != nil {
				f()
			}
		},
		Reach: func(message.Identifier, string) (string, string, bool) { return "mail", "email", true },
	})
	must(err)
	h.service, err = customers.New(customers.Options{
		Desk: h.desk, Store: st, Queue: h.queue, Threads: h.threads, Registry: h.registry, Intake: h.intake, Region: "NL", Step: step,
		Access: func() *access.Control { return people },
	})
	must(err)
	h.admin, err = h.desk.Authenticate("the admin")
	must(err)
	return h
}

func (h *env) by(agent string) access.Actor { return access.Actor{Principal: h.admin, Agent: agent} }

// anyway is by, for who did not look.
func (h *env) anyway(agent string) access.Actor {
	by := h.by(agent)
	by.Anyway = true
	return by
}

// says has a customer say something, and gives the task it came into.
func (h *env) says(who, text, threadOf string, edit ...func(*message.Message)) (task, id string) {
	h.t.Helper()
	id = message.NewID([]byte(text))
	m := &message.Message{
		ID: id, Thread: id, Connector: "mailbox", Channel: "email", Text: text, Subject: "about " + text, Name: who, Received: time.Now().UTC(),
		From: []message.Identifier{{Kind: "email", Value: who + "@example.org", Level: message.Attested}},
	}
	if threadOf != "" {
		m.Thread = threadOf
	}
	for _, f := range edit {
		f(m)
	}
	if err := h.intake.Accept(h.t.Context(), m); err != nil {
		h.t.Fatal(err)
	}
	h.intake.Drain(h.t.Context())
	e, err := h.threads.Message(h.t.Context(), m.Thread, id)
	if err != nil {
		h.t.Fatal(err)
	}
	return e.Task, id
}

// answers has anna answer and close, and the channel take the answer, unless it refuses it.
func (h *env) answers(task, text string, refused bool) {
	h.t.Helper()
	ctx := h.t.Context()
	a, err := h.desk.Reply(ctx, h.anyway("anna"), task, desk.Answer{Text: text, Close: true, Outcome: "solved"})
	if err != nil {
		h.t.Fatal(err)
	}
	r, err := h.queue.BeginSend(ctx, a.Reply.ID, time.Minute)
	if err != nil {
		h.t.Fatal(err)
	}
	if refused {
		err = h.queue.GiveUp(ctx, r.ID, r.Token, "mailbox full")
	} else if err = h.threads.Record(ctx, task, r.Message); err == nil {
		err = h.queue.Sent(ctx, r.ID, r.Token, "channel's "+r.ID, true)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	h.closes(task)
}

// forwards has anna pass a task on, and somebody answer that.
func (h *env) forwards(task string) {
	h.t.Helper()
	ctx := h.t.Context()
	done, err := h.desk.Forward(ctx, h.by("anna"), task, desk.Forward{To: []string{"mast@partner.example"}, Text: "is it down?"})
	if err != nil {
		h.t.Fatal(err)
	}
	r, err := h.queue.BeginSend(ctx, done.Reply.ID, time.Minute)
	if err == nil {
		err = h.queue.Sent(ctx, r.ID, r.Token, "channel's "+r.ID, false)
	}
	if err == nil {
		err = h.queue.TakeBack(ctx, task, &message.Message{ID: message.NewID([]byte("back"), []byte(task)), Text: "it is", Received: time.Now()})
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *env) closes(task string) {
	h.t.Helper()
	if _, err := h.desk.Close(h.t.Context(), h.anyway("anna"), task, "solved"); err != nil {
		h.t.Fatal(err)
	}
}

func (h *env) notes(task, text string) {
	h.t.Helper()
	if _, err := h.desk.Note(h.t.Context(), h.by("anna"), task, text); err != nil {
		h.t.Fatal(err)
	}
}

// age makes the decisions that threads recorded a month old.
func (h *env) age() {
	h.t.Helper()
	ctx, rdb := h.t.Context(), h.store.Redis()
	for _, key := range rdb.Keys(ctx, "lk:{c:*}:t").Val() {
		var rec map[string]any
		if err := json.Unmarshal([]byte(rdb.HGet(ctx, key, "record").Val()), &rec); err != nil {
			h.t.Fatal(err)
		}
		rec["decision"].(map[string]any)["at"] = time.Now().Add(-31 * 24 * time.Hour).UTC()
		b, _ := json.Marshal(rec)
		rdb.HSet(ctx, key, "record", b)
	}
}

// archives moves everything that is closed, and wants so many to go.
func (h *env) archives(want int) {
	h.t.Helper()
	done, err := h.desk.Archive(h.t.Context(), over())
	if err != nil || done.Failed > 0 || done.Tasks != want {
		h.t.Fatalf("Archive = %+v, %v; want %d tasks", done, err, want)
	}
}

func (h *env) task(ref string) *desk.Task {
	h.t.Helper()
	task, err := h.desk.Task(h.t.Context(), h.by(""), ref)
	if err != nil {
		h.t.Fatalf("Task(%s) = %v", ref, err)
	}
	return task
}

func (h *env) healthy() {
	h.t.Helper()
	if found, err := h.desk.Doctor(h.t.Context(), h.by("")); err != nil || len(found) > 0 {
		h.t.Errorf("Doctor = %q, %v; want nothing", found, err)
	}
}

// seen is all that can be read of an env, but for whether it was in the archive.
func (h *env) seen(tasks, threads []string) map[string]any {
	h.t.Helper()
	ctx, all := h.t.Context(), map[string]any{}
	put := func(what string, v any, err error) {
		if err != nil {
			all[what] = err.Error()
			return
		}
		b, err := json.Marshal(v)
		if err != nil {
			h.t.Fatal(err)
		}
		all[what] = strings.ReplaceAll(string(b), `"archived":true,`, "")
	}
	for _, id := range tasks {
		byID, err := h.desk.Task(ctx, h.by(""), id)
		put("task "+id, byID, err)
		if err == nil {
			number := queue.FormatNumber(byID.Card.Number)
			byNumber, err := h.desk.Task(ctx, h.by(""), number)
			put("number "+number, byNumber, err)
			found, err := h.desk.Search(ctx, h.by(""), number)
			put("search "+number, found.Tasks, err)
		}
	}
	for _, id := range threads {
		th, err := h.threads.Find(ctx, id)
		put("thread "+id, th, err)
		m, err := h.threads.Messages(ctx, id, 2)
		put("messages "+id, m, err)
		n, older, err := h.threads.Newest(ctx, id, 2, 1<<20)
		put("newest "+id, []any{n, older}, err)
		var each []thread.Entry
		err = h.threads.Each(ctx, id, func(e thread.Entry) error { each = append(each, e); return nil })
		put("each "+id, each, err)
		for _, who := range []string{"kate", "bob", "eve"} {
			part, err := h.threads.PartOf(ctx, id, []message.Identifier{{Kind: "email", Value: who + "@example.org"}})
			put(who+" takes part in "+id, part, err)
		}
	}
	for _, who := range h.customers {
		for cursor, page := "", 0; page == 0 || cursor != ""; page++ {
			got, err := h.service.History(ctx, h.by(""), who, 2, cursor)
			if err != nil {
				h.t.Fatal(err)
			}
			put(fmt.Sprint("history of ", who, page), got, nil)
			cursor = got.Cursor
		}
	}
	for _, who := range []string{"kate", "bob"} {
		found, err := h.desk.Search(ctx, h.by(""), who+"@example.org")
		put("search "+who, found.Tasks, err)
	}
	return all
}

// street is an env in which all kinds of tasks were closed, and one is not.
func (h *env) street() (tasks, threads []string) {
	h.t.Helper()
	ctx := h.t.Context()
	a, ta := h.says("kate", "first", "")
	h.says("bob", "me too", ta)
	h.notes(a, "who is bob?")
	h.forwards(a)
	h.answers(a, "like this", false)
	a2, _ := h.says("kate", "again", ta) // in the same thread, of a task that follows
	h.answers(a2, "and so", false)
	b, tb := h.says("bob", "refused", "")
	h.answers(b, "never arrives", true)
	c, tc := h.says("kate", "public", "", func(m *message.Message) { m.Public = true })
	h.closes(c)
	if _, err := h.queue.KeepDraft(ctx, c, queue.Draft{Agent: "anna", Text: "too late"}); err != nil {
		h.t.Fatal(err)
	}
	d, td := h.says("bob", "spam "+strings.Repeat("x", 3000), "")
	h.closes(d)
	if _, err := h.desk.Link(ctx, h.by("anna"), d, c); err != nil {
		h.t.Fatal(err)
	}
	e, te := h.says("kate", "open", "")
	f, tf := h.says("kate", "old", "")
	h.closes(f)
	f2, _ := h.says("kate", "new", tf) // its thread stays for the sake of this one
	h.age()
	return []string{a, a2, b, c, d, e, f, f2}, []string{ta, tb, tc, td, te, tf}
}

const closedInStreet = 6

func dump(t *testing.T, rdb redis.UniversalClient, key string) string {
	t.Helper()
	return rdb.Dump(t.Context(), key).Val()
}

func (h *env) register(who string) string {
	h.t.Helper()
	c, err := h.service.Register(h.t.Context(), h.by("anna"), []string{"email:" + who + "@example.org"}, who, customers.Because{Reason: "test"})
	if err != nil {
		h.t.Fatal(err)
	}
	return c.ID
}

// forgotten looks into every key and every document for what kate said.
func (h *env) forgotten() {
	h.t.Helper()
	all := storetest.Everything(h.t, h.store.Redis())
	err := filepath.WalkDir(h.dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			all[path] = readDocument(h.t, path)
		}
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	for key, value := range all {
		for _, text := range []string{"kate", `"first"`, `"again"`, `"old"`, `"new"`} {
			if strings.Contains(key+" "+value, text) {
				h.t.Errorf("%s still has %q: %.300s", key, text, value)
			}
		}
	}
}

// readDocument reads a file, unpacked if it is packed.
func readDocument(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return string(b)
	}
	if b, err = io.ReadAll(z); err != nil {
		t.Fatal(err)
	}
	return string(b)
}
