package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"loket/connectors"
	"loket/connectors/connectortest"
	"loket/internal/message"
)

// A counter is a notifier with a clock, what was said, and what it told: subjects of answers by their ids.
type counter struct {
	*Notifier
	connectors.Cursor // it keeps things for as long as it is asked to
	t                 *testing.T
	now               time.Time
	until             map[string]time.Time
	said              map[string]*message.Message
	due               map[string]time.Time
	told              []string
	fail, broken      error // of the connector that tells; of the store once something was told
	saw               bool
}

func newCounter(t *testing.T) *counter {
	e := connectortest.New(t)
	env := e.Env("chat")
	c := &counter{
		Cursor: env.Cursor, t: t, now: time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC), until: map[string]time.Time{}, said: map[string]*message.Message{},
		due: map[string]time.Time{},
	}
	env.Cursor = c
	env.Reaches = func(connector string, to message.Identifier) bool { return connector == "mail" && to.Kind == "email" }
	env.Tell = func(_ context.Context, _ string, m *message.Message) error {
		if c.fail == nil {
			c.told = append(c.told, m.To[0].Value+" "+m.ID)
		}
		return c.fail
	}
	env.RemindAt = func(_ context.Context, key string, at time.Time) error {
		c.due[key] = at
		return nil
	}
	env.Said = func(_ context.Context, thread, id string) (*message.Message, error) {
		if m := c.said[Key(thread, id)]; m != nil {
			return m, nil
		}
		return nil, connectors.ErrGone
	}
	words := func(string) Words {
		return Words{Us: "us", Subject: "An answer", Link: "%s %s", LinkShort: "%s %s", Answer: "%s %s %s"}
	}
	c.Notifier = New(Options{
		By: []string{"mail"}, Languages: []string{"en"}, Words: words, Env: env, Now: func() time.Time { return c.now },
		Seen: func(context.Context, string) (bool, error) { return c.saw, nil },
	})
	return c
}

func (c *counter) First(ctx context.Context, key, value string, keep time.Duration) (string, error) {
	if c.broken != nil && strings.HasPrefix(key, "told:") {
		return "", c.broken
	}
	if kept, there, err := c.Kept(ctx, key); there || err != nil {
		return kept, err
	}
	c.until[key] = c.now.Add(keep)
	return "", c.Save(ctx, "first "+key, value)
}

func (c *counter) Kept(ctx context.Context, key string) (string, bool, error) {
	if !c.now.Before(c.until[key]) {
		return "", false, nil
	}
	kept, err := c.Load(ctx, "first "+key)
	return kept, true, err
}

// answers gives the key of an answer that was said now.
func (c *counter) answers(thread, id, to string, level message.Level) string {
	c.t.Helper()
	address, err := message.Email(to, level)
	if err != nil {
		c.t.Fatal(err)
	}
	m := &message.Message{ID: id, Thread: thread, Direction: message.Out, Text: "It is 100 euro", To: []message.Identifier{address}, Language: "en", Received: c.now}
	if err := c.Keep(c.t.Context(), m, c.now); err != nil {
		c.t.Fatal(err)
	}
	c.said[Key(thread, id)] = m
	return Key(thread, id)
}

// after lets time pass, reminding of what is due each minute as the daemon does.
func (c *counter) after(d time.Duration) {
	c.t.Helper()
	for end := c.now.Add(d); !c.now.After(end); c.now = c.now.Add(time.Minute) {
		for key, at := range c.due {
			if at.After(c.now) {
				continue
			}
			again, err := c.Remind(c.t.Context(), key, at)
			switch {
			case err != nil:
			case again.IsZero():
				delete(c.due, key)
			default:
				c.due[key] = again
			}
		}
	}
}

func (c *counter) wants(what string, told ...string) {
	c.t.Helper()
	var want []string
	for _, one := range told {
		to, answer, _ := strings.Cut(one, " ")
		want = append(want, to+" "+message.NewID([]byte("notify"), []byte(answer)))
	}
	if diff := cmp.Diff(want, c.told); diff != "" {
		c.t.Errorf("%s: told (-want +got):\n%s", what, diff)
	}
}

func (c *counter) counted(result string) int {
	c.t.Helper()
	reg := prometheus.NewPedanticRegistry()
	reg.MustRegister(c.Notifier)
	all, err := reg.Gather()
	if err != nil {
		c.t.Fatal(err)
	}
	for _, family := range all {
		for _, m := range family.GetMetric() {
			for _, label := range m.GetLabel() {
				if label.GetName() == "result" && label.GetValue() == result {
					return int(m.GetCounter().GetValue())
				}
			}
		}
	}
	return 0
}

