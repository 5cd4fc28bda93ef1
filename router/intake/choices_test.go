package intake

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"loket/internal/message"
	"loket/internal/proptest"
	"loket/internal/store/storetest"
	"loket/router"
	"loket/router/queue"
)

// began is when the last message of a run can have come: long ago, and the same in every run.
func began() time.Time { return time.Date(2026, 1, 1, 10, 0, 0, 0, time.UTC) }

// letter is a new message in one of a few threads, in the journal already.
func (m *machine) letter(rt *rapid.T) letter {
	l := letter{
		id:        message.NewID([]byte(fmt.Sprint("message ", len(m.world.messages)))),
		thread:    message.NewID([]byte(fmt.Sprint("thread ", rapid.IntRange(0, 2).Draw(rt, "thread")))),
		received:  began().Add(-time.Duration(rapid.IntRange(0, 3000).Draw(rt, "seconds ago")) * time.Second).UnixMilli(),
		automatic: rapid.IntRange(0, 3).Draw(rt, "automatic") == 0,
	}
	m.admit(rt, l, true)
	m.world.messages[l.id] = l
	return l
}

func (m *machine) admit(rt *rapid.T, l letter, want bool) {
	msg := l.message()
	body, err := json.Marshal(msg)
	if err != nil {
		rt.Fatal(err)
	}
	isNew, err := m.intake(nil).admit(context.Background(), msg, body)
	if err != nil || isNew != want {
		rt.Fatalf("admit = %v, %v; want %v", isNew, err, want)
	}
}

// delivery of a message, decided anew as each walk does.
func (m *machine) delivery(rt *rapid.T, l letter) *deliver {
	at := time.UnixMilli(l.received).UTC()
	d := &deliver{letter: l, crash: max(0, rapid.IntRange(-4, 5).Draw(rt, "crash"))}
	team, priority := rapid.SampledFrom([]string{"support", "webcare"}).Draw(rt, "team"), rapid.SampledFrom([]string{"high", "low"}).Draw(rt, "priority")
	first, _, _ := promised(team, priority)
	first = cmp.Or(rapid.SampledFrom([]time.Duration{0, 90 * time.Minute}).Draw(rt, "first reply"), first)
	d.decision = recorded{At: time.Now().UTC(), Machine: l.automatic, Decision: router.Decision{
		Team: team, Priority: priority, Band: bandOf(priority),
		Lane: rapid.SampledFrom([]string{"", "", "@anna"}).Draw(rt, "lane"), Due: at.Add(first), FirstReply: first,
		NextReply: rapid.SampledFrom([]time.Duration{0, time.Hour}).Draw(rt, "next reply"),
	}}
	if rapid.IntRange(0, 5).Draw(rt, "long ago") == 0 {
		d.decision.At = d.decision.At.Add(-queue.Retention/2 - time.Hour)
		d.crash = 1 // a week and more passes before anybody walks it again
	}
	return d
}

