package x_test

import (
	"slices"
	"testing"
	"time"

	"loket/connectors/connectortest"
	"loket/connectors/x/xtest"
	"loket/internal/message"
)

func TestAnswersNameThePostThatTheyAnswer(t *testing.T) {
	f, e := xtest.Start(t), connectortest.New(t)
	a := account(t, e, config(f, "v2"))
	post := f.Add(xtest.Post{Author: xtest.Account(), Text: "Works tonight", At: time.Now().Add(-2 * time.Minute)})
	reply := f.Add(xtest.Post{Text: "@example also in Zeist?", Names: true, ReplyTo: post.ID, At: time.Now().Add(-time.Minute)})
	for _, body := range [][]byte{f.PostCreated(post), f.PostCreated(reply), f.PostActivity("post.reply.create", reply)} {
		if got := deliver(a, body); got != 200 {
			t.Fatalf("delivery = %d, want 200", got)
		}
	}
	for _, m := range e.Accepted() {
		if m.Direction == message.In && (!slices.Equal(m.Answers, []string{"post/" + post.ID}) || m.AnswersLink != "https://x.com/i/status/"+post.ID) {
			t.Errorf("answers %q, %s", m.Answers, m.AnswersLink)
		}
		if m.Direction == message.Out && m.Own != "post/"+post.ID {
			t.Errorf("the post is %s", m.Own)
		}
	}
	if got := len(e.Accepted()); got < 2 {
		t.Errorf("%d messages", got)
	}
}
