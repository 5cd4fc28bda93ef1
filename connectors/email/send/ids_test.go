package send_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"loket/connectors/email/send"
	"loket/internal/message"
	"loket/internal/proptest"
)

func anID(t *rapid.T, label string) string {
	return message.NewID([]byte(rapid.String().Draw(t, label)))
}

func TestIDsComeBackThroughAnyCase(t *testing.T) {
	turns := []func(string) string{strings.ToUpper, strings.ToLower, strings.Clone, func(s string) string { return "<" + s + ">" }}
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		r := send.Ref{Thread: anID(t, "thread"), Message: anID(t, "message")}
		turn := rapid.SampledFrom(turns).Draw(t, "turn")
		local := rapid.StringMatching(`[a-z][a-z0-9+-]{0,23}`).Draw(t, "local")
		sep := rapid.SampledFrom([]string{"+", "-", "_"}).Draw(t, "sep")
		address := local + "@example.org"

		if got, ok := ids.Of(turn(ids.MessageID(r, "example.org"))); !ok || got != r {
			t.Fatalf("Of(MessageID(%v)) = %v, %v", r, got, ok)
		}
		answers, ok := ids.AnswerTo(address, sep, r.Thread)
		if !ok || strings.LastIndexByte(answers, '@') > 64 {
			t.Fatalf("AnswerTo(%q) = %q, %v, want at most 64 bytes before the @", address, answers, ok)
		}
		if got, ok := ids.Answered(turn(answers)); !ok || got != r.Thread {
			t.Fatalf("Answered(%q) = %v, %v, want %v", answers, got, ok, r.Thread)
		}
		bounces, _ := ids.BounceTo(address, sep, r.Message)
		if got, ok := ids.Bounced(turn(bounces)); !ok || got != r.Message {
			t.Fatalf("Bounced(%q) = %v, %v, want %v", bounces, got, ok, r.Message)
		}
		if _, err := message.Email(answers, message.Mentioned); err != nil {
			t.Fatalf("AnswerTo gives no address: %v", err)
		}
	})
}

func TestIDsOfOthersAreNotOurs(t *testing.T) {
	other := send.NewIDs(tokens("another key"))
	r := send.Ref{Thread: thread, Message: message.NewID([]byte("m"))}
	id := ids.MessageID(r, "example.org")
	answers, _ := ids.AnswerTo("help@example.org", "+", thread)
	bounces, _ := ids.BounceTo("help@example.org", "+", r.Message)
	otherThread := message.NewID([]byte("another thread"))

	for name, bad := range map[string]string{
		"another key":                other.MessageID(r, "example.org"),
		"thread exchanged":           strings.Replace(id, thread, otherThread, 1),
		"message exchanged":          strings.Replace(id, r.Message, otherThread, 1),
		"shorter":                    strings.Replace(id, "@", "x@", 1),
		"longer":                     "x" + id,
		"nothing":                    "",
		"only the mark":              "loket...@example.org",
		"letters that fold to ASCII": strings.Replace(id, "loket", "lo\u212Aet", 1),
		"an address":                 answers,
	} {
		if got, ok := ids.Of(bad); ok {
			t.Errorf("%s: Of(%q) = %v, want none", name, bad, got)
		}
	}
	if _, ok := ids.Bounced(answers); ok {
		t.Error("an address for answers passes as one for bounces")
	}
	if _, ok := ids.Answered(bounces); ok {
		t.Error("an address for bounces passes as one for answers")
	}
	if _, ok := ids.Bounced(strings.Replace(answers, "+t", "+b", 1)); ok {
		t.Error("the MAC of an address for answers passes for bounces")
	}
	if _, ok := ids.Answered("help+t" + strings.Repeat("a", 38) + "@example.org"); ok {
		t.Error("an address with a made-up MAC passes")
	}
	if strings.Contains(answers+id, tokens("key").Token(thread)[27:]) {
		t.Error("the token of the thread, which opens its page, stands in the mail")
	}
}