func (m *machine) anyTask(rt *rapid.T) string {
	var ids []string
	for id := range m.world.tasks {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return rapid.SampledFrom(ids).Draw(rt, "task")
}

func (m *machine) anyMessage(rt *rapid.T) letter {
	var ids []string
	for id := range m.world.messages {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return m.world.messages[rapid.SampledFrom(ids).Draw(rt, "message")]
}

func (m *machine) agent(rt *rapid.T) string {
	return rapid.SampledFrom([]string{"anna", "bob"}).Draw(rt, "agent")
}

// person is anybody, with the newest lease of the task, an older one, or none.
func (m *machine) person(rt *rapid.T, task string) queue.Actor {
	leases := m.leases[task]
	if len(leases) == 0 || rapid.Bool().Draw(rt, "without a lease") {
		return queue.Actor{Agent: m.agent(rt)}
	}
	back := min(rapid.IntRange(0, 3).Draw(rt, "leases back"), len(leases)-1)
	return leases[len(leases)-1-back]
}

func (m *machine) act(rt *rapid.T) *act {
	task := m.anyTask(rt)
	a := &act{task: task, by: m.person(rt, task)}
	a.verb = rapid.SampledFrom([]string{
		"take", "heartbeat", "reply", "reply", "reply and close", "answered", "note", "return", "transfer", "wait", "close", "close", "reopen", "assign", "link", "label", "merge", "merge", "look", "look",
	}).Draw(rt, "verb")
	said := len(m.world.tasks[task].Later) + 1
	switch a.verb {
	case "reply", "reply and close", "answered", "wait", "close":
		a.by.Anyway = rapid.IntRange(0, 2).Draw(rt, "anyway") == 0
		a.by.Seen = rapid.SampledFrom([]int{0, 0, 0, said, max(1, said-1)}).Draw(rt, "seen")
	case "look":
		a.said = rapid.SampledFrom([]int{said, said, max(1, said-1)}).Draw(rt, "looked")
	}
	switch a.verb {
	case "reply", "reply and close", "answered":
		a.key = rapid.SampledFrom([]string{"", "k1", "k2"}).Draw(rt, "key")
		a.to = rapid.SampledFrom([]string{"yes", "no"}).Draw(rt, "text")
	case "transfer":
		a.to = rapid.SampledFrom([]string{"support", "webcare"}).Draw(rt, "to team")
	case "assign":
		a.to = m.agent(rt)
	case "link", "merge":
		a.to = m.anyTask(rt)
	case "label":
		a.to = rapid.SampledFrom([]string{"high", "low"}).Draw(rt, "to priority")
	case "close":
		a.to = rapid.SampledFrom([]string{"", "spam", "solved"}).Draw(rt, "outcome")
	case "wait":
		if wait := rapid.SampledFrom([]time.Duration{0, -2 * time.Hour, 2 * time.Hour}).Draw(rt, "until"); wait != 0 {
			a.until = time.Now().Add(wait).UnixMilli()
		}
	}
	return a
}

func (m *machine) claim(rt *rapid.T) *claim {
	return &claim{
		team:  rapid.SampledFrom([]string{"support", "webcare"}).Draw(rt, "team"),
		agent: m.agent(rt), request: rapid.SampledFrom([]string{"", "r1", "r2"}).Draw(rt, "request"),
	}
}

// any operation that may happen at the same instant as another.
func (m *machine) any(rt *rapid.T) operation {
	switch rapid.IntRange(0, 4).Draw(rt, "operation") {
	case 0:
		return m.delivery(rt, m.letter(rt))
	case 1:
		return m.delivery(rt, m.anyMessage(rt))
	case 2:
		return m.claim(rt)
	}
	return m.act(rt)
}

func TestEveryOrderOfEventsAgreesWithTheModel(t *testing.T) {
	r := newRooms(t, storetest.New(t), &fake{})
	r.teams.now.Store(&promises{})
	proptest.Check(t, 30, func(rt *rapid.T) {
		r.store.Redis().FlushAll(context.Background())
		m := &machine{r, newWorld(), map[string][]queue.Actor{}}
		// What is about a task or a message that is there does nothing before there is one.
		ofMessage := func(do func(*rapid.T)) func(*rapid.T) {
			return when(func() bool { return len(m.world.messages) > 0 }, do)
		}
		ofTask := func(do func(*rapid.T)) func(*rapid.T) { return when(func() bool { return len(m.world.tasks) > 0 }, do) }
		rt.Repeat(map[string]func(*rapid.T){
			"message":       func(rt *rapid.T) { m.do(rt, m.delivery(rt, m.letter(rt))) },
			"message lies":  func(rt *rapid.T) { m.letter(rt) },
			"replay":        ofMessage(func(rt *rapid.T) { m.do(rt, m.delivery(rt, m.anyMessage(rt))) }),
			"duplicate":     ofMessage(func(rt *rapid.T) { m.admit(rt, m.anyMessage(rt), false) }),
			"same at once":  ofMessage(func(rt *rapid.T) { l := m.anyMessage(rt); m.do(rt, m.delivery(rt, l), m.delivery(rt, l)) }),
			"two messages":  func(rt *rapid.T) { a, b := m.letter(rt), m.letter(rt); m.do(rt, m.delivery(rt, a), m.delivery(rt, b)) },
			"claim":         func(rt *rapid.T) { m.do(rt, m.claim(rt)) },
			"person":        ofTask(func(rt *rapid.T) { m.do(rt, m.act(rt)) }),
			"person again":  ofTask(func(rt *rapid.T) { m.do(rt, m.act(rt)) }),
			"two at once":   ofTask(func(rt *rapid.T) { a := m.any(rt); m.do(rt, a, m.any(rt)) }),
			"three at once": ofTask(func(rt *rapid.T) { a, b := m.act(rt), m.act(rt); m.do(rt, a, b, m.act(rt)) }),
			"reap":          func(rt *rapid.T) { m.do(rt, &reap{until: m.shortLeases()}) },
		})
		m.finish(rt)
	})
}

// when does something if it can be done.
func when(can func() bool, do func(*rapid.T)) func(*rapid.T) {
	return func(rt *rapid.T) {
		if can() {
			do(rt)
		}
	}
}

// shortLeases is when the last of the short leases ends.
func (m *machine) shortLeases() int64 {
	last := int64(0)
	for _, t := range m.world.tasks {
		if t.LeaseUntil < time.Now().Add(time.Minute).UnixMilli() {
			last = max(last, t.LeaseUntil)
		}
	}
	return last
}

// finish walks what is left, as the sweeper would, and counts.
func (m *machine) finish(rt *rapid.T) {
	ctx := context.Background()
	for id, l := range m.world.messages {
		for tries := 0; !m.world.messages[id].walked; tries++ {
			if tries > 3 {
				rt.Fatalf("message %s is not delivered", id)
			}
			d := m.delivery(rt, l)
			d.crash, d.decision.At = 0, time.Now()
			m.do(rt, d)
		}
	}
	for what, check := range map[string]func(context.Context) ([]string, error){"queue": m.queue.Check, "intake": m.intake(nil).Check} {
		if found, err := check(ctx); err != nil || len(found) > 0 {
			rt.Errorf("Check of the %s = %q, %v; want nothing", what, found, err)
		}
	}
	said := 0
	for _, t := range m.world.tasks {
		said += t.Messages
		notes, err := m.queue.Notes(ctx, t.ID)
		if err != nil || len(notes) != m.world.notes[t.ID] {
			rt.Errorf("Notes of %s = %d, %v; want %d", t.ID, len(notes), err, m.world.notes[t.ID])
		}
		if len(t.Sending) != 0 {
			rt.Errorf("the model counts replies under way")
		}
	}
	if said != len(m.world.messages) {
		rt.Errorf("tasks have %d messages, %d were accepted", said, len(m.world.messages))
	}
	if n := m.store.Redis().ZCard(ctx, "lk:{q}:d").Val(); int(n) != len(m.world.messages) {
		rt.Errorf("%d messages are delivered, %d were accepted", n, len(m.world.messages))
	}
	for id, l := range m.world.messages {
		if _, ok := m.world.tasks[l.task]; !ok || !l.delivered {
			rt.Errorf("message %s was placed in %q, which is not there", id, l.task)
		}
	}
}
