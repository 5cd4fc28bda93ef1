package identity_test

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"loket/identity"
	"loket/internal/message"
)

// An arrival is a message as the registry gets to see it, and who wrote it.
type arrival struct {
	sender  *person
	way     string
	subject identity.Subject
	// victim is who an impostor pretends to be, nil for honest people.
	victim *person
}

// Shares of the traffic.
const (
	withoutPass  = .08 // of mail
	withNumber   = .70 // of WhatsApp
	wrongAddress = .04 // of forms: a slip
	bursts       = .08
	doubles      = .02
	lates        = .01
	renames      = .004 // for each message, somebody
	moves        = .002
	handedOn     = .30 // of the numbers that people leave behind
	withMailbox  = .50 // of sign-ins
	impostures   = .005
)

// traffic is n messages in the order in which they arrive, which is not quite the one in which they were sent.
func (p *population) traffic(n int) []arrival {
	at := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	step := 200 * 24 * time.Hour / time.Duration(n)
	busy := p.activity()
	var out []arrival
	for len(out) < n {
		at = at.Add(step)
		out = append(out, p.life(at)...)
		if p.chance(impostures) {
			out = append(out, p.impose(at))
			continue
		}
		x := p.people[sort.SearchFloat64s(busy, p.rnd.Float64()*busy[len(busy)-1])]
		way := p.way()
		for range p.burst() {
			at = at.Add(time.Second)
			out = append(out, p.write(x, way, at))
		}
	}
	return p.disorder(out)
}

// activity is how often each writes, summed up: a few write very often, most seldom.
func (p *population) activity() []float64 {
	rank := p.rnd.Perm(len(p.people))
	sums := make([]float64, len(p.people))
	total := 0.0
	for i, r := range rank {
		total += 1 / float64(r/8+20)
		sums[i] = total
	}
	return sums
}

func (p *population) burst() int {
	if p.chance(bursts) {
		return 2 + p.rnd.IntN(3)
	}
	return 1
}

// disorder delivers some twice, some late, and neighbours in any order.
func (p *population) disorder(in []arrival) []arrival {
	type due struct {
		at float64
		arrival
	}
	var list []due
	for i, a := range in {
		at := float64(i) + 3*p.rnd.Float64()
		if p.chance(lates) {
			at += 2000 * p.rnd.Float64()
		}
		list = append(list, due{at, a})
		if p.chance(doubles) {
			list = append(list, due{at + 50*p.rnd.Float64(), a})
		}
	}
	slices.SortStableFunc(list, func(a, b due) int {
		switch {
		case a.at < b.at:
			return -1
		case a.at > b.at:
			return 1
		}
		return 0
	})
	out := make([]arrival, len(list))
	for i, d := range list {
		out[i] = d.arrival
	}
	return out
}

// life lets somebody take another handle, whose old one a stranger may take, or another number, of which the
// platform tells.
func (p *population) life(at time.Time) []arrival {
	if p.chance(renames) {
		x := pick(p, p.people)
		old := x.handle
		p.ids++
		x.handle = fmt.Sprintf("%s_%d", strings.ToLower(strings.Fields(x.name)[0]), 1_000_000+p.ids)
		if p.chance(handlesTaken) {
			pick(p, p.people).handle = old
		} else {
			p.freed = append(p.freed, old)
		}
	}
	if !p.chance(moves) {
		return nil
	}
	x := pick(p, p.people)
	before := x.bsuid
	left := x.phones[len(x.phones)-1]
	p.moveTo(x, p.number())
	if p.chance(handedOn) {
		p.takeOver(pick(p, p.people), left)
	}
	if x.bsuid == before {
		return nil
	}
	var out []arrival
	for i := range portfolios {
		out = append(out, p.arrival(x, "update", at, p.business(i, before[i]), p.business(i, x.bsuid[i])))
	}
	return out
}

// takeOver gives x a number that somebody left behind. Their WhatsApp goes there, and no platform tells.
func (p *population) takeOver(x *person, number string) {
	for i := range portfolios {
		x.bsuid[i] = "NL." + p.id()
	}
	x.phones[len(x.phones)-1], x.wa = number, number
}

func (p *population) way() string {
	at := p.rnd.Float64()
	for _, w := range ways() {
		if at -= w.share; at < 0 {
			return w.name
		}
	}
	return "mail"
}

