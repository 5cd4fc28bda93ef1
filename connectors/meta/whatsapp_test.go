package meta_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"loket/connectors/connectortest"
	"loket/connectors/meta"
	"loket/connectors/meta/metatest"
	"loket/internal/message"
)

const object = "whatsapp_business_account"

// told is what becomes of a webhook, as the files in testdata have it.
type told struct {
	Kind       message.Kind      `json:"kind,omitempty"`
	Direction  message.Direction `json:"direction,omitempty"`
	Automatic  message.Automatic `json:"automatic,omitempty"`
	Channel    string            `json:"channel,omitempty"`
	Public     bool              `json:"public,omitempty"`
	Own        string            `json:"own,omitempty"`
	References []string          `json:"references,omitempty"` // those that can be read
	Answers    []string          `json:"answers,omitempty"`
	From       []string          `json:"from,omitempty"`
	Formerly   []string          `json:"formerly,omitempty"`
	To         []string          `json:"to,omitempty"`
	Name       string            `json:"name,omitempty"`
	Text       string            `json:"text,omitempty"`
	Link       string            `json:"link,omitempty"`
	Sent       string            `json:"sent,omitempty"`
	Files      []string          `json:"files,omitempty"`
	Marks      []string          `json:"marks,omitempty"`
	Problem    string            `json:"problem,omitempty"`
	Report     string            `json:"report,omitempty"`
}

func tell(m *message.Message) told {
	o := told{
		Kind: m.Kind, Direction: m.Direction, Automatic: m.Automatic, Channel: m.Channel, Public: m.Public, Own: m.Own, Answers: m.Answers, From: nodes(m.From),
		Formerly: nodes(m.Formerly), To: nodes(m.To), Name: m.Name, Text: m.Text, Link: m.Link, Marks: m.Marks, Problem: m.Problem,
	}
	for _, r := range m.References {
		if !strings.HasPrefix(r, "whatsapp:") {
			o.References = append(o.References, r)
		}
	}
	if m.Sent.Before(time.Now().Add(-time.Hour)) {
		o.Sent = m.Sent.Format(time.RFC3339)
	}
	if m.Problem != "" {
		o.Text = "" // it is the original
	}
	for _, a := range m.Attachments {
		o.Files = append(o.Files, a.Name+" "+a.Type)
	}
	if m.Report != nil {
		o.Report = strings.TrimSpace(m.Report.Of + " " + m.Report.State + " " + m.Report.Reason)
	}
	return o
}

// prepare puts what the webhooks of testdata speak of at the stand-in.
func prepare(b *bench) {
	b.server.Keep("7001", "\xff\xd8\xff\xe0\x00\x10JFIF a photograph")
	b.server.Answer(metatest.Kate, fields{"first_name": "Kate", "last_name": "Jansen", "id": metatest.Kate})
	b.server.Answer(metatest.KateOnInstagram, fields{"name": "Kate Jansen", "username": "kate.j", "id": metatest.KateOnInstagram})
	b.server.Answer("900_3", fields{"id": "900_3", "from": fields{"id": metatest.Kate, "name": "Kate Jansen"}, "message": "Wie ben ik", "permalink_url": "https://www.facebook.com/x"})
	b.server.Answer("777_3", fields{
		"id": "777_3", "message": "Voorbeeld doet het weer niet", "permalink_url": "https://www.facebook.com/y",
		"attachment": fields{"type": "photo", "media": fields{"image": fields{"src": b.server.URL + "/cdn/7001"}}},
	})
	b.server.Answer("17900001", fields{"id": "17900001", "from": fields{"id": metatest.KateOnInstagram, "username": "kate.j"}})
	b.server.Answer(metatest.Instagram, fields{"mentioned_comment": fields{"text": "@example help", "username": "piet", "timestamp": "2025-09-04T15:33:20+0000", "media": fields{"permalink": "https://www.instagram.com/p/x"}}})
}

// Each file of testdata has a webhook and what becomes of it.
func TestWebhooksBecomeMessages(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(err, "there are no files")
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".json"), func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			prepare(b)
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var test struct {
				Webhook json.RawMessage
				Becomes []told
			}
			if err := json.Unmarshal([]byte(strings.ReplaceAll(string(content), "http://standin", b.server.URL)), &test); err != nil {
				t.Fatal(err)
			}
			for range 2 { // Meta repeats itself
				if got := b.deliver(t, test.Webhook); got != http.StatusOK {
					t.Fatalf("status %d", got)
				}
			}
			var got []told
			for _, m := range b.Accepted() {
				if !message.ValidID(m.ID) || m.Connector != "meta" || m.Received.IsZero() {
					t.Errorf("message %+v", m)
				}
				got = append(got, tell(m))
			}
			diff(t, "messages", test.Becomes, got)
		})
	}
}

