package twilio_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"loket/connectors/twilio"
	"loket/connectors/twilio/twiliotest"
	"loket/internal/message"
)

func nodes(ids []message.Identifier) (all []string) {
	for _, id := range ids {
		all = append(all, id.Node())
	}
	return all
}

func TestSendersAreWhoTheNetworkSays(t *testing.T) {
	t.Parallel()
	const ac = twiliotest.Account
	for _, row := range []struct {
		name string
		from string
		more url.Values
		edit func(*twilio.Config)
		want string
	}{
		{"SMS", "+31612345678", nil, nil, "phone:+31612345678"},
		{"SMS, doubted", "+31612345678", nil, func(c *twilio.Config) { c.SMSSender = "claimed" }, "~phone:+31612345678"},
		{"SMS of a new area code", "+18612340100", nil, nil, "phone:+18612340100"},
		{"SMS of a number as it was spelt", "+5215512340100", nil, nil, "phone:+5215512340100 phone:+525512340100"},
		{"SMS from Brazil, ninth digit missing", "+551187654321", nil, func(c *twilio.Config) { c.SMSSender = "claimed" }, "~phone:+551187654321 ~phone:+5511987654321"},
		{"SMS of a name", "KPN", nil, nil, ""},
		{"SMS of a service code", "3669", nil, nil, ""},
		{"WhatsApp", "whatsapp:+31612345678", url.Values{"WaId": {"31612345678"}}, nil, "wa:31612345678 phone:+31612345678"},
		{"WhatsApp with both", "whatsapp:+31612345678", url.Values{"ExternalUserId": {"whatsapp:NL.4566546130240823"}, "ProfileUsername": {"@Kate.J"}}, nil,
			"wa:31612345678 phone:+31612345678 bsuid:" + ac + ":NL.4566546130240823 wa.user:kate.j"},
		{"WhatsApp without a phone", "whatsapp:NL.4566546130240823", url.Values{"ParentExternalUserId": {"whatsapp:NL.ENT.77"}}, nil,
			"bsuid:" + ac + ":NL.4566546130240823 bsuid:" + ac + ":NL.ENT.77"},
		{"portfolio", "whatsapp:NL.45", nil, func(c *twilio.Config) { c.Portfolio = "brand" }, "bsuid:brand:NL.45"},
		{"Brazil, ninth digit missing", "whatsapp:+551187654321", nil, nil, "wa:551187654321 phone:+5511987654321"},
		{"Brazil, a land line", "whatsapp:+551132345678", nil, nil, "wa:551132345678 phone:+551132345678"},
		{"Mexico", "whatsapp:+5215512345678", nil, nil, "wa:5215512345678 phone:+525512345678"},
		{"WhatsApp of nobody", "whatsapp:hello", nil, nil, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			edits := []func(*twilio.Config){}
			if row.edit != nil {
				edits = append(edits, row.edit)
			}
			p := newPhone(t, edits...)
			to := twiliotest.Number
			if strings.HasPrefix(row.from, "whatsapp:") {
				to = "whatsapp:" + to
			}
			if _, status := p.server.Receive(twiliotest.Message{From: row.from, To: to, Body: "hi", Form: row.more}); status != http.StatusOK {
				t.Fatalf("status %d", status)
			}
			if got := strings.Join(nodes(p.Only().From), " "); got != row.want {
				t.Errorf("from %q, want %q", got, row.want)
			}
		})
	}
}

// Whoever wrote with their telephone's number first, and with the other id alone later, is in one conversation.
func TestWhatsAppIdsMeet(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	const to = "whatsapp:" + twiliotest.Number
	both := url.Values{"ExternalUserId": {"whatsapp:NL.45"}}
	p.server.Receive(twiliotest.Message{From: "whatsapp:+31612345678", To: to, Body: "1", Form: both})
	p.server.Receive(twiliotest.Message{From: "whatsapp:NL.45", To: to, Body: "2"})
	p.server.Receive(twiliotest.Message{From: "whatsapp:+31600000000", To: to, Body: "3"})
	all := p.Accepted()
	shared := func(a, b *message.Message) bool {
		return slices.ContainsFunc(a.References, func(r string) bool { return slices.Contains(b.References, r) })
	}
	if !shared(all[0], all[1]) || shared(all[1], all[2]) {
		t.Errorf("references %q, %q, %q", all[0].References, all[1].References, all[2].References)
	}
}

