package api

import (
	"encoding/json"
	"strings"
	"testing"

	"loket/internal/field"
	"loket/internal/message"
)

func TestReadMessageTakesIdentifiersInEveryForm(t *testing.T) {
	in, err := readMessage([]byte(`{
		"from": ["email:Kate@Example.org", {"kind": "phone", "value": "020 123 4567"}, {"kind": "psid", "scope": "1", "value": "22", "level": "attested"}],
		"email": "kate@example.com", "phone": "+31 20 123 4568", "customer_no": "C 7", "to": ["email:help@example.org"]
	}`), "NL")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"email:kate@example.org claimed", "phone:+31201234567 claimed", "psid:1:22 attested",
		"email:kate@example.com claimed", "phone:+31201234568 claimed", "cno:C 7 claimed",
	}
	var got []string
	for _, id := range in.Message.From {
		got = append(got, id.String()+" "+id.Level.String())
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		t.Errorf("from = %v, want %v", got, want)
	}
	if len(in.Message.To) != 1 || in.Message.Connector != "desk" || in.Message.ID != "" {
		t.Errorf("message = %+v", in.Message)
	}
}

func TestReadMessageTellsEveryMistakeAndKeepsTheRest(t *testing.T) {
	in, err := readMessage([]byte(`{
		"text": "what\r\nwas\u0000 said", "from": ["email:x", "email:kate@example.org"], "email": "y", "channel": "Web Form",
		"language": "Dutch!", "automatic": "perhaps", "sent": "noon", "attachments": [{"name": "a", "data": "%"}], "references": [""]
	}`), "NL")
	var paths []string
	for _, e := range field.All(err) {
		paths = append(paths, e.Path)
	}
	want := "channel language references[0] from[0] email automatic sent attachments[0].data"
	if got := strings.Join(paths, " "); got != want {
		t.Errorf("mistakes at %q, want %q", got, want)
	}
	if m := in.Message; m.Text != "what\nwas said" || len(m.From) != 1 {
		t.Errorf("message = %+v, want what could be read", m)
	}
	for _, broken := range []string{"", "[]", "{", `"x"`, `{"text": 1}`} {
		if in, _ := readMessage([]byte(broken), "NL"); in == nil || in.Message == nil {
			t.Errorf("readMessage(%q) gives no message", broken)
		}
	}
}

func TestIDsOfDifferentConnectorsNeverMeet(t *testing.T) {
	id := func(text string) string {
		in, err := readMessage([]byte(text), "NL")
		if err != nil || !message.ValidID(in.Message.ID) {
			t.Fatalf("readMessage(%s) = %+v, %v", text, in, err)
		}
		return in.Message.ID
	}
	if id(`{"id": "1", "text": "x"}`) != id(`{"id": "1", "text": "y", "connector": "desk"}`) {
		t.Error("the same id gives two messages")
	}
	if id(`{"id": "1", "connector": "crm"}`) == id(`{"id": "1", "connector": "shop"}`) {
		t.Error("ids of two connectors meet")
	}
}

func FuzzReadMessage(f *testing.F) {
	f.Add(`{"from": ["email:kate@example.org", {"kind": "x"}], "text": "x", "attachments": [{"data": "YQ=="}]}`)
	f.Add(`{"from": [null, [], {}], "references": [""], "quoted": "q"}`)
	f.Fuzz(func(t *testing.T, text string) {
		in, err := readMessage([]byte(text), "NL")
		if in == nil || in.Message == nil {
			t.Fatal("no message")
		}
		if err != nil {
			return
		}
		if len(in.Files) != len(in.Message.Attachments) {
			t.Errorf("%d files of %d attachments", len(in.Files), len(in.Message.Attachments))
		}
		for _, id := range in.Message.From {
			if id.Level > message.Vouched {
				t.Errorf("%v is %v", id, id.Level)
			}
		}
	})
}

func TestInstantsThatNoStoreCanHoldAreRefused(t *testing.T) {
	for sent, good := range map[string]bool{
		"9999-12-31T23:59:59-01:00": false, // of the year 10000 in UTC
		"0001-01-01T00:00:00+01:00": false,
		"9999-12-31T23:59:59Z":      true,
		"0001-01-02T00:00:00+01:00": true,
	} {
		in, err := readMessage([]byte(`{"channel": "phone", "text": "x", "sent": "`+sent+`"}`), "NL")
		if (err == nil) != good {
			t.Errorf("sent %s: %v", sent, err)
		}
		if _, broken := json.Marshal(in.Message); broken != nil {
			t.Errorf("sent %s: the message cannot be stored: %v", sent, broken)
		}
	}
}
