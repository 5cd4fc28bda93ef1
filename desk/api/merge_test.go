package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/desk/api"
)

// wrote takes in what kate says, by an address of hers or by nobody's, and gives its task.
func (h *house) wrote(channel, text, from string) *api.Task {
	h.t.Helper()
	senders := ""
	if from != "" {
		kind, value, _ := strings.Cut(from, ":")
		senders = fmt.Sprintf(`,"from":[{"kind":%q,"value":%q,"level":"attested"}]`, kind, value)
	}
	connector := ""
	if channel == "email" {
		connector = `,"connector":"mail"`
	}
	return h.taskOf(h.taken(adminToken, fmt.Sprintf(
		`{"channel":%q,"subject":%q,"text":%q,"attachments":[{"name":"a.txt","type":"text/plain","data":"YWJj"}]%s%s}`, channel, text, text, senders, connector)).Thread)
}

// texts are what was said in a task, in order.
func texts(t *api.Task) (all []string) {
	for _, m := range t.Messages {
		all = append(all, m.Text)
	}
	return all
}

func TestMergedTasksAreShownAsOne(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	h.register("Kate", "email:kate@example.com", "phone:+31612345678")
	mail := h.wrote("email", "by mail", "email:kate@example.com")
	counter := h.wrote("counter", "at the counter", "phone:+31612345678")
	if _, err := anna.Note(ctx, mail.ID, "noted first"); err != nil {
		t.Fatal(err)
	}
	if _, err := anna.Note(ctx, counter.ID, "noted then"); err != nil {
		t.Fatal(err)
	}
	got, err := anna.Merge(ctx, counter.Number, mail.Number)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"by mail", "at the counter"}, texts(got)); diff != "" || len(got.Notes) != 2 || got.Notes[0].Text != "noted first" {
		t.Errorf("messages (-want +got):\n%s; notes %+v", diff, got.Notes)
	}
	if !slices.Equal(got.Merged, []string{mail.Number}) || got.Wait.N != 1 || got.Wait.Since != mail.Wait.Since || got.Due != mail.Due || len(got.Earlier.Tasks) != 0 {
		t.Errorf("what stays = %+v", got)
	}
	other := h.now(mail.ID)
	if other.State != "closed" || other.Outcome != "merged" || other.MergedInto != counter.Number || other.History[len(other.History)-1].Type != "merged" {
		t.Errorf("the other = %+v", other)
	}
	again, err := anna.Merge(ctx, counter.Number, mail.Number)
	if err != nil || cmp.Diff(got, again) != "" {
		t.Errorf("merged again (-first +again):\n%s, %v", cmp.Diff(got, again), err)
	}
	// What comes by mail comes here, and the answer goes to the mail: what was taken down by hand carries none.
	h.more(&api.Task{ID: counter.ID, Threads: mail.Threads}, "once more")
	in := h.now(counter.ID)
	if diff := cmp.Diff([]string{"by mail", "at the counter", "once more"}, texts(in)); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
	if _, err := anna.Close(ctx, counter.ID, "solved"); !api.IsProblem(err, "unseen") {
		t.Errorf("closed unseen: %v", err)
	}
	if _, err := anna.Task(ctx, counter.ID); err != nil {
		t.Fatal(err)
	}
	h.more(counter, "at the counter again")
	if _, err := anna.Task(ctx, counter.ID); err != nil {
		t.Fatal(err)
	}
	said, err := anna.Reply(ctx, counter.ID, api.Answer{Text: "done"})
	if err != nil || said.Connector != "mail" {
		t.Fatalf("Reply = %+v, %v; want it by mail", said, err)
	}
	_, err = anna.Reply(ctx, mail.ID, api.Answer{Text: "in the wrong one"})
	if !api.IsProblem(err, "closed") || !strings.Contains(err.Error(), "was merged into "+counter.Number) {
		t.Errorf("an answer in the one that went: %v", err)
	}
	// Whoever may see the one that stays may see all that is in it.
	if _, err := anna.Transfer(ctx, counter.ID, "webcare", ""); err != nil {
		t.Fatal(err)
	}
	of := h.as(webcareToken, "")
	seen, err := of.Task(ctx, counter.ID)
	if err != nil || len(seen.Messages) != 5 {
		t.Fatalf("for its team: %+v, %v", seen, err)
	}
	for _, m := range seen.Messages {
		for _, a := range m.Attachments {
			r, err := of.Attachment(ctx, a.ID)
			if err != nil {
				t.Errorf("file of %q: %v", m.Text, err)
				continue
			}
			_ = r.Close()
		}
	}
	if out, err := anna.Reopen(ctx, mail.ID); err != nil || out.MergedInto != "" || out.State != "queued" || len(texts(out)) != 2 {
		t.Errorf("taken out again: %+v, %v", out, err)
	}
	if left := h.now(counter.ID); len(left.Merged) != 0 || !slices.Equal(texts(left), []string{"at the counter", "at the counter again", "done"}) {
		t.Errorf("what stayed: %q, merged %q", texts(left), left.Merged)
	}
	if found, err := h.queue.Check(ctx); err != nil || len(found) > 0 {
		t.Errorf("doctor: %q, %v", found, err)
	}
}