func TestWhatWhatsAppSays(t *testing.T) {
	t.Parallel()
	replied := twiliotest.SID("SM")
	for _, row := range []struct {
		name, body string
		more       url.Values
		text       string
		marks      string
	}{
		{"text", "Hoi\r\ndaar\x00", nil, "Hoi\ndaar", ""},
		{"button", "", url.Values{"ButtonText": {"Ja, graag"}, "ButtonPayload": {"yes_1"}, "MessageType": {"button"}}, "Ja, graag", "button: yes_1"},
		{"place", "", url.Values{"Latitude": {"52.3702"}, "Longitude": {"4.8952"}, "Label": {"Dam"}, "Address": {"Dam 1"}}, "Dam\nDam 1\ngeo:52.3702,4.8952", ""},
		{"no place", "x", url.Values{"Latitude": {"NaN"}, "Longitude": {"400"}}, "x", ""},
		{"forwarded", "x", url.Values{"Forwarded": {"true"}}, "x", "forwarded"},
		{"advertisement", "Info?", url.Values{"ReferralHeadline": {"Glasvezel\nnu"}, "ReferralSourceUrl": {"https://fb.me/x"}}, "Info?", "by an advertisement: Glasvezel nu,advertisement at: https://fb.me/x"},
		{"reply", "Die", url.Values{"OriginalRepliedMessageSid": {replied}}, "Die", ""},
		{"nothing", "", nil, "(empty message)", ""},
		{"not UTF-8", "caf\xe9", nil, "caf\uFFFD", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := newPhone(t)
			more := url.Values{"ProfileName": {" Kate\n\u202eJ "}}
			for k, v := range row.more {
				more[k] = v
			}
			p.server.Receive(twiliotest.Message{From: "whatsapp:+31612345678", To: "whatsapp:" + twiliotest.Number, Body: row.body, Form: more})
			m := p.Only()
			if m.Text != row.text || strings.Join(m.Marks, ",") != row.marks || m.Channel != "whatsapp" || !strings.HasPrefix(m.Name, "Kate ") {
				t.Errorf("text %q, marks %q, channel %s, name %q", m.Text, m.Marks, m.Channel, m.Name)
			}
			if row.name == "reply" && m.References[0] != replied {
				t.Errorf("references %q, want %s first", m.References, replied)
			}
		})
	}
}

