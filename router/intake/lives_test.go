package intake_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/identity"
	"loket/internal/message"
	"loket/internal/store/storetest"
	"loket/router/intake"
	"loket/router/queue"
)

// shows reads identifiers that a channel attests, or that are only claimed.
func shows(t *testing.T, level message.Level, words ...string) []message.Identifier {
	t.Helper()
	var out []message.Identifier
	for _, w := range words {
		id, err := message.ParseIdentifier(w, "NL", level)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, id)
	}
	return out
}

// A person writes from where others wrote before, or since.
type correspondence struct {
	*env
	who *identity.Registry
	n   int
}

func newCorrespondence(t *testing.T) *correspondence {
	c := &correspondence{}
	c.env = newEnv(t, storetest.New(t), func(o *intake.Options) { c.who = o.Registry })
	return c
}

// said takes in a message of some time ago, and gives it as its thread has it, with its task.
func (c *correspondence) said(ago time.Duration, m message.Message) (*message.Message, *queue.Task) {
	c.t.Helper()
	c.n++
	m.ID, m.Own = message.NewID([]byte(fmt.Sprint("said ", c.n))), fmt.Sprintf("<%d@x>", c.n)
	m.Received = time.Now().Add(-ago)
	if m.Channel == "" {
		m.Connector, m.Channel = "phone", "sms"
	}
	if m.Text == "" {
		m.Text = fmt.Sprint("words ", c.n)
	}
	c.accept(&m)
	for _, task := range c.tasks(c.t) {
		for _, id := range task.Threads {
			if e, err := c.threads.Message(c.t.Context(), id, m.ID); err == nil {
				return e.Message, task
			}
		}
	}
	c.t.Fatalf("message %q is in no task", m.Text)
	return nil, nil
}

// TestAnAddressThatChangedHandsBeginsAnew: whoever has an address now does not come into the conversation of whoever had it
// before, by whatever it is found, nor the other way round.
func TestAnAddressThatChangedHandsBeginsAnew(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		from  []string
		level message.Level
		m     message.Message
	}{
		"SMS":           {from: []string{"phone:0612345678"}, level: message.Attested, m: message.Message{References: []string{"pair:1"}}},
		"WhatsApp":      {from: []string{"wa:31612345678", "phone:0612345678"}, level: message.Attested, m: message.Message{References: []string{"pair:1"}}},
		"a caller":      {from: []string{"phone:0612345678"}, level: message.Claimed, m: message.Message{References: []string{"pair:1"}, Channel: "phone", Connector: "phone"}},
		"mail":          {from: []string{"email:kate@example.org"}, level: message.Attested, m: message.Message{References: []string{"<1@x>"}, Channel: "email", Connector: "mail"}},
		"unsure mail":   {from: []string{"email:kate@example.org"}, level: message.Claimed, m: message.Message{References: []string{"<1@x>"}, Channel: "email", Connector: "mail"}},
		"account of X":  {from: []string{"xu:5", "xh:kate"}, level: message.Attested, m: message.Message{References: []string{"dm/1"}, Channel: "x", Connector: "x"}},
		"chat, account": {from: []string{"sub:login.example.org:1"}, level: message.Proven, m: message.Message{References: []string{"room/1"}, Channel: "chat", Connector: "chat"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCorrespondence(t)
			m := row.m
			m.From = shows(t, row.level, row.from...)
			first, kates := c.said(5*time.Hour, m)
			for _, x := range m.From {
				if row.level == message.Claimed { // somebody must have had it
					x.Level = message.Vouched
					if _, err := c.who.Register(t.Context(), []message.Identifier{x}, "Kate", identity.Actor{Name: "anna", At: time.Now().Add(-6 * time.Hour)}); err != nil {
						t.Fatal(err)
					}
				}
				x.Level = 0
				if err := c.who.Retire(t.Context(), x, time.Now().Add(-3*time.Hour), identity.Actor{Name: "anna"}); err != nil {
					t.Fatal(err)
				}
			}
			next, theirs := c.said(2*time.Hour, m)
			if next.Thread == first.Thread || theirs.ID == kates.ID || !slices.Equal(theirs.Links, []string{kates.ID}) || !slices.Contains(next.Marks, intake.MarkOthersTime) ||
				slices.Contains(next.Marks, intake.MarkNewParticipant) {
				t.Errorf("the next one's words are in task %s, links %v, marks %v; the first one's in %s", theirs.ID, theirs.Links, next.Marks, kates.ID)
			}
			again, same := c.said(time.Hour, m)
			if again.Thread != next.Thread || same.ID != theirs.ID || len(again.Marks) > 0 {
				t.Errorf("their next words are in task %s with marks %v, want %s", same.ID, again.Marks, theirs.ID)
			}
			if held, same := c.said(150*time.Minute, m); same.ID != theirs.ID || !slices.Contains(held.Marks, intake.MarkOthersTime) {
				t.Errorf("their first words, walked after later ones, are in task %s with marks %v, want %s and the mark", same.ID, held.Marks, theirs.ID)
			}
			if late, old := c.said(4*time.Hour, m); late.Thread != first.Thread || old.ID != kates.ID || len(late.Marks) > 0 {
				t.Errorf("a late message of the first is in task %s with marks %v, want %s", old.ID, late.Marks, kates.ID)
			}
			number := m
			number.References, number.Ticket = nil, queue.FormatNumber(kates.Number)
			if named, task := c.said(30*time.Minute, number); task.ID != theirs.ID && !slices.Contains(task.Links, kates.ID) || named.Thread == first.Thread {
				t.Errorf("by the number of the first one's task they come into %s", task.ID)
			}
			c.check()
		})
	}
}

