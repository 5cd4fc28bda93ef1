package twilio_test

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"loket/connectors/twilio"
	"loket/connectors/twilio/twiliotest"
	"loket/internal/message"
)

func TestCallerHearsHisLanguage(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, from string
		closed     bool
		edit       func(*twilio.Config)
		want       string // what is said, by language
	}{
		{"Dutch", "+31612345678", false, nil, `<Say language="nl-NL">Welkom. Er is nu niemand vrij`},
		{"closed", "+31612345678", true, nil, `<Say language="nl-NL">Welkom. Wij zijn nu gesloten`},
		{"British", "+447911123456", false, nil, `<Say language="en-GB">Welcome. Nobody`},
		{"German, not spoken", "+4915123456789", false, nil, `<Say language="en-GB">Welcome`},
		{"German", "+4915123456789", false, func(c *twilio.Config) { c.Voice.Languages = []string{"nl", "de"} }, `<Say language="de-DE">Willkommen`},
		{"withheld", "anonymous", false, nil, `<Say language="nl-NL">`},
		{"own words", "+31612345678", false, func(c *twilio.Config) { c.Voice.Greeting = map[string]string{"nl": `Hallo & "welkom" <3`} }, `>Hallo &amp; &#34;welkom&#34; &lt;3</Say>`},
		{"own words, closed", "+31612345678", true, func(c *twilio.Config) { c.Voice.Closed = map[string]string{"nl": "Dicht."} }, `>Dicht.</Say>`},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			edits := []func(*twilio.Config){}
			if row.edit != nil {
				edits = append(edits, row.edit)
			}
			p := newPhone(t, edits...)
			if row.closed {
				p.CloseOffice()
			}
			call := p.server.KeepCall(twiliotest.Call{From: row.from})
			status, twiml := p.server.Ring(call, nil)
			if status != http.StatusOK || !strings.Contains(twiml, row.want) {
				t.Fatalf("%d %s, want %s", status, twiml, row.want)
			}
			// That they are recorded they are told in any case, before the recording begins.
			notice, record := strings.Index(twiml, "pgenomen"), strings.Index(twiml, "<Record ")
			if strings.Contains(twiml, `<Say language="nl-NL">`) && (notice < 0 || notice > record) {
				t.Errorf("no notice of recording before it: %s", twiml)
			}
			if err := xml.Unmarshal([]byte(twiml), new(struct{ XMLName xml.Name })); err != nil {
				t.Errorf("not XML: %v: %s", err, twiml)
			}
			if len(p.Accepted()) > 0 {
				t.Error("something is stored before anything was said")
			}
		})
	}
}

func TestVoicemail(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	sound := &twiliotest.File{Type: "audio/mpeg", Data: []byte("ID3 sound")}
	call := p.server.KeepCall(twiliotest.Call{From: "+31612345678", Seconds: 23, Recording: sound})
	_, twiml := p.server.Ring(call, url.Values{"StirVerstat": {"TN-Validation-Passed-A"}, "CallerName": {"JANSEN K"}})
	if status := p.server.HangUp(call); status != http.StatusOK { // before the recording is ready
		t.Fatalf("hang up: %d", status)
	}
	for range 2 {
		if status := p.server.Recorded(call, twiml); status != http.StatusOK {
			t.Fatalf("recorded: %d", status)
		}
	}
	m := p.Only()
	if m.Channel != "phone" || m.Subject != "Voicemail" || m.Text != "Voicemail, 23s" || m.Name != "JANSEN K" || strings.Join(nodes(m.From), "") != "phone:+31612345678" {
		t.Errorf("message %+v", m)
	}
	if len(m.Attachments) != 1 || m.Attachments[0].Type != "audio/mpeg" || p.Blob(m.Attachments[0].Blob) != "ID3 sound" {
		t.Errorf("attachments %+v", m.Attachments)
	}
	// What a machine heard joins it.
	status, _ := p.server.Hook("/transcription?from=%2B31612345678&to=%2B31201234567", url.Values{
		"CallSid": {call.SID}, "TranscriptionSid": {twiliotest.SID("TR")}, "TranscriptionStatus": {"completed"}, "TranscriptionText": {"I have no signal"},
	})
	heard := p.Accepted()
	if status != http.StatusOK || len(heard) != 2 || heard[1].Automatic != message.Notice || !strings.Contains(heard[1].Text, "I have no signal") || heard[1].References[0] != m.References[0] {
		t.Errorf("transcription: %d, %+v", status, heard[len(heard)-1])
	}
}