func TestTasksOfTwoCustomersAreNotMerged(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	kate, mark := h.register("Kate", "email:kate@example.com"), h.register("Mark", "email:mark@example.com")
	hers, his := h.wrote("email", "hers", "email:kate@example.com"), h.wrote("email", "his", "email:mark@example.com")
	_, err := anna.Merge(ctx, hers.ID, his.ID)
	if err == nil || !strings.Contains(err.Error(), "loket customer merge") || !strings.Contains(err.Error(), kate.ID) || !strings.Contains(err.Error(), mark.ID) {
		t.Errorf("two customers: %v", err)
	}
	if got := h.now(his.ID); got.State != "queued" || got.MergedInto != "" {
		t.Errorf("refused, and yet changed: %+v", got)
	}
	if _, err := anna.Merge(ctx, hers.ID, h.wrote("phone", "nobody knows who called", "").ID); err != nil {
		t.Errorf("with a caller whom nobody knows: %v", err)
	}
	if _, err := anna.Merge(ctx, hers.ID, hers.ID); err == nil {
		t.Error("a task was merged with itself")
	}
}

func TestErasureReachesWhatIsMerged(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	kate := h.register("Kate", "email:kate@example.com", "phone:+31612345678")
	other := h.wrote("phone", "nobody knows who called", "")
	if _, err := anna.Merge(ctx, other.ID, h.wrote("email", "what only she knows", "email:kate@example.com").ID); err != nil {
		t.Fatal(err)
	}
	if done, err := anna.Erase(ctx, kate.ID, false, api.Because{}); err != nil || !done {
		t.Fatalf("Erase = %v, %v", done, err)
	}
	h.holdsNothingOf("kate@example.com", "what only she")
	if got := h.now(other.ID); got.State != "queued" || !slices.Equal(texts(got), []string{"nobody knows who called"}) {
		t.Errorf("what somebody else said: %+v", got)
	}
}

// What is merged is exported as one matter, whichever of the tasks is surely the customer's: each message once, in both forms.
func TestExportHasWhatWasSaidInMergedTasks(t *testing.T) {
	for name, theirsStays := range map[string]bool{"into the customer's": true, "the customer's into another": false} {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			ctx, anna := t.Context(), h.admin("anna")
			kate := h.register("Kate", "email:kate@example.com")
			goes := h.wrote("phone", "the call", "")
			stays := h.wrote("email", "her mail", "email:kate@example.com")
			want := map[string]int{"her mail": 1, "the call": 1, "our answer": 1}
			if !theirsStays {
				stays, goes, want = goes, stays, map[string]int{"her mail": 1, "the call": 0, "our answer": 1}
			}
			if _, err := anna.Merge(ctx, stays.ID, goes.ID); err != nil {
				t.Fatal(err)
			}
			if _, err := anna.Task(ctx, stays.ID); err != nil {
				t.Fatal(err)
			}
			answer, err := anna.Reply(ctx, stays.ID, api.Answer{Text: "our answer"})
			if err != nil {
				t.Fatal(err)
			}
			h.sentOut(answer.Message)
			for format, all := range h.exported(kate.ID) {
				got := map[string]int{}
				for text := range want {
					got[text] = strings.Count(all, fmt.Sprintf(`"text":%q`, text))
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("as %s (-want +got):\n%s\n%s", format, diff, all)
				}
			}
		})
	}
}
