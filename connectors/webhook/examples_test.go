package webhook_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/config"
	"loket/connectors"
	"loket/connectors/connectortest"
	"loket/connectors/webhook"
	"loket/internal/message"
)

// shown is a message as the page shows it.
type shown struct {
	Own         string    `json:"own,omitempty"`
	Channel     string    `json:"channel,omitempty"`
	Public      bool      `json:"public,omitempty"`
	From        []string  `json:"from,omitempty"`
	Name        string    `json:"name,omitempty"`
	Subject     string    `json:"subject,omitempty"`
	Text        string    `json:"text,omitempty"`
	Language    string    `json:"language,omitempty"`
	Sent        time.Time `json:"sent,omitzero"`
	References  []string  `json:"references,omitempty"`
	Link        string    `json:"link,omitempty"`
	Attachments []string  `json:"attachments,omitempty"`
}

func show(m *message.Message) shown {
	s := shown{
		Own: m.Own, Channel: m.Channel, Public: m.Public, Name: m.Name, Subject: m.Subject, Text: m.Text, Language: m.Language, Sent: m.Sent,
		References: m.References, Link: m.Link,
	}
	for _, id := range m.From {
		s.From = append(s.From, id.String()+" "+id.Level.String())
	}
	for _, a := range m.Attachments {
		s.Attachments = append(s.Attachments, a.Name)
	}
	return s
}

// An example is a heading of the page with its blocks, by their kinds.
type example struct {
	heading string
	blocks  map[string]string
}

func examples(t *testing.T) (all []example) {
	t.Helper()
	page, err := os.ReadFile("../../docs/channels/webhook.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")
	for _, section := range strings.Split(string(page), "\n### ")[1:] {
		e := example{blocks: map[string]string{}}
		e.heading, _, _ = strings.Cut(section, "\n")
		for _, b := range block.FindAllStringSubmatch(section, -1) {
			e.blocks[b[1]] = b[2]
		}
		all = append(all, e)
	}
	return all
}

// TestExamplesOfThePage: each request becomes that message, and the answer goes by that call.
func TestExamplesOfThePage(t *testing.T) {
	for _, name := range []string{"SMS_SIGNING_KEY", "SMS_ACCESS_KEY", "SMS_TOKEN", "SMS_SECRET", "LINE_CHANNEL_SECRET", "LINE_TOKEN", "REVIEW_SECRET", "REVIEW_TOKEN", "ALARM_PASSWORD"} {
		t.Setenv(name, "a-secret-of-"+name)
	}
	all := examples(t)
	if len(all) != 5 {
		t.Fatalf("%d examples, want 5", len(all))
	}
	for _, e := range all {
		t.Run(e.heading, func(t *testing.T) {
			cfg, err := config.Parse("page.yaml", []byte(e.blocks["yaml"]+"teams: {support: {}}\nfallback_team: support\n"), t.TempDir(), []connectors.Type{webhook.Type()})
			if err != nil {
				t.Fatal(err)
			}
			c, err := webhook.Type().New(cfg.Connectors[0].Settings, connectortest.New(t).Env(cfg.Connectors[0].Name))
			if err != nil {
				t.Fatal(err)
			}
			got, err := c.(connectors.Rehearser).Rehearse([]byte(e.blocks["http"]), time.Now())
			if err != nil || len(got) != 1 {
				t.Fatalf("Rehearse = %v, %v; want one message", got, err)
			}
			var want shown
			if err := json.Unmarshal([]byte(e.blocks["json"]), &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, show(got[0])); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
			replies, ok := c.(connectors.ReplyRehearser)
			if ok != (e.blocks["text"] != "") {
				t.Fatalf("answers: %v", ok)
			}
			if !ok {
				return
			}
			answer := &message.Message{ID: message.NewID([]byte("answer")), To: got[0].From, References: append(got[0].References, got[0].Own), Text: "Thank you."}
			lines, err := replies.RehearseReply(answer)
			call := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`).ReplaceAllString(strings.ReplaceAll(strings.Join(lines, "\n"), answer.ID, "ID"), "UUID")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.TrimSpace(e.blocks["text"]), call); diff != "" {
				t.Errorf("call (-want +got):\n%s", diff)
			}
		})
	}
}