func TestMissedCalls(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, from string
		more       url.Values
		rec        string // status of an empty recording
		node       string
		mark       string
	}{
		{"hung up during the greeting", "+31612345678", nil, "", "~phone:+31612345678", ""},
		{"said nothing", "+31612345678", nil, "absent", "~phone:+31612345678", ""},
		{"withheld", "anonymous", nil, "", "", twilio.MarkWithheld},
		{"withheld, as some networks write it", "+266696687", nil, "", "", twilio.MarkWithheld},
		{"from a computer", "sip:kate@PBX.example.org;transport=tls", nil, "", "~sip:kate@pbx.example.org", ""},
		{"from a telephone by a computer", "sip:+31612345678@pbx.example.org", nil, "", "~sip:+31612345678@pbx.example.org ~phone:+31612345678", ""},
		{"withheld, from a computer", "sip:anonymous@anonymous.invalid", nil, "", "", twilio.MarkWithheld},
		{"from an app", "client:kate", nil, "", "", ""},
		{"of a new area code", "+18612340177", nil, "", "~phone:+18612340177", ""},
		{"withheld in a word", "Restricted", nil, "", "", twilio.MarkWithheld},
		{"shown by nobody", "", nil, "", "", twilio.MarkWithheld},
		{"signed in full", "+31612345678", url.Values{"StirVerstat": {"TN-Validation-Passed-A"}}, "", "phone:+31612345678", ""},
		{"signed in part", "+31612345678", url.Values{"StirVerstat": {"TN-Validation-Passed-B"}}, "", "~phone:+31612345678", ""},
		{"forged", "+31612345678", url.Values{"StirVerstat": {"TN-Validation-Failed-C"}}, "", "~phone:+31612345678", twilio.MarkCallerForged},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := newPhone(t)
			c := twiliotest.Call{From: row.from}
			if row.rec != "" {
				c.Recording, c.RecordingStatus = &twiliotest.File{}, row.rec
			}
			call := p.server.KeepCall(c)
			_, twiml := p.server.Ring(call, row.more)
			if row.rec != "" {
				p.server.Recorded(call, twiml)
			}
			form := url.Values{"CallSid": {call.SID}, "From": {call.From}, "To": {call.To}, "CallStatus": {"completed"}, "CallDuration": {"4"}, "Direction": {"inbound"}}
			for k, v := range row.more {
				form[k] = v
			}
			for range 2 {
				if status, body := p.server.Hook("/call", form); status != http.StatusOK {
					t.Fatalf("call: %d %s", status, body)
				}
			}
			m := p.Only()
			if m.Subject != "Missed call" || strings.Join(nodes(m.From), " ") != row.node || strings.Join(m.Marks, ",") != row.mark {
				t.Errorf("subject %q, from %q, marks %q", m.Subject, nodes(m.From), m.Marks)
			}
			if shown := row.node == "" && row.mark == ""; shown != (m.Name == row.from && m.Name != "") || m.Automatic != message.ByPerson {
				t.Errorf("called %q, automatic %s; want a person, shown as the network shows them", m.Name, m.Automatic.Word())
			}
		})
	}
}

func TestCallsOfOthersAreLeftAlone(t *testing.T) {
	t.Parallel()
	p := newPhone(t, func(c *twilio.Config) { c.Voice.Enabled = false })
	call := p.server.KeepCall(twiliotest.Call{From: "+31612345678", Started: time.Now().Add(-10 * time.Minute)})
	if _, twiml := p.server.Ring(call, nil); !strings.Contains(twiml, "<Reject") {
		t.Errorf("answered %s", twiml)
	}
	p.server.HangUp(call)
	p.run()
	p.Eventually("a look", func() bool { return p.Position("position") != "" })
	if len(p.Accepted()) > 0 {
		t.Error("a call is taken in that others answer")
	}
}
