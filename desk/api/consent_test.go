package api_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"go.uber.org/zap"

	"loket/connectors"
	"loket/desk/api"
	"loket/internal/message"
	"loket/router/outbox"
)

// allows tells whether a purpose is allowed at an address, as the API shows it; false when nothing was said.
func allows(p *api.Permissions, identifier, purpose string) bool {
	for _, c := range p.Consent {
		if c.Identifier == identifier && c.Purpose == purpose {
			return c.Allowed
		}
	}
	return false
}

func writtenTo(p *api.Permissions, purpose string) string {
	for _, x := range p.Preferred {
		if x.Purpose == purpose {
			return x.Identifier
		}
	}
	return ""
}

func TestConsentIsOfTheAddressAndJoiningNeverWidensIt(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.as(programToken, "anna")
	kate := h.register("Kate", "cno:1", "email:kate@example.com")
	bob := h.register("Bob", "email:bob@example.com")
	p, err := anna.SetConsent(ctx, kate.ID, "email:kate@example.com", "newsletter", true, api.Because{Reason: "at the counter"})
	if err != nil || len(p.Consent) != 1 || p.Consent[0].Agent != "anna" || p.Consent[0].At.IsZero() || !allows(p, "email:kate@example.com", "newsletter") {
		t.Fatalf("SetConsent = %+v, %v", p, err)
	}
	log, err := anna.CustomerLog(ctx, kate.ID, 1, "")
	if err != nil || len(log.Entries) != 1 || log.Entries[0].Op != "consent" || log.Entries[0].Actor != "anna" ||
		log.Entries[0].Reason != "newsletter allowed: at the counter" || len(log.Entries[0].Identifiers) != 1 || log.Entries[0].Identifiers[0] != "email:kate@example.com" {
		t.Errorf("CustomerLog = %+v, %v; want who noted it and why", log, err)
	}
	if _, err := h.admin("anna").MergeCustomers(ctx, kate.ID, bob.ID, api.Because{}); err != nil {
		t.Fatal(err)
	}
	p, err = anna.Permissions(ctx, bob.ID)
	if err != nil || allows(p, "email:bob@example.com", "newsletter") || writtenTo(p, "newsletter") != "email:kate@example.com" {
		t.Errorf("Permissions after the merge = %+v, %v; want that only Kate's address may be written to", p, err)
	}
	if p, err = anna.SetConsent(ctx, kate.ID, "", "newsletter", false, api.Because{}); err != nil || writtenTo(p, "newsletter") != "" || allows(p, "", "newsletter") {
		t.Errorf("opted out: %+v, %v; want nothing at any address", p, err)
	}
	if _, err := h.admin("anna").UnmergeCustomers(ctx, kate.ID, bob.ID, api.Because{}); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{kate.ID, bob.ID} {
		if p, err := anna.Permissions(ctx, id); err != nil || writtenTo(p, "newsletter") != "" {
			t.Errorf("Permissions of %s apart again = %+v, %v; want that the refusal stands for both", id, p, err)
		}
	}
}

func TestMergingWithWhoOptedOutSilencesBoth(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	kate, bob := h.register("Kate", "email:kate@example.com"), h.register("Bob", "email:bob@example.com")
	if _, err := anna.SetConsent(ctx, kate.ID, "email:kate@example.com", "newsletter", true, api.Because{}); err != nil {
		t.Fatal(err)
	}
	if _, err := anna.SetConsent(ctx, bob.ID, "", "newsletter", false, api.Because{}); err != nil {
		t.Fatal(err)
	}
	if _, err := anna.MergeCustomers(ctx, kate.ID, bob.ID, api.Because{}); err != nil {
		t.Fatal(err)
	}
	if p, err := anna.Permissions(ctx, kate.ID); err != nil || writtenTo(p, "newsletter") != "" {
		t.Errorf("Permissions = %+v, %v; want that one refusal is enough", p, err)
	}
}

func TestPreferredAddressIsChosenAndTakenBack(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.as(programToken, "anna")
	kate := h.register("Kate", "cno:1", "email:kate@example.com", "email:work@example.com", "phone:+31612345678")
	for _, x := range []string{"email:work@example.com", "phone:+31612345678", "email:kate@example.com"} {
		if p, err := anna.SetPreferred(ctx, kate.ID, "", x, api.Because{}); err != nil || writtenTo(p, "service") != x {
			t.Errorf("SetPreferred(%s) = %+v, %v", x, p, err)
		}
	}
	if _, err := anna.SetConsent(ctx, kate.ID, "email:kate@example.com", "service", false, api.Because{}); err != nil {
		t.Fatal(err)
	}
	if p, err := anna.Permissions(ctx, kate.ID); err != nil || writtenTo(p, "service") == "email:kate@example.com" {
		t.Errorf("Permissions = %+v, %v; want the refused address passed over", p, err)
	}
	if _, err := anna.SetPreferred(ctx, kate.ID, "", "", api.Because{}); err != nil {
		t.Errorf("SetPreferred of nothing: %v", err)
	}
}

