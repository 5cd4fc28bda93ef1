package x_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/connectors"
	"loket/connectors/connectortest"
	"loket/connectors/x"
	"loket/connectors/x/xtest"
	"loket/internal/message"
)

func ids(kind, value string) message.Identifier {
	return message.Identifier{Kind: kind, Value: value, Level: message.Attested}
}

func TestMentionComesInAndIsAnsweredInPublic(t *testing.T) {
	for _, version := range []string{"v1.1", "v2"} {
		t.Run(version, func(t *testing.T) {
			f, e := xtest.Start(t), connectortest.New(t)
			a := account(t, e, config(f, version))
			post := f.Add(xtest.Post{
				Text: "@example no signal & no answer, see https://status.example.org/a?b=1", Names: true, Lang: "en",
				Media: []string{f.Serve("mast.png", "image/png", png())},
			})
			body := f.PostCreated(post)
			if version == "v2" {
				body = f.PostActivity("post.mention.create", post)
			}
			if got := deliver(a, body); got != 200 {
				t.Fatalf("delivery = %d, want 200", got)
			}
			m := e.Only()
			want := &message.Message{
				ID: m.ID, Connector: "care", Channel: "x", Public: true, Own: "2244994945/" + post.ID,
				Link: "https://x.com/i/status/" + post.ID,
				From: []message.Identifier{ids("xu", "2244994945"), ids("xh", "kate_j")}, Name: "Kate Jansen", To: []message.Identifier{ids("xu", xtest.Self)},
				Text: "@example no signal & no answer, see https://status.example.org/a?b=1", Language: "en", Sent: m.Sent, Received: m.Received,
				Attachments: []message.Attachment{{Name: "mast.png", Type: "image/png", Size: int64(len(png())), Blob: m.ID + "/1"}},
			}
			if diff := cmp.Diff(want, m); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
			receipt, err := a.Send(t.Context(), answerTo(m, "We are on it: https://status.example.org"))
			if err != nil {
				t.Fatal(err)
			}
			posts := f.Posts()
			if len(posts) != 1 || posts[0].ReplyTo != post.ID || !cmp.Equal(receipt, connectors.Receipt{ID: "2244994945/" + posts[0].ID, State: connectors.Sent}) {
				t.Fatalf("posts = %+v, receipt %+v", posts, receipt)
			}
			// X tells of our own answer: it stands in its thread already.
			if got := deliver(a, f.PostCreated(posts[0])); got != 200 || len(e.Accepted()) != 1 {
				t.Errorf("own answer told again: %d with %d messages, want 200 with 1", got, len(e.Accepted()))
			}
			again := f.Add(xtest.Post{Text: "@example thanks", ReplyTo: posts[0].ID, Names: true})
			deliver(a, f.PostActivity("post.reply.create", again))
			if m := e.Accepted()[1]; !slices.Contains(m.References, receipt.ID) {
				t.Errorf("references = %v, want our answer %s in them", m.References, receipt.ID)
			}
		})
	}
}

func TestPrivateMessageComesInAndIsAnsweredPrivately(t *testing.T) {
	for _, version := range []string{"v1.1", "v2"} {
		t.Run(version, func(t *testing.T) {
			f, e := xtest.Start(t), connectortest.New(t)
			a := account(t, e, config(f, version))
			d := f.AddDirect(xtest.Direct{Text: "my number is 4711 <b>", Media: []string{f.Serve("bill.png", "image/png", png())}})
			body := f.DirectCreated(d)
			if version == "v2" {
				body = f.DirectActivity("dm.received", d)
			}
			if got := deliver(a, body); got != 200 {
				t.Fatalf("delivery = %d, want 200", got)
			}
			m := e.Only()
			with := "783214-2244994945"
			want := &message.Message{
				ID: m.ID, Connector: "care", Channel: "x", Own: "dm/" + with + "/" + d.ID, References: []string{"dm/" + with},
				Link: "https://x.com/messages/" + with,
				From: []message.Identifier{ids("xu", "2244994945"), ids("xh", "kate_j")}, Name: "Kate Jansen", To: []message.Identifier{ids("xu", xtest.Self)},
				Text: "my number is 4711 <b>", Sent: m.Sent, Received: m.Received,
				Attachments: []message.Attachment{{Name: "bill.png", Type: "image/png", Size: int64(len(png())), Blob: m.ID + "/1"}},
			}
			if diff := cmp.Diff(want, m); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
			receipt, err := a.Send(t.Context(), answerTo(m, "Thank you."))
			if err != nil {
				t.Fatal(err)
			}
			sent := f.Directs()
			if len(sent) != 1 || sent[0].To != "2244994945" || sent[0].Text != "Thank you." || receipt.ID != "dm/"+with+"/"+sent[0].ID {
				t.Fatalf("sent %+v, receipt %+v", sent, receipt)
			}
			if got := deliver(a, f.DirectActivity("dm.sent", sent[0])); got != 200 || len(e.Accepted()) != 1 {
				t.Errorf("own message told again: %d with %d messages, want 200 with 1", got, len(e.Accepted()))
			}
		})
	}
}

