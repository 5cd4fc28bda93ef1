package api_test

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"testing"

	"loket/desk/api"
)

func TestOnlySoMuchIsForwarded(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	write := func(more string) *api.Task {
		t.Helper()
		res := h.raw("POST", "/api/v1/messages", adminToken,
			`{"channel":"email","connector":"mailbox","from":[{"kind":"email","value":"kate@example.com","level":"attested"}],"name":"Kate"`+more+`}`)
		taken := read[api.TakenIn](t, res)
		if taken.ID == "" {
			t.Fatal(res.Status)
		}
		return h.taskOf(cmp.Or(taken.Thread, taken.ID))
	}
	files := func(n int, name string) string {
		var all []string
		for i := range n {
			all = append(all, fmt.Sprintf(`{"name":"%s%d.txt","data":"YWJj"}`, name, i))
		}
		return strings.Join(all, ",")
	}
	task := write(`,"text":"the first","attachments":[` + files(6, "old") + `]`)
	answered, err := anna.Reply(ctx, task.ID, api.Answer{Text: "our answer"})
	if err != nil {
		t.Fatal(err)
	}
	h.sentOut(answered.Message)
	write(`,"text":"the second","thread":"` + task.Threads[0] + `","attachments":[` + files(15, "new") + `]`)
	await(t, "both in one task", func() bool { now, err := anna.Task(ctx, task.ID); return err == nil && len(now.Messages) == 3 })
	if _, err := anna.Knowing("", true).Reply(ctx, task.ID, api.Answer{Text: "between us and lee", To: []string{"lee@partner.example"}}); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		forward  api.Forward
		has, not []string
		files    int
		leftOut  string
	}{
		"the last":     {api.Forward{}, []string{"look at this", "the second", "From: Kate\n"}, []string{"the first", "our answer", "kate@example.com"}, 15, ""},
		"all":          {api.Forward{Whole: true}, []string{"the first", "our answer", "the second", "From: us\n", "[left out: old5.txt]"}, []string{"between us", "lee@"}, 20, "old5.txt"},
		"no files":     {api.Forward{Whole: true, NoFiles: true}, []string{"the first"}, []string{"left out"}, 0, ""},
		"a file of us": {api.Forward{NoFiles: true, Attachments: []api.File{{Name: "a.txt", Data: []byte("abc")}}}, nil, nil, 1, ""},
	} {
		tc.forward.To, tc.forward.Text = []string{"mast@partner.example"}, "look at this"
		done, err := anna.Forward(ctx, task.ID, tc.forward)
		if err != nil || done.Files != tc.files || strings.Join(done.LeftOut, ",") != tc.leftOut {
			t.Fatalf("%s: Forward = %+v, %v; want %d files, and %q left out", name, done, err, tc.files, tc.leftOut)
		}
		r, err := h.queue.ReplyByID(ctx, done.Message)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range tc.has {
			if !strings.Contains(r.Message.Text, text) {
				t.Errorf("%s: %q is not in it:\n%s", name, text, r.Message.Text)
			}
		}
		for _, text := range tc.not {
			if strings.Contains(r.Message.Text, text) {
				t.Errorf("%s: %q is in it:\n%s", name, text, r.Message.Text)
			}
		}
	}
	for field, f := range map[string]api.Forward{
		"to": {Text: "x"}, "to[0]": {Text: "x", To: []string{"help@example.org"}}, "text": {To: []string{"mast@partner.example"}},
	} {
		_, err := anna.Forward(ctx, task.ID, f)
		var p *api.Problem
		if !errors.As(err, &p) || p.Field != field || p.Status != 422 {
			t.Errorf("Forward %+v = %v, want it refused over %s", f, err, field)
		}
	}
}