// Whoever wrote with their telephone's number first, and with the other id alone later, is in one conversation; a number that moved to
// another provider goes on with it.
func TestWhatsAppIdsMeet(t *testing.T) {
	b := newBench(t)
	both := metatest.WhatsAppOf(metatest.NumberID, fields{
		"contacts": []any{fields{"wa_id": "31612345678", "user_id": "NL.45", "profile": fields{"name": "Kate"}}},
		"messages": []any{metatest.Said("1", fields{"from_user_id": "NL.45", "text": fields{"body": "1"}})},
	})
	alone := metatest.WhatsAppOf(metatest.NumberID, fields{
		"contacts": []any{fields{"user_id": "NL.45", "profile": fields{"name": "Kate", "username": "kate.j"}}},
		"messages": []any{metatest.Said("2", fields{"from": nil, "from_user_id": "NL.45", "text": fields{"body": "2"}})},
	})
	other := metatest.WhatsApp("messages", metatest.Said("3", fields{"from": "31600000001", "text": fields{"body": "3"}}))
	b.deliver(t, metatest.Batch(object, both, alone, other))
	all := b.Accepted()
	shared := func(a, b *message.Message) bool {
		return slices.ContainsFunc(a.References, func(r string) bool { return slices.Contains(b.References, r) })
	}
	if len(all) != 3 || !shared(all[0], all[1]) || shared(all[1], all[2]) {
		t.Fatalf("messages %+v", all)
	}
	diff(t, "from", [][]string{
		{"wa:31612345678", "phone:+31612345678", "bsuid:" + metatest.App + ":NL.45"}, {"bsuid:" + metatest.App + ":NL.45", "wa.user:kate.j"},
		{"wa:31600000001", "phone:+31600000001"},
	}, [][]string{nodes(all[0].From), nodes(all[1].From), nodes(all[2].From)})
	if want := message.WhatsAppConversations("31201234567", "31612345678")[0]; !slices.Contains(all[0].References, want) {
		t.Errorf("references %q, want %q among them", all[0].References, want)
	}
}

// What of a batch can't be stored is brought again with the rest of it; nothing is lost, and nothing doubled.
func TestBatchIsTakenWholeOrAgain(t *testing.T) {
	b := newBench(t)
	body := metatest.Batch(object, metatest.WhatsApp("messages", metatest.Text("1", "one"), metatest.Text("2", "two")),
		metatest.WhatsApp("messages", metatest.Text("3", "three")), metatest.WhatsAppOf("999", fields{"messages": []any{metatest.Text("4", "of others")}}))
	b.RefuseIf(func(m *message.Message) error {
		if m.Text == "two" {
			return errors.New("the store is away")
		}
		return nil
	})
	if got := b.deliver(t, body); got != http.StatusServiceUnavailable {
		t.Errorf("status %d, want 503", got)
	}
	b.Refuse(false)
	if got := b.deliver(t, body); got != http.StatusOK {
		t.Errorf("status %d, want 200", got)
	}
	var texts []string
	for _, m := range b.Accepted() {
		if m.Problem != "" {
			m.Text = m.Problem
			if m.KeepUntil.IsZero() {
				t.Error("what is for others is kept for good")
			}
		}
		texts = append(texts, m.Text)
	}
	slices.Sort(texts)
	diff(t, "texts", []string{"it is for whatsapp_business_account 999, which is not in the configuration", "one", "three", "two"}, texts)
}