func jpeg(n int) []byte {
	return append([]byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00"), make([]byte, n)...)
}

func TestMediaIsFetched(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		file  twiliotest.File
		kind  string // of the attachment; "" for none
		marks string
		late  bool
	}{
		{"picture", twiliotest.File{Type: "image/jpeg", Data: jpeg(5000)}, "image/jpeg", "", false},
		{"not there at once", twiliotest.File{Type: "image/jpeg", Data: jpeg(9), Missing: 1}, "image/jpeg", "", false},
		{"contact", twiliotest.File{Type: "text/vcard", Data: []byte("BEGIN:VCARD\nFN:Kate\nEND:VCARD")}, "text/vcard", "", false},
		{"voice note", twiliotest.File{Type: "audio/ogg; codecs=opus", Data: []byte("OggS\x00rest")}, "audio/ogg", "", false},
		{"a page that says it is a picture", twiliotest.File{Type: "image/jpeg", Data: []byte("<!DOCTYPE html><script>x</script>")}, "text/html", twilio.MarkDisguised, false},
		{"too large", twiliotest.File{Type: "image/jpeg", Data: jpeg(3 << 20)}, "", twilio.MarkMissing, false},
		{"says it is small", twiliotest.File{Type: "image/jpeg", Data: jpeg(10), Length: 5 << 20}, "", twilio.MarkMissing, false},
		{"sent to another machine", twiliotest.File{Type: "image/jpeg", Moved: "https://127.0.0.1:9/secret"}, "", twilio.MarkMissing, false},
		{"sent to another port", twiliotest.File{Type: "image/jpeg", Moved: "http://127.0.0.1:9/secret"}, "", twilio.MarkMissing, false},
		{"sent to the private net", twiliotest.File{Type: "image/jpeg", Moved: "https://10.0.0.1/secret"}, "", twilio.MarkMissing, false},
		{"sent to metadata", twiliotest.File{Type: "image/jpeg", Moved: "https://169.254.169.254/latest"}, "", twilio.MarkMissing, false},
		{"never there in time", twiliotest.File{Type: "image/jpeg", Data: jpeg(1), Missing: 1000}, "", twilio.MarkLate, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := newPhone(t, func(c *twilio.Config) { c.MaxMediaBytes = 1 << 20 })
			p.Hurry()
			if _, status := p.server.Receive(twiliotest.Message{From: "+31612345678", Body: "look", Media: []twiliotest.File{row.file}}); status != http.StatusOK {
				t.Fatalf("status %d", status)
			}
			m := p.Only()
			if got := strings.Join(m.Marks, ","); got != row.marks {
				t.Errorf("marks %q, want %q", got, row.marks)
			}
			if row.kind == "" {
				if len(m.Attachments) != 0 {
					t.Errorf("attachments %+v, want none", m.Attachments)
				}
				return
			}
			a := m.Attachments[0]
			if a.Type != row.kind || int(a.Size) != len(row.file.Data) || p.Blob(a.Blob) != string(row.file.Data) || !strings.HasPrefix(a.Blob, m.ID) {
				t.Errorf("attachment %+v", a)
			}
		})
	}
}

// The webhook names where files lie: one that is not our account's at Twilio is not asked for, nor told our password.
func TestForeignMediaIsNotFetched(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	for i, at := range []string{
		"https://evil.example/2010-04-01/Accounts/" + twiliotest.Account + "/Messages/x/Media/y", "https://api.twilio.com.evil.example/2010-04-01/Accounts/" + twiliotest.Account + "/x",
		"https://api.twilio.com/2010-04-01/Accounts/AC99999999999999999999999999999999/Messages/x/Media/y", "file:///etc/passwd", "https://user:pw@api.twilio.com/2010-04-01/Accounts/" + twiliotest.Account + "/x",
		"://", "https://api.twilio.com/2010-04-01/Accounts/" + twiliotest.Account + "/../../x",
	} {
		p.server.Receive(twiliotest.Message{From: "+31612345678", Body: fmt.Sprint(i), Form: url.Values{"NumMedia": {"1"}, "MediaUrl0": {at}, "MediaContentType0": {"image/png"}}})
		if m := p.Accepted()[i]; len(m.Attachments) != 0 || strings.Join(m.Marks, ",") != twilio.MarkMissing {
			t.Errorf("%s: attachments %v, marks %v", at, m.Attachments, m.Marks)
		}
	}
	if asked := p.server.Asked(); len(asked) > 0 {
		t.Errorf("asked %q", asked)
	}
}

// A file that was late comes as a message of its own into the conversation, once.
func TestLateFileComesLater(t *testing.T) {
	t.Parallel()
	p := newPhone(t, func(c *twilio.Config) { c.Poll = time.Second })
	p.Hurry()
	in, _ := p.server.Receive(twiliotest.Message{
		From: "+31612345678", Body: "look", Media: []twiliotest.File{{Type: "image/jpeg", Data: jpeg(7), Missing: 4}},
		Created: time.Now().Add(-10 * time.Minute),
	})
	if m := p.Only(); strings.Join(m.Marks, ",") != twilio.MarkLate {
		t.Fatalf("marks %q", m.Marks)
	}
	p.run()
	p.Eventually("the file", func() bool { return len(p.Accepted()) == 2 })
	m := p.Accepted()[1]
	if len(m.Attachments) != 1 || m.Attachments[0].Type != "image/jpeg" || !slices.Contains(m.References, in.SID) || m.From[0].Value != "+31612345678" {
		t.Errorf("message %+v", m)
	}
	if p.Position("late:"+in.SID) != "" {
		t.Error("it is still remembered")
	}
}

