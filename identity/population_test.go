package identity_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"loket/internal/message"
)

// A population is people who are made up, so that it is known who they are: in households, with several addresses and
// numbers, some of them shared, and with a past. The same seed makes the same people and the same mail.
type population struct {
	tb        testing.TB
	rnd       *rand.Rand
	seed      uint64
	people    []*person
	impostors []*person
	freed     []string // handles that nobody bears now
	numbers   int      // how many phone numbers were given out
	ids       int      // how many ids platforms gave out
}

// A person is the truth that the registry does not see.
type person struct {
	n      int
	name   string
	emails []string
	phones []string
	role   string    // the mailbox of a function that several people read, if any
	bsuid  [2]string // one for each portfolio
	wa     string    // the number that the WhatsApp account is on
	handle string
	xu     string
	psid   string
	sub    string
	cno    string // empty for those the CRM does not know
	lost   string // a number that was this person's, is in the CRM, and is somebody else's now
	// untold are addresses that others use too, of which nobody told the CRM that this person does.
	untold map[string]bool
	// wrong are another's, that the CRM has for this person's own in their place.
	wrong map[string]string
}

// Shares of the population, as the reference has them.
const (
	inCRM         = .70
	sharePhone    = .12 // of pairs
	shareMailbox  = .06 // of pairs
	readRole      = .025
	gotRecycled   = .01
	roleReaders   = 8
	handlesTaken  = .30 // of those that were given up
	portfolios    = 2
	impostorsEach = 400 // people for one impostor
	shareFirm     = .03 // of pairs: a mailbox of their firm
	untoldOf      = .50 // of what is shared: the CRM has it of one only
	wrongRows     = .02 // of people: one address in their row is another's
)

func newPopulation(tb testing.TB, people int, seed uint64) *population {
	p := &population{tb: tb, seed: seed, rnd: rand.New(rand.NewPCG(seed, 7))}
	for n := range people {
		p.people = append(p.people, p.person(n))
	}
	for n := 1; n < len(p.people); n += 2 {
		p.household(p.people[n-1], p.people[n])
	}
	p.functions()
	p.firms()
	p.recycle()
	p.mistakes()
	for n := range max(people/impostorsEach, 2) {
		x := p.person(people + n)
		x.cno = ""
		p.impostors = append(p.impostors, x)
	}
	return p
}

func (p *population) person(n int) *person {
	x := &person{n: n, name: pick(p, first()) + " " + pick(p, last()), handle: fmt.Sprintf("%s_%d", pick(p, first()), n)}
	x.handle = strings.ToLower(x.handle)
	for i := range 1 + p.rnd.IntN(3) {
		local := strings.ReplaceAll(strings.ToLower(x.name), " ", ".")
		x.emails = append(x.emails, fmt.Sprintf("%s.%d@%s", local, n, []string{"post.example", "mail.example", "werk.example"}[i]))
	}
	for range 1 + p.rnd.IntN(3) {
		x.phones = append(x.phones, p.number())
	}
	for i := range portfolios {
		x.bsuid[i] = "NL." + p.id()
	}
	x.xu, x.psid, x.sub = p.id(), p.id(), "s"+p.id()
	if p.chance(inCRM) {
		x.cno = fmt.Sprint(100_000 + n)
	}
	x.wa = pick(p, x.phones)
	return x
}

// household lets two people live together: one line or one mailbox for both.
func (p *population) household(a, b *person) {
	b.name = strings.Fields(b.name)[0] + " " + strings.Fields(a.name)[1]
	if p.chance(sharePhone) {
		b.phones[0] = a.phones[0]
		b.wa = pick(p, b.phones)
		p.untell(b, b.phones[0])
	}
	if p.chance(shareMailbox) {
		b.emails[0] = a.emails[0]
		p.untell(b, b.emails[0])
	}
}

// untell lets the CRM not know that x uses an address of somebody else too.
func (p *population) untell(x *person, address string) {
	if p.chance(untoldOf) {
		x.untold = map[string]bool{address: true}
	}
}

