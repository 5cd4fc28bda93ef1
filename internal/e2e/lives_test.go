package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loket/connectors/twilio/twiliotest"
	"loket/desk/api"
)

// taken waits until so many tasks are there, and gives them by the text that they began with.
func (d *daemon) taken(n int, channel string) map[string]*api.Task {
	d.tb.Helper()
	out := map[string]*api.Task{}
	d.await(fmt.Sprint(n, " tasks"), func() bool {
		page, err := d.client("anna").List(d.tb.Context(), api.Listing{Team: "support", Limit: 100})
		if err != nil {
			return false
		}
		clear(out)
		for _, t := range page.Tasks {
			whole, err := d.client("anna").Task(d.tb.Context(), t.ID)
			if err != nil {
				return false
			}
			if len(whole.Messages) > 0 && whole.Channel == channel {
				out[whole.Messages[0].Text] = whole
			}
		}
		return len(out) == n
	})
	return out
}

// TestNumberThatChangedHands: whoever has a retired number now is somebody else, whatever the CRM repeats; what they write
// begins a conversation of its own that shows nothing of the old owner; and each one's export is their own.
func TestNumberThatChangedHands(t *testing.T) {
	t.Parallel()
	d, server := newPhone(t)
	const row = `{"id":"4711","name":"Kate Vriesema","emails":["kate@vriesema.example"],"phones":["0612345678"]}` + "\n"
	file := filepath.Join(d.dir, "crm.ndjson")
	if err := os.WriteFile(file, []byte(row), 0o600); err != nil {
		t.Fatal(err)
	}
	loket := func(args ...string) string {
		t.Helper()
		out, code := d.loket("", args...)
		if code != 0 {
			t.Fatalf("loket %s: %d: %s", strings.Join(args, " "), code, out)
		}
		return out
	}
	loket("customer", "import", "--system", "crm", file)
	say := func(text string) { server.Receive(twiliotest.Message{From: "+31612345678", Body: text}) }
	say("swordfish of Kate")
	kates := d.taken(1, "sms")["swordfish of Kate"]
	kate := kates.Customer.ID
	if out, code := d.loket("Dear Kate Vriesema\n", "reply", kates.Number); code != 0 {
		t.Fatalf("loket reply: %d: %s", code, out)
	}
	d.delivery(1, "sent")

	loket("customer", "retire", kate, "phone:+31612345678", "--reason", "she has a new one")
	loket("customer", "import", "--system", "crm", file)
	say("marzipan of the next one")
	say("and more marzipan")
	tasks := d.taken(2, "sms")
	stranger := tasks["marzipan of the next one"]
	if stranger == nil {
		t.Fatalf("the stranger's words are not in a task of their own: %v", tasks)
	}
	d.await("both words in one task", func() bool {
		stranger, _ = d.client("anna").Task(t.Context(), stranger.ID)
		return stranger != nil && len(stranger.Messages) == 2
	})
	who := stranger.Customer
	if who.ID == "" || who.ID == kate || who.Name != "" || len(who.Candidates) > 0 || stranger.Earlier != nil && len(stranger.Earlier.Tasks) > 0 {
		t.Errorf("the stranger is %+v, before that %+v", who, stranger.Earlier)
	}
	if len(stranger.Links) != 1 || stranger.Links[0] != kates.Number || !strings.Contains(strings.Join(stranger.Messages[0].Marks, ","), "somebody else's time") {
		t.Errorf("links %q, marks %q", stranger.Links, stranger.Messages[0].Marks)
	}
	for _, text := range []string{loket("show", stranger.Number), loket("customer", "history", who.ID), loket("customer", "show", who.ID)} {
		if strings.Contains(text, "swordfish") || strings.Contains(text, "Vriesema") || strings.Contains(text, "vriesema") {
			t.Errorf("the old owner shows:\n%s", text)
		}
	}
	if now, err := d.client("anna").Task(t.Context(), kates.ID); err != nil || len(now.Messages) != 2 || now.Customer.ID != kate {
		t.Errorf("Kate's task is %+v, %v", now, err)
	}
	if out, code := d.loket("For Kate only\n", "reply", kates.Number); code == 0 || !strings.Contains(out, "given up") {
		t.Errorf("an answer to Kate goes to the stranger: %d: %s", code, out)
	}
	for id, words := range map[string][2]string{kate: {"swordfish", "marzipan"}, who.ID: {"marzipan", "swordfish"}} {
		name := filepath.Join(d.dir, id+".json")
		loket("customer", "export", id, "--format", "json", "-o", name)
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(text) || !strings.Contains(string(text), words[0]) || strings.Contains(string(text), words[1]) {
			t.Errorf("the export of %s has not only their own:\n%s", id, text)
		}
	}

	// The next owner claims the number later, and is erased: Kate keeps what is hers.
	if _, err := d.client("anna").LinkIdentifier(t.Context(), who.ID, "email:bob@example.org", api.Because{}); err != nil {
		t.Fatal(err)
	}
	loket("customer", "erase", who.ID, "--confirm", "--reason", "asked")
	if now, err := d.client("anna").Task(t.Context(), kates.ID); err != nil || len(now.Messages) != 2 || now.Messages[0].Text != "swordfish of Kate" {
		t.Errorf("after erasing the stranger Kate's task is %+v, %v", now, err)
	}
	if out := loket("customer", "history", kate); !strings.Contains(out, kates.Number) {
		t.Errorf("Kate's history:\n%s", out)
	}
	say("marzipan once more")
	d.await("whoever was erased to be somebody new", func() bool {
		page, err := d.client("anna").List(t.Context(), api.Listing{Team: "support", State: "queued", Limit: 100})
		return err == nil && len(page.Tasks) == 1 && page.Tasks[0].Customer.ID != "" && page.Tasks[0].Customer.ID != who.ID && page.Tasks[0].Customer.ID != kate
	})

	// Another account of WhatsApp on one number is somebody else's, who does not write into the first one's conversation.
	for _, account := range []string{"1", "2"} {
		server.Receive(twiliotest.Message{
			From: "whatsapp:+31687654321", To: "whatsapp:" + twiliotest.Number, Body: "account " + account,
			Form: url.Values{"ProfileName": {"Name " + account}, "WaId": {"31687654321"}, "ExternalUserId": {"whatsapp:NL.456654613024082" + account}},
		})
		d.settled()
	}
	accounts := d.taken(2, "whatsapp")
	one, two := accounts["account 1"], accounts["account 2"]
	if one == nil || two == nil || one.Customer.ID == two.Customer.ID || len(two.Links) != 1 || two.Links[0] != one.Number {
		t.Fatalf("two accounts are %+v and %+v", one, two)
	}
	if out := loket("show", two.Number); strings.Contains(out, "account 1") || !strings.Contains(out, "several accounts of one platform") {
		t.Errorf("the second account's task:\n%s", out)
	}
	d.healthy()
	d.stop()
}

