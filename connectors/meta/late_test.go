package meta_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"loket/connectors/meta"
	"loket/connectors/meta/metatest"
	"loket/internal/message"
)

// A webhook that comes hours late, and a message that stands last in a batch, have as long for their files as any.
func TestFilesHaveTheirTimeHoweverLateTheyCome(t *testing.T) {
	b := newBench(t)
	b.server.Keep("7001", "\xff\xd8\xff\xe0\x00\x10JFIF a photograph")
	body := metatest.Batch(object, metatest.WhatsApp("messages", metatest.Said("1", fields{
		"timestamp": metatest.Seconds(time.Now().Add(-5 * time.Hour)), "type": "image", "image": fields{"id": "7001", "mime_type": "image/jpeg"},
	})))
	away := metatest.Fault{Status: http.StatusBadGateway}
	b.server.Fail("file", away, away)
	for _, after := range []time.Duration{0, time.Minute} {
		b.Pass(after)
		if got := b.deliver(t, body); got != http.StatusServiceUnavailable {
			t.Fatalf("status %d, want that it comes again", got)
		}
	}
	if got := b.deliver(t, body); got != http.StatusOK || len(b.Only().Attachments) != 1 {
		t.Errorf("status %d, message %+v, want its file", got, b.Only())
	}
}

// A file that can't be had is given up two minutes after it was first tried.
func TestFilesAreGivenUpInTheEnd(t *testing.T) {
	b := newBench(t)
	b.server.Keep("7001", "a photograph")
	body := metatest.Batch(object, metatest.WhatsApp("messages", metatest.Said("1", fields{
		"type": "image", "image": fields{"id": "7001", "mime_type": "image/jpeg", "sha256": metatest.Sum("another"), "caption": "Kijk"},
	})))
	if got := b.deliver(t, body); got != http.StatusServiceUnavailable {
		t.Fatalf("status %d, want that it comes again", got)
	}
	b.Pass(3 * time.Minute)
	if got := b.deliver(t, body); got != http.StatusOK {
		t.Fatalf("status %d, want it taken", got)
	}
	if m := b.Only(); len(m.Attachments) > 0 || !slices.Equal(m.Marks, []string{meta.MarkMissing}) || m.Text != "Kijk" {
		t.Errorf("message %+v", m)
	}
}

// A customer may write the words that we are writing.
func TestCommentWithOurWordsIsTheCustomers(t *testing.T) {
	b := newBench(t)
	b.server.Fail("comments", metatest.Fault{Meanwhile: func(metatest.Sent) {
		b.deliver(t, metatest.Batch("page", metatest.Comment("900_2", "Wij kijken ernaar.", fields{"parent_id": "900_1"})))
	}})
	if _, err := b.Send(t.Context(), onPage(inPublic("public/x/900_1"))); err != nil {
		t.Fatal(err)
	}
	if m := b.Only(); m.Text != "Wij kijken ernaar." || m.Direction == message.Out || len(m.From) == 0 {
		t.Errorf("message %+v, want Kate's", m)
	}
}

// What is not in a list that is cut off may be there all the same: it is not sent twice.
func TestAnswerIsLookedForToTheEnd(t *testing.T) {
	at := func(ago time.Duration) string { return time.Now().Add(-ago).Format("2006-01-02T15:04:05-0700") }
	by := func(id, from, text string, ago time.Duration) any {
		return fields{"id": id, "message": text, "text": text, "from": fields{"id": from}, "created_time": at(ago)}
	}
	page := func(after string, items ...any) fields {
		p := fields{"data": items}
		if after != "" {
			p["paging"] = fields{"cursors": fields{"after": after}, "next": "https://graph.example/next"}
		}
		return p
	}
	talk := func(messages fields) fields { return fields{"data": []any{fields{"id": "t_1", "messages": messages}}} }
	ours := by("m_5", metatest.Page, "Wij kijken ernaar.", time.Minute)
	newer, older := by("m_9", metatest.Kate, "En?", 0), by("m_1", metatest.Kate, "Geen bereik", 10*time.Minute)
	comment := onPage(inPublic("public/x/900_1"))
	insta := onPage(onInstagram, inPublic("public/8/179001"))
	onInsta := func(id, from, user string) any {
		return fields{"id": id, "text": "Wij kijken ernaar.", "username": user, "from": fields{"id": from}}
	}
	for _, test := range []struct {
		name    string
		m       *message.Message
		answers map[string]any
		id      string
		wantErr bool
	}{
		{"on a later page", onPage(), map[string]any{metatest.Page + "/conversations": talk(page("c1", newer)), "t_1/messages?after=c1": page("", ours, older)}, "m_5", false},
		{"surely not there", onPage(), map[string]any{metatest.Page + "/conversations": talk(page("c1", newer)), "t_1/messages?after=c1": page("", older)}, "", false},
		{"the list ends too soon", onPage(), map[string]any{metatest.Page + "/conversations": talk(page("", newer))}, "", true},
		{"no conversation", onPage(), map[string]any{metatest.Page + "/conversations": page("")}, "", true},
		{"a private answer to a comment, not there", onPage(toComment), map[string]any{metatest.Page + "/conversations": page("")}, "", false},
		{"a comment on a later page", comment, map[string]any{"900_1/comments": page("c1", by("900_9", metatest.Kate, "Wij kijken ernaar.", 0)), "900_1/comments?after=c1": page("", by("900_8", metatest.Page, "Wij kijken ernaar.", 0))}, "public/x/900_8", false},
		{"a comment by nobody told", comment, map[string]any{"900_1/comments": page("", fields{"id": "900_8", "message": "Wij kijken ernaar."})}, "", true},
		{"on Instagram, somebody else's", insta, map[string]any{"179001/replies": page("", onInsta("179002", metatest.KateOnInstagram, "kate.j"))}, "", false},
		{"on Instagram, ours by its username", insta, map[string]any{"179001/replies": page("", onInsta("179002", "", "example")), metatest.Instagram: fields{"username": "example"}}, "public/8/179002", false},
		{"on Instagram, by whom nobody tells", insta, map[string]any{"179001/replies": page("", onInsta("179002", "", "example")), metatest.Instagram: fields{"id": "1"}}, "", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			test.m.Earlier = &message.Earlier{Sent: time.Now().Add(-5 * time.Minute)}
			for path, answer := range test.answers {
				b.server.Answer(path, answer)
			}
			got, found, err := b.Find(t.Context(), test.m)
			if (err != nil) != test.wantErr || found != (test.id != "") || got.ID != test.id {
				t.Errorf("Find = %+v, %v, %v, want %q, an error %v", got, found, err, test.id, test.wantErr)
			}
		})
	}
}
