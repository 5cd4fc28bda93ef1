package meta_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"loket/connectors/meta"
	"loket/connectors/meta/metatest"
)

// missed are what webhooks did not bring, as Meta lists it, and how often each should come.
type missed struct {
	at   time.Time // of the next one, further back
	want map[string]int
}

// said is one more, which should come once.
func (l *missed) said(id, field string, from fields, more fields) map[string]any {
	l.at = l.at.Add(-time.Minute)
	l.want[id]++
	item := fields{"id": id, field: id, "from": from, "created_time": l.at.Format("2006-01-02T15:04:05-0700"), "timestamp": l.at.Format("2006-01-02T15:04:05-0700")}
	maps.Copy(item, more)
	return item
}

func (l *missed) many(n int, id, field string, from, more fields) (all metatest.Listing) {
	for i := range n {
		all = append(all, l.said(fmt.Sprint(id, i), field, from, more))
	}
	return all
}

// However much webhooks missed, all of it comes once: from behind the first page of everything that is listed, also when pages fail or are
// forgotten, and when another process goes on.
func TestHoweverMuchWebhooksMissedItComesOnce(t *testing.T) {
	b := newBench(t)
	kate, onInstagram := fields{"id": metatest.Kate, "name": "Kate Jansen"}, fields{"id": metatest.KateOnInstagram, "username": "kate.j"}
	l := &missed{time.Now().Add(-10 * time.Minute), map[string]int{}}
	updated := fields{"updated_time": l.at.Format("2006-01-02T15:04:05-0700")}
	talks := metatest.Listing{{"id": "t_1", "updated_time": updated["updated_time"], "messages": l.many(300, "m_long_", "message", kate, nil)}}
	for i := range 60 {
		talks = append(talks, fields{"id": fmt.Sprint("t_many_", i), "updated_time": updated["updated_time"], "messages": l.many(1, fmt.Sprint("m_", i, "_"), "message", kate, nil)})
	}
	talks = append(talks, fields{"id": "t_old", "updated_time": time.Now().Add(-30 * 24 * time.Hour).Format("2006-01-02T15:04:05-0700"), "messages": metatest.Listing{}})
	b.server.List(metatest.Page+"/conversations", talks)
	posts := l.many(60, "post_", "message", kate, fields{"comments": metatest.Listing{}})
	posts[40]["comments"] = l.many(120, "comment_", "message", kate, fields{"parent": fields{"id": "comment_1"}})
	posts[59]["comments"] = l.many(3, "late_", "message", kate, nil)
	b.server.List(metatest.Page+"/feed", posts)
	comments := l.many(30, "below_", "text", onInstagram, nil)
	comments[29]["replies"] = l.many(60, "reply_", "text", onInstagram, nil)
	b.server.List(metatest.Instagram+"/media", metatest.Listing{{"id": "178", "timestamp": time.Now().Add(-60 * 24 * time.Hour).Format("2006-01-02T15:04:05-0700"), "comments": comments}})
	positions := []string{"messenger " + metatest.Page, "public " + metatest.Page, "instagram " + metatest.Instagram, "public " + metatest.Instagram}
	began := time.Now().Add(-24 * time.Hour).UTC().Format(time.RFC3339)
	for _, name := range positions {
		b.SetPosition("position "+name, began)
	}
	b.server.Fail("t_1/messages", metatest.Fault{Status: http.StatusBadGateway})
	b.server.Fail("below_29/replies", metatest.Fault{Status: http.StatusBadRequest, Code: 100}) // its page is forgotten

	stop := b.Environment.Run(b.App)
	b.Eventually("the page that fails", func() bool { return b.server.Asked("t_1/messages") > 0 && b.Trouble() != nil })
	stop()
	if n := len(b.Accepted()); n >= len(l.want) {
		t.Fatalf("%d messages came before the page that fails, want fewer than %d", n, len(l.want))
	}
	app, err := meta.New(*settings(b.server), b.Env("meta"))
	if err != nil {
		t.Fatal(err)
	}
	stop = b.Environment.Run(app)
	b.Eventually("all positions to move, and no mark to be left", func() bool { // which the next walk may leave where it is stopped
		return !slices.ContainsFunc(positions, func(name string) bool {
			return b.Position("position "+name) == began || b.Position("position "+name+":mark") != ""
		})
	})
	stop()
	got := map[string]int{}
	for _, m := range b.Accepted() {
		got[m.Text]++
	}
	diff(t, "messages", l.want, got)
	asked := b.server.Asked("t_1/messages")
	third, err := meta.New(*settings(b.server), b.Env("meta"))
	if err != nil {
		t.Fatal(err)
	}
	passes := b.server.Asked(metatest.Page + "/conversations")
	stop = b.Environment.Run(third)
	b.Eventually("another pass", func() bool { return b.server.Asked(metatest.Page+"/conversations") > passes })
	stop()
	if n := b.server.Asked("t_1/messages"); n != asked || len(b.Accepted()) != len(l.want) {
		t.Errorf("what is in is read again: %d pages, %d messages", n-asked, len(b.Accepted()))
	}
}