// What may be a customer's and can't be read is kept for somebody to look at; what is too much is refused.
func TestWhatCannotBeReadIsKept(t *testing.T) {
	for name, test := range map[string]struct {
		body   string
		status int
		kept   int
	}{
		"no JSON":             {`{"object":`, 200, 1},
		"an entry is a text":  {`{"object":"whatsapp_business_account","entry":["x"]}`, 200, 1},
		"entry is a number":   {`{"object":"whatsapp_business_account","entry":5}`, 200, 1},
		"changes is a text":   {`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":"x"}]}`, 200, 1},
		"messages is a text":  {`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":106540352242922},"messages":"x"}}]}]}`, 200, 1},
		"message is a text":   {`{"object":"page","entry":[{"id":"1122334455","messaging":[{"sender":{"id":"5"},"recipient":{"id":"1122334455"},"message":"hoi"}]}]}`, 200, 1},
		"messaging is a text": {`{"object":"page","entry":[{"id":"1122334455","messaging":["hoi"]}]}`, 200, 1},
		"a feed of nothing":   {`{"object":"page","entry":[{"id":"1122334455","changes":[{"field":"feed","value":"x"}]}]}`, 200, 1},
		"nobody's entry":      {`{"object":"page","entry":[{"messaging":[{"sender":{"id":"5"},"message":{"mid":"m","text":"hoi"}}]}]}`, 200, 1},
		"of no number":        {`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messages":[{"id":"wamid.1"}]}}]}]}`, 200, 1},
		"nothing in it":       {`{}`, 200, 0},
		"an object to come":   {`{"object":"hologram","entry":[{"id":"1","changes":[{"field":"x","value":{}}]}]}`, 200, 0},
		"5 MB":                {`{"object":"page","x":"` + strings.Repeat("a", 5<<20) + `"}`, 413, 0},
		"a million values":    {`{"object":"page","x":[` + strings.Repeat("1,", 1_000_000) + `1]}`, 413, 0},
		"deep":                {strings.Repeat("[", 100_000), 413, 0},
		"a list of envelopes": {`[{"object":"hologram","entry":[]}]`, 200, 0},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			if got := b.deliver(t, []byte(test.body)); got != test.status {
				t.Errorf("status %d, want %d", got, test.status)
			}
			kept := b.Accepted()
			for _, m := range kept {
				if m.Channel == "" || m.Text == "" {
					t.Errorf("message %+v, want what it says when it is tried again", m)
				}
				if m.Problem == "" || len(m.Raw) == 0 && b.Blob(m.RawBlob) == "" {
					t.Errorf("message %+v, want a problem and the original", m)
				}
			}
			if len(kept) != test.kept {
				t.Errorf("%d kept, want %d", len(kept), test.kept)
			}
		})
	}
}

// A file is asked for with the token at Meta's own host alone; one that is late brings its message again until it is given up.
func TestFilesAreFetched(t *testing.T) {
	picture := "\xff\xd8\xff\xe0\x00\x10JFIF a photograph"
	said := func(id, sum string, at time.Time) []byte {
		return metatest.Batch(object, metatest.WhatsApp("messages", metatest.Said("1", fields{
			"timestamp": metatest.Seconds(at), "type": "image", "image": fields{"id": id, "mime_type": "image/jpeg", "sha256": sum, "caption": "Kijk"},
		})))
	}
	for name, test := range map[string]struct {
		body   []byte
		fault  *metatest.Fault
		status int
		files  int
		marks  []string
	}{
		"there":                 {said("7001", metatest.Sum(picture), time.Now()), nil, 200, 1, nil},
		"not yet":               {said("7001", metatest.Sum(picture), time.Now()), &metatest.Fault{Status: 502}, 503, 0, nil},
		"damaged":               {said("7001", metatest.Sum("another"), time.Now()), nil, 503, 0, nil},
		"not there any more":    {said("7002", "", time.Now()), nil, 200, 0, []string{meta.MarkMissing}},
		"an id that leads away": {said("../../secret", "", time.Now()), nil, 200, 0, []string{meta.MarkMissing}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.server.Keep("7001", picture)
			if test.fault != nil {
				b.server.Fail("file", *test.fault)
			}
			if got := b.deliver(t, test.body); got != test.status {
				t.Fatalf("status %d, want %d", got, test.status)
			}
			if test.status != 200 {
				if n := len(b.Accepted()); n > 0 {
					t.Errorf("%d messages accepted without their file", n)
				}
				return
			}
			if m := b.Only(); len(m.Attachments) != test.files || !slices.Equal(m.Marks, test.marks) || m.Text != "Kijk" {
				t.Errorf("message %+v", m)
			}
		})
	}
}

// FuzzWebhook gives the app anything that is signed: it never panics, and what it accepts is a message that can be kept.
func FuzzWebhook(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.json")
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
		var test struct{ Webhook json.RawMessage }
		if json.Unmarshal(content, &test) == nil {
			f.Add([]byte(test.Webhook))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		env := connectortest.New(t)
		cfg := settings(&metatest.Server{})
		cfg.APIURL = "http://127.0.0.1:1"
		app, err := meta.New(*cfg, env.Env("meta"))
		if err != nil {
			t.Fatal(err)
		}
		status := connectortest.Do(t, app, metatest.Request("/", body)).Code
		if status != 200 && status != 413 && status != 503 {
			t.Errorf("status %d", status)
		}
		for _, m := range env.Accepted() {
			if !message.ValidID(m.ID) || m.Connector != "meta" || m.Received.IsZero() || m.Kind == message.Said && m.Channel == "" && m.Problem == "" {
				t.Errorf("message %+v", m)
			}
			for _, s := range append([]string{m.Text, m.Name}, m.Marks...) {
				if strings.ToValidUTF8(s, "") != s || strings.ContainsRune(s, 0) {
					t.Errorf("%q is no text", s)
				}
			}
		}
	})
}