// A notice within an hour of another to the same address suppressed the second for good.
func TestWhatMayNotGoWithinTheHourGoesWhenItIsOver(t *testing.T) {
	c := newCounter(t)
	c.answers("T1", "a1", "kate@example.org", message.Claimed)
	c.after(time.Minute)
	c.answers("T1", "a2", "kate@example.org", message.Claimed)
	c.answers("T2", "b1", "kate@example.org", message.Claimed)
	c.answers("T3", "c1", "joe@example.org", message.Claimed)
	c.after(50 * time.Minute)
	c.wants("within the hour", "kate@example.org a1", "joe@example.org c1")
	c.after(2 * time.Hour)
	if len(c.told) != 4 || len(c.due) != 0 || c.counted(sent) != 4 {
		t.Errorf("after it told %q, %d wait", c.told, len(c.due))
	}
}

// One link leads to all that stands on the page: what was answered before it went needs no further one.
func TestOneLinkCoversAllThatStandsOnThePage(t *testing.T) {
	c := newCounter(t)
	c.answers("T1", "a1", "kate@example.org", message.Claimed)
	c.after(time.Minute)
	c.answers("T1", "a2", "kate@example.org", message.Claimed)
	c.after(10 * time.Minute)
	c.answers("T1", "a3", "kate@example.org", message.Claimed)
	c.after(3 * time.Hour)
	if len(c.told) != 2 || len(c.due) != 0 || c.counted(covered) != 1 {
		t.Errorf("told %q, %d wait, %d covered; want one at once and one for both others", c.told, len(c.due), c.counted(covered))
	}
}

func TestWhatWasSeenMeanwhileIsNotToldOf(t *testing.T) {
	c := newCounter(t)
	c.answers("T1", "a1", "kate@example.org", message.Claimed)
	c.after(time.Minute)
	c.answers("T1", "a2", "kate@example.org", message.Claimed)
	c.after(10 * time.Minute)
	c.saw = true
	c.after(2 * time.Hour)
	c.wants("seen", "kate@example.org a1")
	if len(c.due) != 0 || c.counted(seen) != 1 {
		t.Errorf("%d wait", len(c.due))
	}
}

// More than go in a minute were dropped.
func TestMoreThanGoInAMinuteGoLater(t *testing.T) {
	c := newCounter(t)
	c.limit = rate.NewLimiter(rate.Every(time.Minute), 1)
	for i := range 5 {
		c.answers(fmt.Sprint("T", i), fmt.Sprint("a", i), fmt.Sprintf("kate%d@example.org", i), message.Claimed)
	}
	c.after(0)
	if len(c.told) != 1 {
		t.Errorf("told %q in the first minute, want one", c.told)
	}
	c.after(20 * time.Minute)
	if len(c.told) != 5 || len(c.due) != 0 {
		t.Errorf("told %q, %d wait", c.told, len(c.due))
	}
}

// What fails is tried again, for a day; what may have arrived is not.
func TestWhatFailsIsTriedAgain(t *testing.T) {
	for _, row := range []struct {
		name   string
		fail   error
		result string
		told   int
	}{
		{"a server that is away", errors.New("connection refused"), sent, 1},
		{"a server that never comes back", nil, gaveUp, 0},
		{"an address that is none", connectors.Permanent(errors.New("550 unknown")), gaveUp, 0},
		{"a server that vanished when it had all", connectors.InDoubt(errors.New("EOF")), inDoubt, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := newCounter(t)
			c.answers("T1", "a1", "kate@example.org", message.Proven)
			c.fail = row.fail
			if row.fail == nil {
				c.fail = errors.New("connection refused")
			}
			c.after(2 * time.Hour)
			if row.fail != nil {
				c.fail = nil
			}
			c.after(30 * time.Hour)
			if len(c.told) != row.told || c.counted(row.result) != 1 || len(c.due) != 0 {
				t.Errorf("told %q, %s %d times, %d wait", c.told, row.result, c.counted(row.result), len(c.due))
			}
		})
	}
}

// A process that dies after it told and before it could note that tells once more, the same message: that is the one double there is.
func TestWhoDiesBeforeNotingTellsTheSameAgain(t *testing.T) {
	c := newCounter(t)
	key := c.answers("T1", "a1", "kate@example.org", message.Claimed)
	c.broken = errors.New("killed")
	if _, err := c.Remind(t.Context(), key, c.now); err == nil {
		t.Fatal("Remind = nil, want that it could not be noted")
	}
	c.broken = nil
	c.after(3 * time.Hour)
	c.wants("told again", "kate@example.org a1", "kate@example.org a1")
}

// An answer is handed over before it stands in its thread; one that is not there later was erased.
func TestAnswerThatIsNotThereYetIsWaitedFor(t *testing.T) {
	c := newCounter(t)
	key := c.answers("T1", "a1", "kate@example.org", message.Claimed)
	m := c.said[key]
	delete(c.said, key)
	c.after(0)
	c.said[key] = m
	c.after(time.Minute)
	c.wants("when it is there", "kate@example.org a1")
	delete(c.said, c.answers("T2", "b1", "joe@example.org", message.Claimed))
	c.after(5 * time.Minute)
	c.wants("erased", "kate@example.org a1")
	if len(c.due) != 0 {
		t.Errorf("%d wait", len(c.due))
	}
}