func TestAnswerGivenInXItselfIsAttachedAsOurs(t *testing.T) {
	f, e := xtest.Start(t), connectortest.New(t)
	a := account(t, e, config(f, "v2"))
	post := f.Add(xtest.Post{Text: "@example hello?", Names: true})
	own := f.Add(xtest.Post{Author: xtest.Account(), Text: "@Kate_J Hello Kate", ReplyTo: post.ID})
	direct := f.AddDirect(xtest.Direct{From: xtest.Account(), To: xtest.Kate().ID, Text: "Your code"})
	alone := f.Add(xtest.Post{Author: xtest.Account(), Text: "News for all"})
	for _, body := range [][]byte{f.PostCreated(own, alone), f.PostActivity("post.create", own), f.DirectCreated(direct)} {
		if got := deliver(a, body); got != 200 {
			t.Fatalf("delivery = %d, want 200", got)
		}
	}
	all := e.Accepted()
	if len(all) != 3 {
		t.Fatalf("%d messages, want the answer, what was written for all, and the private message", len(all))
	}
	p, n, d := all[0], all[1], all[2]
	if n.Direction != message.Out || !n.Public || n.Own != "post/"+alone.ID || len(n.To)+len(n.References) != 0 || n.Link != "https://x.com/i/status/"+alone.ID {
		t.Errorf("written for all = %+v", n)
	}
	if p.Direction != message.Out || !p.Public || !slices.Equal(p.References, []string{"2244994945/" + post.ID}) || p.Own != "2244994945/"+own.ID ||
		p.To[0] != ids("xu", "2244994945") || p.Automatic != message.ByPerson {
		t.Errorf("answer = %+v", p)
	}
	if d.Direction != message.Out || d.Public || d.To[0] != ids("xu", "2244994945") || d.References[0] != "dm/783214-2244994945" {
		t.Errorf("private message = %+v", d)
	}
}

func TestCustomersUnderOnePostOfOursHaveConversationsOfTheirOwn(t *testing.T) {
	f, e := xtest.Start(t), connectortest.New(t)
	a := account(t, e, config(f, "v2"))
	news := f.Add(xtest.Post{Author: xtest.Account(), Text: "News for all"})
	piet := xtest.User{ID: "99", Handle: "piet", Name: "Piet"}
	k1 := f.Add(xtest.Post{Text: "@example why?", ReplyTo: news.ID, Names: true})
	p1 := f.Add(xtest.Post{Author: piet, Text: "@example when?", ReplyTo: news.ID, Names: true})
	k2 := f.Add(xtest.Post{Text: "@example and how?", ReplyTo: k1.ID, Names: true})
	for _, p := range []xtest.Post{k1, p1, k2} {
		deliver(a, f.PostActivity("post.reply.create", p))
	}
	all := e.Accepted()
	shared := func(m, n *message.Message) bool {
		return slices.ContainsFunc(append(slices.Clone(m.References), m.Own), func(r string) bool {
			return r == n.Own || slices.Contains(n.References, r)
		})
	}
	if len(all) != 3 || shared(all[0], all[1]) || !shared(all[0], all[2]) {
		t.Errorf("references %v, %v, %v: want Kate's to meet and Piet's apart", all[0].References, all[1].References, all[2].References)
	}
}