// TestManyAtOnceAfterANumberChangedHands: all words of the next one make one task.
func TestManyAtOnceAfterANumberChangedHands(t *testing.T) {
	t.Parallel()
	c := newCorrespondence(t)
	m := message.Message{From: shows(t, message.Attested, "phone:0612345678"), References: []string{"pair:1"}}
	c.said(5*time.Hour, m)
	if err := c.who.Retire(t.Context(), m.From[0], time.Now().Add(-3*time.Hour), identity.Actor{Name: "anna"}); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			one := m
			one.ID, one.Connector, one.Channel, one.Text = message.NewID([]byte(fmt.Sprint("at once ", i))), "phone", "sms", fmt.Sprint(i)
			one.Received = time.Now()
			if err := c.Accept(t.Context(), &one); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	c.drain()
	c.want(2, 13, 0, 0)
}

// TestAnsweredInTheAppAfterANumberChangedHands: what one of us writes to the number in the channel's own app is the next one's.
func TestAnsweredInTheAppAfterANumberChangedHands(t *testing.T) {
	t.Parallel()
	c := newCorrespondence(t)
	m := message.Message{From: shows(t, message.Attested, "phone:0612345678"), References: []string{"pair:1"}}
	first, _ := c.said(5*time.Hour, m)
	if err := c.who.Retire(t.Context(), m.From[0], time.Now().Add(-3*time.Hour), identity.Actor{Name: "anna"}); err != nil {
		t.Fatal(err)
	}
	next, _ := c.said(2*time.Hour, m)
	c.accept(&message.Message{
		ID: message.NewID([]byte("ours")), Direction: message.Out, Connector: "phone", Channel: "sms", Own: "ours", To: shows(t, message.Mentioned, "phone:0612345678"),
		References: []string{"pair:1"}, Text: "for the next one", Sent: time.Now(), Received: time.Now(),
	})
	if got := c.texts(next.Thread); !slices.Equal(got, []string{" words 2", "out for the next one"}) {
		t.Errorf("the next one's conversation says %q", got)
	}
	if got := c.texts(first.Thread); !slices.Equal(got, []string{" words 1"}) {
		t.Errorf("the first one's conversation says %q", got)
	}
}

