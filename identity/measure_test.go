package identity_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"loket/identity"
	"loket/internal/message"
)

// A registry is what is measured: the real one, or a simple-minded one to compare with.
type registry interface {
	enter(ctx context.Context, ids []message.Identifier, name string) (customer string, err error)
	Resolve(ctx context.Context, s identity.Subject) (identity.Result, error)
}

// A size of a population: people, and messages they write.
type size struct{ people, messages int }

// measures are what a registry made of a population.
type measures struct {
	pairPrecision, pairRecall float64 // of pairs of messages: same customer, same person
	precision, recall         float64 // B³: by message
	overMerged                float64 // share of people who share a customer with somebody
	largest                   int     // people in one customer
	customers                 float64 // for each person
	human                     float64 // share of messages that a person must decide on
	hit                       float64 // share of messages where the right customer is named or offered
	known                     float64 // the same, of those whose sender showed something of theirs that the CRM has or that they showed before
	findable                  float64 // how many these are
	resolved, wrong           [message.Decided + 1]int
	// namesakes are how many of the wrong ones bear the very name of whom they are taken for: nothing that they show tells them apart.
	namesakes [message.Decided + 1]int
	stories   []string
}

// A ledger says for whom the registry made each customer.
type ledger struct {
	person map[string]*person
	crm    map[string]bool // made from what the CRM has
	shown  map[*person]map[string]bool
}

// finds tells whether a message shows something by which its sender could be found, and notes what it shows.
func (l ledger) finds(a arrival) bool {
	found := false
	for _, id := range a.subject.IDs {
		found = found || id.Class() != message.Ephemeral && l.shown[a.sender][id.String()]
	}
	l.note(a.sender, a.subject.IDs)
	return found
}

func (l ledger) note(x *person, ids []message.Identifier) {
	if l.shown[x] == nil {
		l.shown[x] = map[string]bool{}
	}
	for _, id := range ids {
		l.shown[x][id.String()] = true
	}
}

// right tells whether customer is the one to find for x: of those whom the CRM has, the CRM's; of others, any that was
// made of an earlier message of theirs.
func (l ledger) right(customer string, x *person) bool {
	return l.person[customer] == x && (x.cno == "" || l.crm[customer])
}

// measure registers those whom the CRM knows, lets all messages arrive and then asks once more who they are of, as a
// reader of the desk would.
func measure(tb testing.TB, r registry, size size, seed uint64, share float64) measures {
	tb.Helper()
	p := newPopulation(tb, size.people, seed)
	l := ledger{map[string]*person{}, map[string]bool{}, map[*person]map[string]bool{}}
	for _, x := range p.people {
		if x.cno == "" {
			continue
		}
		customer, err := r.enter(tb.Context(), p.known(x, share), x.name)
		if err != nil {
			tb.Fatalf("register: %v", err)
		}
		l.person[customer], l.crm[customer] = x, true
		l.note(x, p.known(x, share))
	}
	mail := p.traffic(size.messages)
	var m measures
	honest := 0
	for _, a := range mail {
		res := ask(tb, r, a.subject)
		m.judge(a, res, l)
		if c := res.Customer; c != "" && l.person[c] == nil {
			l.person[c] = a.sender
		}
		if a.victim == nil {
			honest++
		}
	}
	m.hit /= float64(honest)
	m.known /= m.findable
	m.findable /= float64(honest)
	m.human /= float64(len(mail))
	m.compare(customers(tb, r, mail), len(mail))
	return m
}

func ask(tb testing.TB, r registry, s identity.Subject) identity.Result {
	tb.Helper()
	res, err := r.Resolve(tb.Context(), s)
	if err != nil {
		tb.Fatalf("resolve: %v", err)
	}
	return res
}