func TestAnswerAddressSurvivesRelays(t *testing.T) {
	answers, _ := ids.AnswerTo("help@example.org", "+", thread)
	local, _, _ := strings.Cut(answers, "@")
	for _, got := range []string{"prvs=1234abcdef=" + answers, "SRS0=HHH=TT=example.org=" + local + "@forward.example"} {
		if th, ok := ids.Answered(got); !ok || th != thread {
			t.Errorf("Answered(%q) = %q, %v, want %q", got, th, ok, thread)
		}
	}
}

func TestLongAddressesCarryNoToken(t *testing.T) {
	for local, want := range map[string]bool{
		strings.Repeat("a", send.MaxLocal): true, strings.Repeat("a", send.MaxLocal+1): false, "": false,
	} {
		if got, ok := ids.AnswerTo(local+"@example.org", "+", thread); ok != want {
			t.Errorf("AnswerTo of %d characters = %q, %v, want %v", len(local), got, ok, want)
		}
	}
	if _, ok := ids.AnswerTo("help@example.org", "", thread); ok {
		t.Error("AnswerTo without a separator gives an address")
	}
}

func FuzzIDsNeverPanicNorInvent(f *testing.F) {
	r := send.Ref{Thread: thread, Message: message.NewID([]byte("m"))}
	answers, _ := ids.AnswerTo("help@example.org", "+", thread)
	for _, s := range []string{ids.MessageID(r, "example.org"), answers, "<>", "@", "loket.a.b.c@d", "\xff@"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, ok := ids.Of(s); ok && got != r {
			t.Errorf("Of(%q) = %v", s, got)
		}
		if got, ok := ids.Answered(s); ok && got != thread {
			t.Errorf("Answered(%q) = %v", s, got)
		}
		if got, ok := ids.Bounced(s); ok {
			t.Errorf("Bounced(%q) = %v", s, got)
		}
	})
}

func TestIDsOfForwardedTasksAreOfTheirOwnKind(t *testing.T) {
	const task = "01KBA0ZZZZ8Y9TQ1M3V5W7X9Z1"
	f := send.Forwarded{Task: task, Message: message.NewID([]byte("m"))}
	id := ids.ForwardID(f, "example.org")
	address, ok := ids.ForwardTo("help@example.org", "+", task)
	if !ok {
		t.Fatal("no address")
	}
	for _, turn := range []func(string) string{strings.ToUpper, strings.ToLower} {
		if got, ok := ids.OfForward("<" + turn(id) + ">"); !ok || got != f {
			t.Errorf("OfForward(%q) = %v, %v", turn(id), got, ok)
		}
		if got, ok := ids.ForwardAnswered(turn(address)); !ok || got != task {
			t.Errorf("ForwardAnswered(%q) = %v, %v", turn(address), got, ok)
		}
	}
	if got, ok := ids.Sent(id); !ok || got != f.Message || !ids.Tagged(address) {
		t.Errorf("Sent(%q) = %v, %v; Tagged(%q) = %v", id, got, ok, address, ids.Tagged(address))
	}
	other := send.NewIDs(tokens("another key"))
	for name, bad := range map[string]string{
		"another key":  other.ForwardID(f, "example.org"),
		"another task": strings.Replace(id, strings.ToLower(task), strings.ToLower("01KBA0ZZZZ8Y9TQ1M3V5W7X9Z2"), 1),
		"a thread's":   ids.MessageID(send.Ref{Thread: thread, Message: f.Message}, "example.org"),
	} {
		if got, ok := ids.OfForward(bad); ok {
			t.Errorf("%s: OfForward = %v", name, got)
		}
	}
	answers, _ := ids.AnswerTo("help@example.org", "+", thread)
	for name, bad := range map[string]string{"a thread's": answers, "as a thread's": strings.Replace(answers, "+t", "+f", 1)} {
		if got, ok := ids.ForwardAnswered(bad); ok {
			t.Errorf("%s: ForwardAnswered = %v", name, got)
		}
	}
	if _, ok := ids.Of(id); ok {
		t.Error("Of knows what was forwarded")
	}
	if _, ok := ids.Answered(strings.Replace(address, "+f", "+t", 1)); ok {
		t.Error("Answered knows the address of what was forwarded")
	}
}
