package desk

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/internal/message"
	"loket/router/queue"
	"loket/router/thread"
)

func mails(addresses ...string) []message.Identifier {
	var all []message.Identifier
	for _, a := range addresses {
		all = append(all, message.Identifier{Kind: "email", Value: a, Level: message.Attested})
	}
	return all
}

func TestWhomAnAnswerGoesTo(t *testing.T) {
	d := Options{
		Copies: func(connector string) bool { return connector == "mailbox" },
		Ours:   func(x message.Identifier) bool { return x.Value == "help" },
	}.open()
	wrote := func(m message.Message) thread.Entry { return thread.Entry{Message: &m} }
	kate := wrote(message.Message{From: mails("kate"), Cc: mails("carl", "help")})
	ours := func(m message.Message) thread.Entry { m.Direction = message.Out; return wrote(m) }
	for name, row := range map[string]struct {
		said     []thread.Entry
		via      string
		asked    asked
		draft    *queue.Draft
		began    []message.Identifier // kate where it is left out
		to, cc   []string
		toOthers bool
		mistake  string
	}{
		"nobody wrote: to whoever began it":      {to: []string{"kate"}},
		"to whoever wrote last":                  {said: []thread.Entry{kate, wrote(message.Message{From: mails("karl")})}, to: []string{"karl"}},
		"to where they want it":                  {said: []thread.Entry{wrote(message.Message{From: mails("kate"), ReplyTo: mails("home")})}, to: []string{"home"}},
		"another way keeps its address":          {said: []thread.Entry{wrote(message.Message{From: mails("karl"), ReplyTo: mails("home")})}, via: ViaPreferred, to: []string{"kate"}},
		"of several senders: whoever began it":   {said: []thread.Entry{wrote(message.Message{From: mails("a", "b")})}, to: []string{"kate"}},
		"of several senders, when nobody began":  {said: []thread.Entry{wrote(message.Message{From: mails("a", "b")})}, began: []message.Identifier{}, to: []string{"a", "b"}},
		"what a machine wrote is no answer's":    {said: []thread.Entry{kate, wrote(message.Message{From: mails("robot"), Automatic: message.Notice})}, to: []string{"kate"}},
		"not to whom one of us brought in":       {said: []thread.Entry{kate, ours(message.Message{To: mails("kate"), Cc: mails("guest")}), wrote(message.Message{From: mails("guest")})}, to: []string{"kate"}},
		"a visitor typed another address since":  {said: []thread.Entry{wrote(message.Message{Channel: "chat", From: mails("karl", "kate")})}, to: []string{"karl", "kate"}},
		"a copy to everybody, and not to us":     {said: []thread.Entry{kate}, asked: asked{all: true}, to: []string{"kate"}, cc: []string{"carl"}},
		"everybody without one":                  {said: []thread.Entry{kate}, asked: asked{all: true, without: mails("carl")}, to: []string{"kate"}},
		"to somebody instead: it is no answer":   {said: []thread.Entry{kate}, asked: asked{to: mails("boss")}, to: []string{"boss"}, toOthers: true},
		"to somebody, with a copy to who waits":  {said: []thread.Entry{kate}, asked: asked{to: mails("boss"), cc: mails("kate")}, to: []string{"boss"}, cc: []string{"kate"}},
		"a draft goes to whom it was written to": {said: []thread.Entry{wrote(message.Message{From: mails("karl")})}, draft: &queue.Draft{To: mails("kate"), Cc: mails("carl")}, to: []string{"kate"}, cc: []string{"carl"}},
		"an old draft names nobody":              {said: []thread.Entry{wrote(message.Message{From: mails("karl")})}, draft: &queue.Draft{}, to: []string{"karl"}},
		"nobody is left":                         {said: []thread.Entry{kate}, asked: asked{without: mails("kate")}, mistake: "to: must be given: nobody is left whom the answer goes to"},
		"who would not get it is not left out":   {said: []thread.Entry{kate}, asked: asked{without: mails("carl")}, mistake: "without[0]: must be one of those that the answer would go to without being asked for"},
		"no copy to ourselves by name":           {said: []thread.Entry{kate}, asked: asked{cc: mails("help")}, mistake: "cc[0]: must be somebody else's: what goes to this address comes back to us"},
	} {
		t.Run(name, func(t *testing.T) {
			began := row.began
			if began == nil {
				began = mails("kate")
			}
			th, task := &thread.Thread{From: began}, &queue.Task{From: mails("kate")}
			m := &message.Message{Connector: "mailbox", Channel: "email", To: began}
			err := d.addressReply(m, addressing{
				task: task, thread: th, talk: listen(row.said, append(mails("kate"), began...)), via: row.via, asked: row.asked, draft: row.draft,
			})
			if got := ""; err != nil || row.mistake != "" {
				if err != nil {
					got = err.Error()
				}
				if got != row.mistake {
					t.Fatalf("addressReply = %q, want %q", got, row.mistake)
				}
				return
			}
			type whom struct {
				To, Cc   []string
				ToOthers bool
			}
			values := func(ids []message.Identifier) (all []string) {
				for _, x := range ids {
					all = append(all, x.Value)
				}
				return all
			}
			if diff := cmp.Diff(whom{row.to, row.cc, row.toOthers}, whom{values(m.To), values(m.Cc), m.ToOthers}); diff != "" {
				t.Errorf("addressReply (-want +got):\n%s", diff)
			}
		})
	}
}