// firms lets two who are no relatives write from one mailbox that does not tell so by its name.
func (p *population) firms() {
	n := int(shareFirm * float64(len(p.people)) / 2)
	who := p.rnd.Perm(len(p.people))[:2*n]
	for i := range n {
		a, b := p.people[who[i]], p.people[who[n+i]]
		a.emails[0] = fmt.Sprintf("%s@bedrijf%d.example", strings.ToLower(strings.Fields(a.name)[1]), i)
		b.emails[0] = a.emails[0]
		p.untell(b, b.emails[0])
	}
}

// mistakes puts another's address or number into the rows of some.
func (p *population) mistakes() {
	for _, x := range p.people {
		if !p.chance(wrongRows) {
			continue
		}
		other := pick(p, p.people)
		if p.chance(.5) {
			x.wrong = map[string]string{x.emails[0]: other.emails[0]}
		} else {
			x.wrong = map[string]string{x.phones[0]: other.phones[0]}
		}
	}
}

// functions lets some people read the mailbox of where they work. Half of these tell by their name what they are.
func (p *population) functions() {
	readers := p.rnd.Perm(len(p.people))[:int(readRole*float64(len(p.people)))]
	for i, group := range slices.Collect(slices.Chunk(readers, roleReaders)) {
		local := []string{"info", "atelier"}[i%2]
		for _, n := range group {
			p.people[n].role = fmt.Sprintf("%s@firma%d.example", local, i)
		}
	}
}

// recycle gives a number that somebody gave up to somebody else, who puts their WhatsApp on it.
func (p *population) recycle() {
	n := int(gotRecycled * float64(len(p.people)))
	who := p.rnd.Perm(len(p.people))[:2*n]
	for i := range n {
		p.handOver(p.people[who[i]], p.people[who[n+i]])
	}
}

func (p *population) handOver(from, to *person) {
	from.lost = from.phones[len(from.phones)-1]
	p.moveTo(from, p.number())
	to.phones[len(to.phones)-1] = from.lost
	to.wa = from.lost
}

// moveTo gives x another number in place of the last one. The WhatsApp account goes along, under another id.
func (p *population) moveTo(x *person, number string) {
	i := len(x.phones) - 1
	if x.wa == x.phones[i] {
		x.wa = number
		for j := range portfolios {
			x.bsuid[j] = "NL." + p.id()
		}
	}
	x.phones[i] = number
}

// known are the identifiers of x that the CRM has, its number always and of the others a share. A larger share has
// all of a smaller one.
func (p *population) known(x *person, share float64) []message.Identifier {
	ids := []message.Identifier{p.make("cno", "", x.cno, message.Vouched)}
	luck := rand.New(rand.NewPCG(p.seed, uint64(x.n)))
	add := func(kind, scope, value string) {
		if other := x.wrong[value]; other != "" {
			value = other
		} else if x.untold[value] {
			return
		}
		if has := luck.Float64() < share; has && value != "" {
			ids = append(ids, p.make(kind, scope, value, message.Vouched))
		}
	}
	for _, v := range x.emails {
		add("email", "", v)
	}
	for _, v := range x.phones {
		add("phone", "", v)
	}
	add("phone", "", x.lost)
	add("email", "", x.role)
	add("xh", "", x.handle)
	add("sub", issuer, x.sub)
	return ids
}

const issuer = "login.example.org"

// make is an identifier as a connector makes it.
func (p *population) make(kind, scope, value string, level message.Level) message.Identifier {
	id, err := message.NewIdentifier(kind, scope, value, level)
	if err != nil {
		p.tb.Fatalf("make %s %s: %v", kind, value, err)
	}
	return id
}

func (p *population) number() string {
	p.numbers++
	return fmt.Sprintf("+3161%07d", p.numbers)
}

func (p *population) id() string {
	p.ids++
	return fmt.Sprint(10_000_000_000 + p.ids)
}

func (p *population) chance(share float64) bool { return p.rnd.Float64() < share }

func pick[T any](p *population, list []T) T { return list[p.rnd.IntN(len(list))] }

func first() []string {
	return strings.Fields("Anna Bram Carla Daan Eva Femke Gijs Hanna Ilse Jan Kees Lotte Maarten Nora Oscar Petra Quinten Roos Sem Tess")
}

func last() []string {
	return strings.Fields("Bakker Visser Smit Meijer Mulder Bos Vos Peters Hendriks Dekker Brouwer Jacobs Koning Prins Kuipers Veenstra")
}