func TestAttributesAreShown(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	if _, err := anna.Import(ctx, strings.NewReader("customer_no,attribute.town\n1,Utrecht\n"), api.Import{}, nil); err != nil {
		t.Fatal(err)
	}
	owners, err := anna.Owners(ctx, "cno:1")
	if err != nil || len(owners.Customers) != 1 {
		t.Fatalf("Owners = %+v, %v", owners, err)
	}
	p, err := anna.Customer(ctx, owners.Customers[0].ID)
	if err != nil || len(p.Attributes) != 1 || p.Attributes[0].Name != "town" || p.Attributes[0].Value != "Utrecht" || p.Attributes[0].Source != "cno:1" {
		t.Errorf("Customer = %+v, %v; want her town", p, err)
	}
}

// mailbox is a channel that keeps what it is handed.
type mailbox struct {
	mu   sync.Mutex
	sent []*message.Message
}

func (m *mailbox) Send(_ context.Context, msg *message.Message) (connectors.Receipt, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent = append(m.sent, msg)
	return connectors.Receipt{ID: "m-" + msg.ID, State: connectors.Sent}, nil
}

func (m *mailbox) took() []*message.Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]*message.Message(nil), m.sent...)
}

// deliver runs an outbox that hands everything to m.
func (h *house) deliver(m *mailbox) {
	h.t.Helper()
	o, err := outbox.New(outbox.Options{
		Queue: h.queue, Threads: h.threads, Log: zap.NewNop(), Sender: func(string) connectors.Sender { return m },
	})
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = o.Run(ctx) })
	h.t.Cleanup(func() { cancel(); wg.Wait() })
}

func TestAnswerByThePreferredChannelStaysInTheTask(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	box := &mailbox{}
	h.deliver(box)
	kate := h.register("Kate", "cno:1", "email:kate@example.com", "phone:+31612345678")
	if _, err := anna.SetPreferred(ctx, kate.ID, "service", "email:kate@example.com", api.Because{}); err != nil {
		t.Fatal(err)
	}
	task := h.sent("phone:+31612345678", "attested")
	answer := api.Answer{Text: "by mail, as you like it", Via: "preferred", Key: "k"}
	done, err := anna.Reply(ctx, task.ID, answer)
	if err != nil || done.Via != "preferred" || done.Connector != "mailbox" || done.Channel != "email" || done.Thread == task.Threads[0] {
		t.Fatalf("Reply = %+v, %v; want it on the mailbox", done, err)
	}
	if again, err := anna.Reply(ctx, task.ID, answer); err != nil || again.Message != done.Message || again.Thread != done.Thread {
		t.Errorf("the same again = %+v, %v; want the same answer", again, err)
	}
	await(t, "the answer to be sent", func() bool { return len(box.took()) == 1 })
	if m := box.took()[0]; len(m.To) != 1 || m.To[0].String() != "email:kate@example.com" || m.Thread != done.Thread {
		t.Errorf("sent %+v, want it to her address", m)
	}
	if _, err := anna.Reply(ctx, task.ID, api.Answer{Text: "and here"}); err != nil {
		t.Fatal(err)
	}
	await(t, "both to be sent", func() bool { return len(box.took()) == 2 })
	if m := box.took()[1]; m.Thread != task.Threads[0] {
		t.Errorf("the next answer went to thread %s, want where she wrote: %s", m.Thread, task.Threads[0])
	}
	second, err := anna.Reply(ctx, task.ID, api.Answer{Text: "once more", Via: "preferred"})
	if err != nil || second.Thread != done.Thread {
		t.Errorf("Reply again = %+v, %v; want the thread that was begun", second, err)
	}
	if _, err := anna.TakeIn(ctx, api.NewMessage{Thread: done.Thread, Connector: "mailbox", Channel: "email", From: []string{"email:kate@example.com"}, Text: "thanks"}); err != nil {
		t.Fatal(err)
	}
	await(t, "what she answers to be in the task", func() bool {
		now, err := anna.Task(ctx, task.ID)
		return err == nil && len(now.Messages) == 5 && now.Threads[len(now.Threads)-1] == done.Thread
	})
}

func TestAnswerByThePreferredChannelIsRefusedWithTheReason(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	kate := h.register("Kate", "cno:1", "email:kate@example.com", "phone:+31612345678")
	refused := func(name string, task *api.Task, part string) {
		t.Helper()
		_, err := anna.Reply(ctx, task.ID, api.Answer{Text: "x", Via: "preferred"})
		var p *api.Problem
		if !errors.As(err, &p) || p.Status != 422 || p.Field != "via" || !strings.Contains(p.Detail, part) {
			t.Errorf("%s: Reply = %v, want 422 that says %q", name, err, part)
		}
	}
	sure := h.sent("email:kate@example.com", "attested")
	if _, err := anna.SetPreferred(ctx, kate.ID, "", "phone:+31612345678", api.Because{}); err != nil {
		t.Fatal(err)
	}
	refused("no connector", sure, "no connector here")
	refused("a claim", h.sent("email:kate@example.com", "claimed"), "not sure who")
	if _, err := anna.SetConsent(ctx, kate.ID, "", "service", false, api.Because{}); err != nil {
		t.Fatal(err)
	}
	refused("opted out", sure, "no verified address")
	if _, err := anna.Reply(ctx, sure.ID, api.Answer{Text: "where she asked"}); err != nil {
		t.Errorf("an answer where she asked: %v, want it taken", err)
	}
}