// judge counts one answer. Who makes a slip in their address is honest; for an impostor there is nobody to find.
func (m *measures) judge(a arrival, res identity.Result, l ledger) {
	right := l.right(res.Customer, a.sender)
	for _, c := range slices.Concat(res.Candidates, res.ClaimsToBe) {
		right = right || l.right(c.Customer, a.sender)
	}
	if a.victim == nil {
		could := l.finds(a)
		if could {
			m.findable++
		}
		if right {
			m.hit++
			if could {
				m.known++
			}
		}
	}
	if res.Contested || res.Customer == "" && len(res.Candidates) > 0 {
		m.human++
	}
	if res.Customer == "" {
		return
	}
	m.resolved[res.Assurance]++
	if x := l.person[res.Customer]; x != nil && x != a.sender {
		m.wrong[res.Assurance]++
		if x.name == a.sender.name {
			m.namesakes[res.Assurance]++
		}
		if res.Assurance >= message.Attested {
			m.stories = append(m.stories, fmt.Sprintf("%s by %s, %s is taken for %s: shows %v", res.Assurance, a.way, a.sender, x, a.subject.IDs))
		}
	}
}

// customers gives for each customer how many of their messages who wrote in truth.
func customers(tb testing.TB, r registry, mail []arrival) map[string]map[*person]float64 {
	tb.Helper()
	count := map[string]map[*person]float64{}
	for i, a := range mail {
		a.subject.Look = true
		c := ask(tb, r, a.subject).Customer
		if c == "" {
			c = fmt.Sprintf("#%d", i) // of nobody else
		}
		if count[c] == nil {
			count[c] = map[*person]float64{}
		}
		count[c][a.sender]++
	}
	return count
}

// compare compares customers with people.
func (m *measures) compare(count map[string]map[*person]float64, messages int) {
	ofPerson, merged, customers := map[*person]float64{}, map[*person]bool{}, 0
	for c, people := range count {
		for x, n := range people {
			ofPerson[x] += n
			if len(people) > 1 {
				merged[x] = true
			}
			if c[0] != '#' {
				customers++
			}
		}
		m.largest = max(m.largest, len(people))
		if len(people) > 1 {
			m.stories = append(m.stories, story(c, people))
		}
	}
	var same, sameCustomer, samePerson float64
	for _, people := range count {
		all := 0.0
		for x, n := range people {
			all += n
			same += n * (n - 1) / 2
			m.recall += n * n / ofPerson[x]
		}
		sameCustomer += all * (all - 1) / 2
		for _, n := range people {
			m.precision += n * n / all
		}
	}
	for _, n := range ofPerson {
		samePerson += n * (n - 1) / 2
	}
	m.pairPrecision, m.pairRecall = same/sameCustomer, same/samePerson
	m.precision /= float64(messages)
	m.recall /= float64(messages)
	m.overMerged = float64(len(merged)) / float64(len(ofPerson))
	m.customers = float64(customers) / float64(len(ofPerson))
}

// story tells of a customer who is several people.
func story(customer string, people map[*person]float64) string {
	var who []string
	for x, n := range people {
		who = append(who, fmt.Sprintf("%.0f messages of %s", n, x))
	}
	slices.Sort(who)
	return customer + ": " + strings.Join(who, " + ")
}

func (x *person) String() string {
	return fmt.Sprintf("%s (cno %q, %v %v, WhatsApp on %s, gave up %q, reads %q, @%s)", x.name, x.cno, x.emails, x.phones, x.wa, x.lost, x.role, x.handle)
}

func (m measures) String() string {
	return fmt.Sprintf("pairs P %.3f R %.3f, B³ P %.3f R %.3f, over-merged %.1f %%, largest %d, customers each %.2f, to a human %.1f %%, hit %.1f %% (%.1f %% of the %.1f %% known), wrong%s",
		m.pairPrecision, m.pairRecall, m.precision, m.recall, 100*m.overMerged, m.largest, m.customers, 100*m.human, 100*m.hit, 100*m.known, 100*m.findable, m.wrongs())
}

// wrongAt is the share of those named at an assurance who are somebody else.
func (m measures) wrongAt(l message.Level) float64 {
	return float64(m.wrong[l]) / float64(max(m.resolved[l], 1))
}

// wrongs is how many were taken for somebody else, of how many who were named, at each assurance.
func (m measures) wrongs() string {
	s := ""
	for l := message.Claimed; l <= message.Decided; l++ {
		if m.resolved[l] > 0 {
			s += fmt.Sprintf(" %s %d/%d", l, m.wrong[l], m.resolved[l])
			if m.namesakes[l] > 0 {
				s += fmt.Sprintf(" (%d namesakes)", m.namesakes[l])
			}
		}
	}
	return s
}