func TestBadWebhooks(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	sid := twiliotest.SID("SM")
	for _, row := range []struct {
		name, path string
		form       url.Values
		want       int
	}{
		{"no SID", "/message", url.Values{"From": {"+31612345678"}}, http.StatusUnprocessableEntity},
		{"a SID that is none", "/message", url.Values{"MessageSid": {"../../x"}, "From": {"+31612345678"}}, http.StatusUnprocessableEntity},
		{"no sender", "/message", url.Values{"MessageSid": {sid}}, http.StatusUnprocessableEntity},
		{"another account", "/message", url.Values{"MessageSid": {sid}, "From": {"+31612345678"}, "AccountSid": {"AC99"}}, http.StatusForbidden},
		{"unknown event", "/conversation", url.Values{"EventType": {"onMessageAdded"}}, http.StatusNotFound},
		{"too large", "/message", url.Values{"MessageSid": {sid}, "Body": {strings.Repeat("x", 300<<10)}}, http.StatusRequestEntityTooLarge},
		{"too many fields", "/message", manyFields(sid), http.StatusRequestEntityTooLarge},
		{"status without SID", "/status", url.Values{"MessageStatus": {"sent"}}, http.StatusUnprocessableEntity},
		{"unknown status", "/status", url.Values{"MessageSid": {sid}, "MessageStatus": {"dreaming"}}, http.StatusOK},
		{"call without SID", "/voice", url.Values{"From": {"+31612345678"}}, http.StatusUnprocessableEntity},
		{"recording without SID", "/recording", url.Values{"CallSid": {twiliotest.SID("CA")}, "To": {twiliotest.Number}, "RecordingStatus": {"completed"}}, http.StatusUnprocessableEntity},
	} {
		if got, body := p.server.Hook(row.path, row.form); got != row.want {
			t.Errorf("%s: %d %s, want %d", row.name, got, body, row.want)
		}
	}
	if got := p.Accepted(); len(got) > 0 {
		t.Errorf("%d messages stored", len(got))
	}
}

func manyFields(sid string) url.Values {
	form := url.Values{"MessageSid": {sid}, "From": {"+31612345678"}}
	for i := range 1000 {
		form.Set(fmt.Sprint("Field", i), "")
	}
	return form
}

// Whoever shows no signature at all is refused before anything of the body is read.
func TestBodyOfAnUnsignedWebhookIsNotRead(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	for _, signature := range []string{"", "x", "sha256=AAAA", base64.StdEncoding.EncodeToString(make([]byte, 21))} {
		r := httptest.NewRequest(http.MethodPost, base+"/message", iotest.ErrReader(errors.New("the body is read")))
		r.URL.Path = "/message"
		r.Header.Set("X-Twilio-Signature", signature)
		w := httptest.NewRecorder()
		if p.ServeHTTP(w, r); w.Code != http.StatusForbidden {
			t.Errorf("signature %q: %d %s, want 403", signature, w.Code, w.Body)
		}
	}
}

func TestJSONWebhookIsBounded(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	for name, body := range map[string]string{
		"many values": `{"MessageSid":"SM1","x":[` + strings.Repeat("{},", 80_000) + `{}]}`, "deep": `{"x":` + strings.Repeat("[", 100_000),
	} {
		r := httptest.NewRequest(http.MethodPost, base+"/message", strings.NewReader(body))
		r.URL.Path = "/message"
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(make([]byte, 20)))
		w := httptest.NewRecorder()
		if p.ServeHTTP(w, r); w.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: %d %s, want 413", name, w.Code, w.Body)
		}
	}
}

func TestNotStoredIsNotAcknowledged(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	p.Refuse(true)
	in, status := p.server.Receive(twiliotest.Message{From: "+31612345678", Body: "x"})
	if status != http.StatusServiceUnavailable {
		t.Fatalf("status %d, want 503", status)
	}
	p.Refuse(false)
	if status := p.server.Deliver(in); status != http.StatusOK || len(p.Accepted()) != 1 {
		t.Errorf("again: %d, %d stored", status, len(p.Accepted()))
	}
}