func TestEditAndDeletionBelongToTheirPost(t *testing.T) {
	f, e := xtest.Start(t), connectortest.New(t)
	a := account(t, e, config(f, "v2"))
	first := f.Add(xtest.Post{Text: "@example no singal", Names: true})
	edited := f.Add(xtest.Post{Text: "@example no signal", Names: true, Versions: []string{first.ID}})
	for _, body := range [][]byte{
		f.PostActivity("post.mention.create", first), f.PostActivity("post.mention.create", edited), xtest.PostDeleted(edited),
		xtest.Activity("post.delete", "1", map[string]any{"id": edited.ID, "author_id": edited.Author.ID}),
	} {
		if got := deliver(a, body); got != 200 {
			t.Fatalf("delivery = %d, want 200", got)
		}
	}
	all := e.Accepted()
	if len(all) != 3 {
		t.Fatalf("%d messages, want the post, its edit and its deletion", len(all))
	}
	if m := all[1]; !slices.Contains(m.References, all[0].Own) || !slices.Contains(m.Marks, x.MarkEdited) {
		t.Errorf("edit = %+v, want it to refer to %s", m, all[0].Own)
	}
	if m := all[2]; m.Direction != message.Out || m.Automatic != message.Notice || !slices.Equal(m.References, []string{all[1].Own}) {
		t.Errorf("deletion = %+v, want a notice that refers to %s", m, all[1].Own)
	}
}

func TestPrivateConversationThatWeBeginComesBackToItsThread(t *testing.T) {
	f, e := xtest.Start(t), connectortest.New(t)
	a := account(t, e, config(f, "v2"))
	if got := a.Reaches(ids("xu", "2244994945")); got != "x" {
		t.Errorf("Reaches(xu) = %q, want x", got)
	}
	for _, id := range []message.Identifier{ids("xh", "kate_j"), ids("xu", xtest.Self), ids("email", "kate@example.org")} {
		if got := a.Reaches(id); got != "" {
			t.Errorf("Reaches(%v) = %q, want nothing", id, got)
		}
	}
	answer := &message.Message{ID: "1", Thread: message.NewID([]byte("begun")), To: []message.Identifier{ids("xu", "2244994945")}, Text: "Privately now."}
	known := a.References(answer)
	if _, err := a.Send(t.Context(), answer); err != nil {
		t.Fatal(err)
	}
	deliver(account(t, e, config(f, "v2")), f.DirectCreated(f.AddDirect(xtest.Direct{Text: "thanks"})))
	if m := e.Only(); len(known) != 1 || !slices.Equal(m.References, known) || m.Public {
		t.Errorf("the answer refers to %q, want %q, known before we wrote", m.References, known)
	}
}

func TestReadAnswerIsReported(t *testing.T) {
	f, e := xtest.Start(t), connectortest.New(t)
	a := account(t, e, config(f, "v2"))
	deliver(a, f.DirectCreated(f.AddDirect(xtest.Direct{Text: "a question"})))
	receipt, err := a.Send(t.Context(), answerTo(e.Only(), "an answer"))
	if err != nil {
		t.Fatal(err)
	}
	answer := f.Directs()[0]
	byHand := f.AddDirect(xtest.Direct{From: xtest.Account(), To: xtest.Kate().ID, Text: "by hand"})
	ours := answer
	ours.From, ours.To = xtest.Kate(), xtest.Self // we have read hers
	for _, body := range [][]byte{xtest.DirectRead(answer), xtest.DirectRead(answer), xtest.DirectRead(byHand), xtest.DirectRead(ours)} {
		if got := deliver(a, body); got != 200 {
			t.Fatalf("delivery = %d, want 200", got)
		}
	}
	all := e.Accepted()
	if len(all) != 2 || all[1].Kind != message.Delivery || !cmp.Equal(*all[1].Report, message.DeliveryReport{Of: receipt.ID, State: "read"}) {
		t.Errorf("%d messages, the last %+v; want one report on %s", len(all), all[len(all)-1], receipt.ID)
	}
}

func TestEncryptedMessageIsTold(t *testing.T) {
	f, e := xtest.Start(t), connectortest.New(t)
	a := account(t, e, config(f, "v2"))
	deliver(a, xtest.Activity("chat.received", "77", map[string]any{"sender_id": "2244994945", "conversation_id": "c:1", "encoded_event": "AAAA"}))
	if m := e.Only(); m.Public || !slices.Contains(m.Marks, x.MarkEncrypted) || !strings.Contains(m.Text, "encrypted") || m.From[0] != ids("xu", "2244994945") {
		t.Errorf("message = %+v", m)
	}
}
