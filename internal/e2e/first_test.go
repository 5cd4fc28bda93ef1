package e2e_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"loket/connectors/x/xtest"
	"loket/desk/api"
)

// What a colleague said first, in X itself, stands before the answer that begins the task, with its link.
func TestWhatWasSaidFirstStandsBeforeItsAnswer(t *testing.T) {
	t.Parallel()
	f := xtest.Start(t)
	d := newDaemon(t, onX(f, "v2", embedded, byWebhook)).start()
	ago := func(seconds int) time.Time { return time.Now().Add(-time.Duration(seconds) * time.Second) }

	d.tell(f.DirectCreated(f.AddDirect(xtest.Direct{From: xtest.Account(), To: xtest.Kate().ID, Text: "Which number is it about?", At: ago(60)})))
	d.tell(f.DirectCreated(f.AddDirect(xtest.Direct{From: xtest.Account(), To: xtest.Kate().ID, Text: "It stands on your bill.", At: ago(50)})))
	d.tell(f.DirectCreated(f.AddDirect(xtest.Direct{Text: "4711", At: ago(2)})))
	post := f.Add(xtest.Post{Author: xtest.Account(), Text: "Works tonight from 22:00", At: ago(120)})
	d.tell(f.PostCreated(post))
	piet, jan := xtest.User{ID: "5001", Handle: "piet", Name: "Piet"}, xtest.User{ID: "5002", Handle: "jan", Name: "Jan"}
	d.tell(f.PostCreated(f.Add(xtest.Post{Author: piet, Text: "@example also in Zeist?", Names: true, ReplyTo: post.ID, At: ago(60)})))
	d.tell(f.PostCreated(f.Add(xtest.Post{Author: jan, Text: "@example and in Soest?", Names: true, ReplyTo: post.ID, At: ago(50)})))

	said := func(task *api.Task) (texts []string) {
		for _, m := range task.Messages {
			texts = append(texts, m.Direction+" "+m.Text)
		}
		return texts
	}
	private := d.only("support", "her answer in a task", func(task *api.Task) bool { return len(task.Messages) == 3 })
	if got, want := said(private), []string{"out Which number is it about?", "out It stands on your bill.", "in 4711"}; !slices.Equal(got, want) {
		t.Errorf("messages = %q, want %q", got, want)
	}
	if !strings.HasPrefix(private.Messages[0].Link, "https://x.com/messages/") || private.Wait.Since.IsZero() || private.Replies != 0 {
		t.Errorf("link %q, wait %v, %d replies", private.Messages[0].Link, private.Wait, private.Replies)
	}
	d.await("two tasks of two who answer one post", func() bool { return len(d.tasks("webcare")) == 2 })
	d.settled()
	link := "https://x.com/i/status/" + post.ID
	for _, task := range d.tasks("webcare") {
		task, err := d.client("anna").Task(t.Context(), task.ID)
		if err != nil || len(task.Messages) != 2 {
			t.Fatalf("task %+v, %v; want the post and its answer", task, err)
		}
		if m := task.Messages; m[0].Text != "Works tonight from 22:00" || m[0].Link != link || m[1].AnswersLink != link || m[1].Direction != "in" {
			t.Errorf("messages = %+v", m)
		}
		out, code := d.loket("", "show", task.Number)
		if code != 0 || !strings.Contains(out, "Works tonight") || !strings.Contains(out, link) {
			t.Errorf("loket show = %d: %s", code, out)
		}
	}
	d.healthy()
}

// In a conversation that is known, a colleague begins anew after its task was over: the next task shows that.
func TestWhatWasSaidAfterATaskStandsInTheNext(t *testing.T) {
	t.Parallel()
	f := xtest.Start(t)
	d := newDaemon(t, strings.ReplaceAll(onX(f, "v2", embedded, byWebhook), "reopen: 7d", "reopen: 1s")).start()
	d.tell(f.DirectCreated(f.AddDirect(xtest.Direct{Text: "My number is 4711"})))
	task := d.only("support", "her message in a task", func(*api.Task) bool { return true })
	if out, code := d.loket("", "close", task.Number, "--outcome", "solved"); code != 0 {
		t.Fatalf("loket close: %d: %s", code, out)
	}
	closed := time.Now()
	d.await("the task to be over for good", func() bool { return time.Since(closed) > time.Second })
	d.tell(f.DirectCreated(f.AddDirect(xtest.Direct{From: xtest.Account(), To: xtest.Kate().ID, Text: "Does it work now?"})))
	d.settled()
	d.tell(f.DirectCreated(f.AddDirect(xtest.Direct{Text: "no"})))
	d.await("the next task", func() bool { return len(d.tasks("support")) == 2 })
	d.settled()
	for _, next := range d.tasks("support") {
		if next.ID == task.ID {
			continue
		}
		got, err := d.client("anna").Task(t.Context(), next.ID)
		if err != nil || len(got.Messages) != 2 || got.Messages[0].Text != "Does it work now?" || got.Messages[1].Text != "no" {
			t.Errorf("it says %+v, %v", got.Messages, err)
		}
	}
}