// TestAnotherAccountOnANumberWritesElsewhere: whoever writes from another account of WhatsApp on a number is somebody else until it is
// shown that they are not, and each stays in their own conversation.
func TestAnotherAccountOnANumberWritesElsewhere(t *testing.T) {
	t.Parallel()
	c := newCorrespondence(t)
	account := func(id string) message.Message {
		return message.Message{
			From: shows(t, message.Attested, "bsuid:p:NL."+id, "wa:31612345678", "phone:0612345678"), Channel: "whatsapp", Connector: "phone",
			References: []string{"pair:number", "pair:NL." + id},
		}
	}
	first, kates := c.said(5*time.Hour, account("1"))
	next, theirs := c.said(4*time.Hour, account("2"))
	if next.Thread == first.Thread || theirs.ID == kates.ID || !slices.Equal(theirs.Links, []string{kates.ID}) || !slices.Contains(next.Marks, intake.MarkOthersAccount) {
		t.Errorf("another account's words are in task %s, links %v, marks %v", theirs.ID, theirs.Links, next.Marks)
	}
	if err := c.threads.Bind(t.Context(), "phone", []string{"pair:number", "pair:NL.2"}, next.Thread); err != nil { // as an answer does
		t.Fatal(err)
	}
	for id, want := range map[string]*message.Message{"1": first, "2": next} {
		if m, _ := c.said(time.Hour, account(id)); m.Thread != want.Thread || len(m.Marks) > 0 {
			t.Errorf("account %s goes on in thread %s with marks %v, want %s", id, m.Thread, m.Marks, want.Thread)
		}
	}
	one, err := c.who.Resolve(t.Context(), identity.Subject{IDs: account("1").From, Look: true})
	if err != nil {
		t.Fatal(err)
	}
	two, err := c.who.Resolve(t.Context(), identity.Subject{IDs: account("2").From, Look: true})
	if err != nil || one.Customer == two.Customer || one.Customer == "" || two.Customer == "" || !slices.Contains(two.Signs, identity.SignAccounts) {
		t.Errorf("the accounts are %+v and %+v, %v", one, two, err)
	}
	if _, err := c.who.Merge(t.Context(), one.Customer, two.Customer, identity.Actor{Name: "anna"}); err != nil {
		t.Fatal(err)
	}
	third := account("2")
	third.References = []string{"pair:NL.1"}
	if m, _ := c.said(time.Minute, third); m.Thread != first.Thread {
		t.Errorf("one person with two accounts goes on in thread %s, want %s", m.Thread, first.Thread)
	}
}

// TestSilentNumberBeginsAnew: who shows a number again after a year begins a conversation of their own, marked.
func TestSilentNumberBeginsAnew(t *testing.T) {
	t.Parallel()
	c := newCorrespondence(t)
	m := message.Message{From: shows(t, message.Attested, "phone:0612345678"), References: []string{"pair:1"}}
	first, kates := c.said(390*24*time.Hour, m)
	next, theirs := c.said(time.Hour, m)
	if next.Thread == first.Thread || !slices.Equal(theirs.Links, []string{kates.ID}) || !slices.Contains(next.Marks, intake.MarkSilent) {
		t.Errorf("after a long silence: thread %s, links %v, marks %v", next.Thread, theirs.Links, next.Marks)
	}
	if again, _ := c.said(time.Minute, m); again.Thread != next.Thread || len(again.Marks) > 0 {
		t.Errorf("and again: thread %s, marks %v; want %s", again.Thread, again.Marks, next.Thread)
	}
}

