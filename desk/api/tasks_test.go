package api_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"loket/desk/access"
	"loket/desk/api"
)

func TestWalkOfATask(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	arrived := h.arrive("where is my parcel")
	if arrived.State != "queued" || arrived.Team != "support" || arrived.Rule != "fallback" || len(arrived.Messages) != 1 {
		t.Fatalf("task after arrival = %+v", arrived)
	}
	if arrived.Customer.ID != "" || arrived.Customer.Assurance != "claimed" {
		t.Errorf("a claimed address made a customer: %+v", arrived.Customer)
	}

	task, err := anna.Claim(ctx, "support", time.Second, "r1")
	if err != nil || task == nil || task.ID != arrived.ID || task.Lease == "" || task.Agent != "anna" {
		t.Fatalf("Claim = %+v, %v", task, err)
	}
	again, err := anna.Claim(ctx, "support", 0, "r1")
	if err != nil || again == nil || again.Lease != task.Lease {
		t.Fatalf("the same request claimed %+v, %v; want the same task", again, err)
	}
	if seen, _ := h.admin("bob").Task(ctx, task.Number); seen.Lease != "" {
		t.Error("the lease is shown to another")
	}
	if seen, _ := anna.Task(ctx, task.Number); seen.Lease != task.Lease {
		t.Error("the lease is not shown to who holds it")
	}
	if beat, err := anna.Under(task.Lease).Heartbeat(ctx, task.ID); err != nil || beat.LeaseUntil.Before(task.LeaseUntil.Time) {
		t.Errorf("Heartbeat = %v, %v", beat, err)
	}
	if noted, err := h.admin("bob").Note(ctx, task.Number, "I know her"); err != nil || len(noted.Notes) != 1 || noted.Notes[0].Agent != "bob" {
		t.Errorf("Note = %v, %v", noted, err)
	}

	answered, err := anna.Under(task.Lease).Reply(ctx, task.ID, api.Answer{
		Text: "On its way.", Key: "k", Attachments: []api.File{{Name: "label.txt", Data: []byte("label")}},
	})
	if err != nil || answered.Task.State != "waiting" || answered.Delivery.State != "queued" || answered.Via != "same" {
		t.Fatalf("Reply = %+v, %v", answered, err)
	}
	repeated, err := anna.Under(task.Lease).Reply(ctx, task.ID, api.Answer{
		Text: "On its way.", Key: "k", Attachments: []api.File{{Name: "label.txt", Data: []byte("label")}},
	})
	if err != nil || repeated.Message != answered.Message {
		t.Errorf("the repeat of an answer = %+v, %v; want message %s", repeated, err, answered.Message)
	}
	if _, err := anna.Reply(ctx, task.ID, api.Answer{Text: "Something else", Key: "k"}); !api.IsProblem(err, "conflict") {
		t.Errorf("another answer under the same key: %v, want a conflict", err)
	}
	said := answered.Task.Messages
	if len(said) != 2 || said[1].Direction != "out" || said[1].Delivery == nil || said[1].Agent != "anna" || said[1].Subject != "Re: A question" {
		t.Fatalf("messages = %+v, want the answer as the second", said)
	}
	file, err := anna.Attachment(ctx, said[1].Attachments[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if got := readAll(t, file); got != "label" {
		t.Errorf("attachment = %q", got)
	}

	closed, err := anna.Close(ctx, task.ID, "solved")
	if err != nil || closed.State != "closed" || closed.Outcome != "solved" || closed.Agent != "" || closed.Lease != "" {
		t.Errorf("Close = %+v, %v", closed, err)
	}
	if reopened, err := anna.Reopen(ctx, task.ID); err != nil || reopened.State != "queued" || reopened.Reopened != 1 {
		t.Errorf("Reopen = %+v, %v", reopened, err)
	}
}

func TestPassingATaskOn(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	task := h.arrive("a matter")
	held, err := anna.Take(ctx, task.Number)
	if err != nil || held.Agent != "anna" {
		t.Fatalf("Take = %+v, %v", held, err)
	}
	if page, err := anna.Held(ctx, "anna"); err != nil || len(page.Tasks) != 1 || page.Tasks[0].Lease != "" {
		t.Errorf("Held = %+v, %v; want the task without its lease", page, err)
	}
	if back, err := anna.Return(ctx, task.ID); err != nil || back.State != "queued" || !back.Due.Equal(task.Due.Time) {
		t.Errorf("Return = %+v, %v", back, err)
	}
	if _, err := anna.Return(ctx, task.ID); !api.IsProblem(err, "not-held") {
		t.Errorf("Return of what nobody holds: %v", err)
	}
	if over, err := anna.Transfer(ctx, task.ID, "webcare", "yours I think"); err != nil || over.Team != "webcare" || over.Transfers != 1 || len(over.Notes) != 1 {
		t.Errorf("Transfer = %+v, %v", over, err)
	}
	if kept, err := anna.Assign(ctx, task.ID, "bob"); err != nil || kept.Lane != "@bob" {
		t.Errorf("Assign = %+v, %v", kept, err)
	}
	if nothing, err := anna.Claim(ctx, "webcare", 0, ""); err != nil || nothing != nil {
		t.Errorf("another was given what is kept for bob: %+v, %v", nothing, err)
	}
	if rests, err := h.admin("bob").Wait(ctx, task.ID, "2h"); err != nil || rests.State != "waiting" || time.Until(rests.Until.Time) < time.Hour {
		t.Errorf("Wait = %+v, %v", rests, err)
	}
	other := h.arrive("the same matter")
	linked, err := anna.Link(ctx, task.ID, other.Number)
	if err != nil || len(linked.Links) != 1 || linked.Links[0] != other.Number || linked.LinkIDs[0] != other.ID {
		t.Errorf("Link = %+v, %v", linked, err)
	}
	if back, _ := anna.Task(ctx, other.ID); len(back.Links) != 1 || back.Links[0] != task.Number {
		t.Errorf("the other end of the link = %+v", back.Links)
	}
}

func TestLateReplyIsKeptAsDraft(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	task := h.arrive("a matter")
	lost, err := h.admin("anna").Take(ctx, task.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.admin("anna").Return(ctx, task.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := h.admin("bob").Take(ctx, task.ID); err != nil {
		t.Fatal(err)
	}
	for _, lease := range []string{lost.Lease, ""} {
		if _, err := h.admin("anna").Under(lease).Reply(ctx, task.ID, api.Answer{Text: "written in vain"}); !api.IsProblem(err, "taken") {
			t.Errorf("a reply with lease %q by who lost the task: %v, want it taken", lease, err)
		}
	}
	seen, err := h.admin("bob").Task(ctx, task.ID)
	if err != nil || len(seen.Drafts) != 1 || seen.Drafts[0].Text != "written in vain" || seen.Replies != 0 || seen.Agent != "bob" {
		t.Errorf("task = %+v, %v; want it untouched, with the draft", seen, err)
	}
	if _, err := h.admin("bob").Close(ctx, task.ID, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := h.admin("bob").Reply(ctx, task.ID, api.Answer{Text: "after all"}); !api.IsProblem(err, "closed") {
		t.Errorf("a reply to a closed task: %v", err)
	}
	if seen, _ := h.admin("bob").Task(ctx, task.ID); len(seen.Drafts) != 2 {
		t.Errorf("drafts = %+v, want that of bob too", seen.Drafts)
	}
}

func TestClaimWaitsForWork(t *testing.T) {
	h := open(t)
	claimed := make(chan *api.Task, 1)
	go func() {
		task, err := h.admin("anna").Claim(t.Context(), "network", 20*time.Second, "")
		if err != nil {
			t.Error(err)
		}
		claimed <- task
	}()
	arrived := h.arrive("een storing")
	select {
	case task := <-claimed:
		if task == nil || task.ID != arrived.ID {
			t.Errorf("claimed %+v, want %s", task, arrived.ID)
		}
	case <-time.After(time.Minute):
		t.Fatal("the claim still waits")
	}
}

func TestStoppingAnswersWhoWaits(t *testing.T) {
	h := open(t)
	done := make(chan error, 1)
	go func() {
		task, err := h.admin("anna").Claim(t.Context(), "support", time.Minute, "")
		if task != nil {
			err = errors.New("a task out of nothing")
		}
		done <- err
	}()
	h.stop()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("the claim still waits")
	}
}

func TestPagesGiveEachTaskOnce(t *testing.T) {
	h := open(t)
	for range 7 {
		h.arrive("a matter")
	}
	seen := map[string]bool{}
	l := api.Listing{Team: "support", State: "queued", Limit: 3}
	for pages := 0; ; pages++ {
		page, err := h.admin("").List(t.Context(), l)
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range page.Tasks {
			if seen[task.ID] || task.Messages != nil {
				t.Errorf("task %s came twice or whole", task.ID)
			}
			seen[task.ID] = true
		}
		if l.Cursor = page.Cursor; l.Cursor == "" {
			break
		}
	}
	if len(seen) != 7 {
		t.Errorf("%d tasks in all pages, want 7", len(seen))
	}
}

func TestSearchFindsByNumberAndSender(t *testing.T) {
	h := open(t)
	task := h.arrive("a matter")
	for _, q := range []string{task.Number, task.ID, "email:kate@example.org", "Kate@Example.org", "t" + task.Number[2:3] + task.Number[4:]} {
		found, err := h.admin("").Search(t.Context(), q)
		if err != nil || len(found.Tasks) != 1 || found.Tasks[0].ID != task.ID {
			t.Errorf("Search(%q) = %+v, %v", q, found, err)
		}
	}
	if found, err := h.admin("").Search(t.Context(), "nobody@example.org"); err != nil || len(found.Tasks) != 0 {
		t.Errorf("Search of a stranger = %+v, %v", found, err)
	}
}

func TestPeopleActOnlyInTheirTeams(t *testing.T) {
	h := open(t, access.Person{Name: "anna", Teams: []string{"support"}}, access.Person{Name: "bob", Teams: []string{"webcare"}, Roles: []string{"manager"}})
	ctx := t.Context()
	task := h.arrive("a matter")
	for _, c := range []struct {
		name string
		who  *api.Client
		want string
	}{
		{"in the team", h.as(programToken, "anna"), ""},
		{"own token", h.as(annaToken, ""), ""},
		{"own token, naming itself", h.as(annaToken, "anna"), ""},
		{"own token for another", h.as(annaToken, "bob"), "forbidden"},
		{"another team", h.as(programToken, "bob"), "forbidden"},
		{"nobody's name", h.as(programToken, "ana"), "forbidden"},
		{"no name", h.as(programToken, ""), "field"},
		{"token of another team", h.as(webcareToken, "bob"), "forbidden"},
		{"no token", h.as("", "anna"), "token"},
		{"unknown token", h.as("the-token-of-a-thief", "anna"), "token"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.who.Take(ctx, task.ID)
			if c.want == "" && err != nil || c.want != "" && !api.IsProblem(err, c.want) {
				t.Errorf("Take: %v, want %q", err, c.want)
			}
		})
	}
	if _, err := h.as(annaToken, "").Assign(ctx, task.ID, "anna"); !api.IsProblem(err, "forbidden") {
		t.Errorf("Assign by an agent: %v", err)
	}
	if _, err := h.admin("").Assign(ctx, task.ID, "bob"); !api.IsProblem(err, "forbidden") {
		t.Errorf("Assign to one who is not in the team: %v", err)
	}
	if _, err := h.as(annaToken, "").Status(ctx); !api.IsProblem(err, "forbidden") {
		t.Errorf("Status for an agent: %v", err)
	}
	if _, err := h.as(webcareToken, "").Task(ctx, task.ID); !api.IsProblem(err, "forbidden") {
		t.Errorf("a token of webcare sees a task of support: %v", err)
	}
	if found, err := h.as(webcareToken, "").Search(ctx, task.Number); err != nil || len(found.Tasks) != 0 {
		t.Errorf("a token of webcare finds a task of support: %+v, %v", found, err)
	}
}

func TestRepliesTheChannelCannotCarryAreRefused(t *testing.T) {
	h := open(t)
	task := h.arrive("a matter")
	_, err := h.admin("anna").Reply(t.Context(), task.ID, api.Answer{Text: "too long for this channel"})
	var p *api.Problem
	if !errors.As(err, &p) || p.Status != http.StatusUnprocessableEntity || p.Detail != "cannot answer on this channel: must be at most 160 characters" {
		t.Errorf("Reply: %v", err)
	}
}

func TestFailedReplyIsSentAgain(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	task := h.arrive("a matter")
	answered, err := anna.Reply(ctx, task.ID, api.Answer{Text: "an answer", Close: true, Outcome: "solved"})
	if err != nil || answered.Task.State != "closed" {
		t.Fatalf("Reply = %+v, %v", answered, err)
	}
	if _, err := anna.Resend(ctx, task.ID, answered.Message); !api.IsProblem(err, "conflict") {
		t.Errorf("Resend of what is on its way: %v", err)
	}
	r, err := h.queue.BeginSend(ctx, answered.Message, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.queue.GiveUp(ctx, r.ID, r.Token, "no such number"); err != nil {
		t.Fatal(err)
	}
	failed, err := anna.Task(ctx, task.ID)
	if err != nil || failed.State != "queued" || failed.Failure == "" || failed.Messages[1].Delivery.State != "failed" {
		t.Fatalf("task of a failed answer = %+v, %v", failed, err)
	}
	again, err := anna.Resend(ctx, task.ID, failed.Messages[1].Delivery.Reply)
	if err != nil || again.Failure != "" || again.Messages[1].Delivery.State != "queued" {
		t.Errorf("Resend = %+v, %v", again, err)
	}
	if _, err := anna.Resend(ctx, task.ID, "unknown"); !api.IsProblem(err, "not-found") {
		t.Errorf("Resend of an unknown answer: %v", err)
	}
}

func TestWhoStopsWaitingLeavesTheTaskToOthers(t *testing.T) {
	h := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() {
		_, err := h.admin("anna").Claim(ctx, "support", time.Minute, "")
		gone <- err
	}()
	await(t, "the claim to wait", func() bool { return h.check.asked("POST /api/v1/teams/{team}/claim") })
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("Claim: %v", err)
	}
	arrived := h.arrive("a matter")
	task, err := h.admin("bob").Claim(t.Context(), "support", 20*time.Second, "")
	if err != nil || task == nil || task.ID != arrived.ID {
		t.Errorf("Claim = %+v, %v; want %s", task, err, arrived.ID)
	}
}

// TestAClaimWhoseCallerLeftIsGivenBack: the caller goes while the store is busy with their claim, and can't know of it.
func TestAClaimWhoseCallerLeftIsGivenBack(t *testing.T) {
	h := open(t)
	task := h.arrive("a matter")
	rdb := redis.NewClient(redisOptions(h.redis))
	defer rdb.Close()
	if err := rdb.Do(t.Context(), "CLIENT", "PAUSE", 400, "ALL").Err(); err != nil {
		t.Fatal(err)
	}
	ctx, leave := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer leave()
	if got, err := h.admin("anna").Claim(ctx, "support", 0, ""); err == nil {
		t.Fatalf("Claim = %+v, want its caller gone", got)
	}
	if err := rdb.Ping(t.Context()).Err(); err != nil { // answered when the pause is over
		t.Fatal(err)
	}
	await(t, "the claim", func() bool { return strings.Contains(h.events(task.ID), "claimed") })
	await(t, "the task to be given back", func() bool {
		now, err := h.admin("").Task(t.Context(), task.ID)
		return err == nil && now.State == "queued"
	})
}

// events are the types of what happened to a task.
func (h *house) events(task string) string {
	h.t.Helper()
	all, err := h.queue.Since(h.t.Context(), "", 1000)
	if err != nil {
		h.t.Fatal(err)
	}
	var types []string
	for _, e := range all {
		if e.Task == task {
			types = append(types, string(e.Type))
		}
	}
	return strings.Join(types, " ")
}

func TestSearchFindsWordsOfWhatWasSaid(t *testing.T) {
	h := open(t)
	ask := func(client *api.Client, q string) []string {
		t.Helper()
		f, err := client.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if f.Partial {
			t.Errorf("a search for %q is partial", q)
		}
		numbers := []string{}
		for _, task := range f.Tasks {
			numbers = append(numbers, task.Number)
		}
		return numbers
	}
	one, two := h.arrive("Où est mon colis? It should be in Besançon"), h.arrive("Where is my parcel?")
	for q, want := range map[string][]string{
		"colis": {one.Number}, "OU EST": {one.Number}, "besancon": {one.Number}, "parcel": {two.Number}, "kate": {two.Number, one.Number},
		"a quest": {two.Number, one.Number}, "olis": {}, "colis parcel": {}, "x": {},
	} {
		if diff := cmp.Diff(want, ask(h.admin(""), q)); diff != "" {
			t.Errorf("search for %q (-want +got):\n%s", q, diff)
		}
		if got := ask(h.as(webcareToken, ""), q); len(got) > 0 {
			t.Errorf("a token of another team finds %v by %q", got, q)
		}
	}
}