// TestErasedTwice: who was erased and writes again is a customer like any stranger, who can be exported and erased again.
func TestErasedTwice(t *testing.T) {
	t.Parallel()
	d, server := newPhone(t)
	last := ""
	for round := range 3 {
		text := fmt.Sprint("swordfish ", round)
		server.Receive(twiliotest.Message{From: "whatsapp:+31612345678", To: "whatsapp:" + twiliotest.Number, Body: text, Form: url.Values{"ProfileName": {"Kate"}}})
		var id string
		d.await("the message to be somebody's", func() bool {
			page, err := d.client("anna").List(t.Context(), api.Listing{Team: "support", State: "queued", Limit: 100})
			if err != nil || len(page.Tasks) != 1 {
				return false
			}
			id = page.Tasks[0].Customer.ID
			return id != "" && id != last
		})
		if out, code := d.loket("", "customer", "export", id, "--format", "json", "-o", "-"); code != 0 || !strings.Contains(out, text) {
			t.Errorf("customer export: %d: %s", code, out)
		}
		if out, code := d.loket("", "customer", "erase", id, "--confirm", "--reason", "asked"); code != 0 {
			t.Fatalf("customer erase: %d: %s", code, out)
		}
		if out, code := d.loket("", "customer", "show", id); code == 0 {
			t.Errorf("customer show of who was erased: %s", out)
		}
		last = id
	}
	d.healthy()
	d.stop()
}