// TestOtherNameOnANumberIsMarked: whoever is called otherwise than the number's holder was.
func TestOtherNameOnANumberIsMarked(t *testing.T) {
	t.Parallel()
	c := newCorrespondence(t)
	m := message.Message{From: shows(t, message.Attested, "wa:31612345678"), References: []string{"pair:1"}, Name: "Kate Vriesema"}
	c.said(50*time.Hour, m)
	m.Name = "Vriesema, K."
	if same, _ := c.said(25*time.Hour, m); len(same.Marks) > 0 {
		t.Errorf("marks %v on another way to write the name", same.Marks)
	}
	m.Name = "Dirk"
	if other, _ := c.said(time.Hour, m); !slices.Contains(other.Marks, intake.MarkOthersName) {
		t.Errorf("marks %v on another name", other.Marks)
	}
}

// TestOtherLanguageOnANumberIsMarked: once, when it is told; after months of silence besides it is somebody else.
func TestOtherLanguageOnANumberIsMarked(t *testing.T) {
	t.Parallel()
	const dutch, english = "Goedemorgen, ik wil graag weten wanneer jullie mijn bestelling komen bezorgen", "Good morning, when will you please deliver what I have ordered from your shop?"
	for name, row := range map[string]struct {
		before, then message.Message
		ago          time.Duration // the first one
		want         []string
		own          bool // begins a conversation of its own
	}{
		"another":                {message.Message{Text: dutch}, message.Message{Text: english}, 10 * 24 * time.Hour, []string{intake.MarkOthersLanguage}, false},
		"the same":               {message.Message{Text: dutch}, message.Message{Text: dutch}, 10 * 24 * time.Hour, nil, false},
		"none to be told":        {message.Message{Text: dutch}, message.Message{Text: "12 ok"}, 10 * 24 * time.Hour, nil, false},
		"as the channel says":    {message.Message{Text: dutch}, message.Message{Text: "ok", Language: "en-GB"}, 10 * 24 * time.Hour, []string{intake.MarkOthersLanguage}, false},
		"in a colleague's words": {message.Message{Text: dutch}, message.Message{Text: english, Agent: "anna"}, 10 * 24 * time.Hour, nil, false},
		"after four months":      {message.Message{Text: dutch}, message.Message{Text: english}, 120 * 24 * time.Hour, []string{intake.MarkSilent}, true},
		"the same after four":    {message.Message{Text: dutch}, message.Message{Text: dutch}, 120 * 24 * time.Hour, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCorrespondence(t)
			row.before.From, row.before.References = shows(t, message.Attested, "phone:0612345678"), []string{"pair:1"}
			row.then.From, row.then.References = row.before.From, row.before.References
			first, _ := c.said(row.ago, row.before)
			next, _ := c.said(2*time.Hour, row.then)
			if diff := cmp.Diff(row.want, next.Marks); diff != "" {
				t.Errorf("marks (-want +got):\n%s", diff)
			}
			if own := next.Thread != first.Thread; own != row.own {
				t.Errorf("its own conversation %v, want %v", own, row.own)
			}
			if again, _ := c.said(time.Hour, row.then); len(again.Marks) > 0 || again.Thread != next.Thread {
				t.Errorf("and again: marks %v, thread %s; want none, %s", again.Marks, again.Thread, next.Thread)
			}
		})
	}
}

// TestChangedNumberIsMarked: a channel says that who writes had another number until now.
func TestChangedNumberIsMarked(t *testing.T) {
	t.Parallel()
	c := newCorrespondence(t)
	old := message.Message{From: shows(t, message.Attested, "phone:0612345678")}
	first, _ := c.said(50*time.Hour, old)
	next, _ := c.said(25*time.Hour, message.Message{From: shows(t, message.Attested, "phone:0687654321"), Formerly: old.From})
	if diff := cmp.Diff([]string{intake.MarkMoved}, next.Marks); diff != "" {
		t.Errorf("marks (-want +got):\n%s", diff)
	}
	if later, _ := c.said(time.Hour, old); later.Thread == first.Thread {
		t.Error("whoever shows the old number later comes into the conversation of before")
	}
}