func (p *population) write(x *person, way string, at time.Time) arrival {
	switch way {
	case "call":
		return p.arrival(x, way, at, p.make("call", "", "c"+p.id(), message.Attested), p.make("phone", "", pick(p, x.phones), message.Claimed))
	case "whatsapp":
		return p.whatsApp(x, at)
	case "x":
		return p.arrival(x, way, at, p.make("xu", "", x.xu, message.Attested), p.make("xh", "", x.handle, message.Attested))
	case "messenger":
		return p.arrival(x, way, at, p.make("psid", "4711", x.psid, message.Attested))
	case "form":
		address := p.address(x)
		if p.chance(wrongAddress) {
			address = p.address(pick(p, p.people))
		}
		return p.form(x, at, address)
	case "chat":
		ids := []message.Identifier{p.make("sub", issuer, x.sub, message.Proven)}
		if x.cno != "" {
			ids = append(ids, p.make("cno", "", x.cno, message.Proven))
		}
		if p.chance(withMailbox) {
			ids = append(ids, p.make("email", "", x.emails[0], message.Proven))
		}
		return p.arrival(x, way, at, ids...)
	}
	if way == "code" {
		return p.arrival(x, way, at, p.make("session", "", "w"+p.id(), message.Attested), p.make("email", "", pick(p, x.emails), message.Proven))
	}
	level := message.Attested
	if p.chance(withoutPass) {
		level = message.Claimed
	}
	return p.arrival(x, "mail", at, p.make("email", "", p.address(x), level))
}

func (p *population) whatsApp(x *person, at time.Time) arrival {
	brand := 0
	if p.chance(.25) {
		brand = 1
	}
	ids := []message.Identifier{p.business(brand, x.bsuid[brand])}
	if p.chance(withNumber) {
		ids = append(ids, p.make("phone", "", x.wa, message.Attested), p.make("wa", "", x.wa, message.Attested))
	}
	return p.arrival(x, "whatsapp", at, ids...)
}

func (p *population) business(brand int, bsuid string) message.Identifier {
	return p.make("bsuid", []string{"81001", "81002"}[brand], bsuid, message.Attested)
}

func (p *population) form(x *person, at time.Time, address string) arrival {
	return p.arrival(x, "form", at, p.make("submission", "", "f"+p.id(), message.Attested), p.make("email", "", address, message.Claimed))
}

// address is one that x writes from: their own, or that of a function.
func (p *population) address(x *person) string {
	if x.role != "" && p.chance(.3) {
		return x.role
	}
	return pick(p, x.emails)
}

// impose is a message of somebody who wants to be taken for a customer.
func (p *population) impose(at time.Time) arrival {
	x, victim := pick(p, p.impostors), pick(p, p.people)
	for victim.cno == "" {
		victim = pick(p, p.people)
	}
	var a arrival
	switch p.rnd.IntN(4) {
	case 0:
		a = p.arrival(x, "mail", at, p.make("email", "", victim.emails[0], message.Claimed))
	case 1:
		a = p.form(x, at, victim.emails[0])
	case 2:
		a = p.arrival(x, "call", at, p.make("phone", "", victim.phones[0], message.Claimed), p.make("cno", "", victim.cno, message.Claimed))
	default:
		if len(p.freed) > 0 {
			x.handle = pick(p, p.freed)
		}
		a = p.arrival(x, "x", at, p.make("xu", "", x.xu, message.Attested), p.make("xh", "", x.handle, message.Attested),
			p.make("email", "", victim.emails[0], message.Claimed))
	}
	a.victim = victim
	return a
}

func (p *population) arrival(x *person, way string, at time.Time, ids ...message.Identifier) arrival {
	name := x.name
	if p.chance(.05) {
		name = strings.Replace(name, "e", "", 1) // typed in haste
	}
	return arrival{sender: x, way: way, subject: identity.Subject{IDs: ids, Name: name, At: at, Message: message.NewID([]byte(p.id()))}}
}

type way struct {
	name  string
	share float64
}

// ways is how people write, and how often.
func ways() []way {
	return []way{{"mail", .34}, {"call", .14}, {"whatsapp", .18}, {"x", .05}, {"messenger", .05}, {"form", .11}, {"chat", .08}, {"code", .05}}
}
