package identity

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/redis/go-redis/v9"
	"golang.org/x/text/unicode/norm"

	"loket/internal/message"
)

// searchKey is the sorted set, all of one score, that is searched by how its members begin. They name identifiers and
// not customers, so that joining and parting customers leaves it alone:
//
//	n<name folded>\0<node>   under each word that a name may be looked for by
//	p<digits of a phone number, the last first>
//	v<kind>:<scope>          each scope there is, as nobody types those
//	m<address without what mailboxes ignore>\0<node>   where that is another than the address
func searchKey() string { return "lk:{reg}:s" }

const (
	nameEntry  = "n"
	phoneEntry = "p"
	scopeEntry = "v"
	looseEntry = "m"
)

// fold brings a name to the form it is searched in: small letters without marks, words parted by one space.
func fold(name string) string {
	plain := strings.Map(func(c rune) rune {
		switch {
		case unicode.Is(unicode.Mn, c):
			return -1
		case unicode.IsLetter(c), unicode.IsDigit(c):
			return unicode.ToLower(c)
		case c == '\'', c == '’':
			return -1
		}
		return ' '
	}, norm.NFKD.String(name))
	return strings.Join(strings.Fields(plain), " ")
}

// nameKeys are the forms a name is found by: as it is, from its last word, and from its second.
func nameKeys(name string) []string {
	words := strings.Fields(fold(name))
	if len(words) == 0 {
		return nil
	}
	out := []string{strings.Join(words, " ")}
	for _, at := range []int{len(words) - 1, 1} {
		if at > 0 && at < len(words) {
			if turned := strings.Join(append(slices.Clone(words[at:]), words[:at]...), " "); !slices.Contains(out, turned) {
				out = append(out, turned)
			}
		}
	}
	return out
}

// entriesOf are the members of the search that an identifier has, whatever it is called.
func entriesOf(x string) []string {
	id := identifierOf(x)
	switch {
	case id.Kind == "phone":
		return []string{phoneEntry + reversed(strings.TrimPrefix(id.Value, "+"))}
	case id.Kind == "email":
		if loose := looseEmail(id.Value); loose != id.Value {
			return []string{looseEntry + loose + "\x00" + x}
		}
	case id.Scope != "":
		return []string{scopeEntry + id.Kind + ":" + id.Scope}
	}
	return nil
}

func nameEntries(x, name string) []string {
	var out []string
	for _, key := range nameKeys(name) {
		out = append(out, nameEntry+key+"\x00"+x)
	}
	return out
}

// searchable keeps the search as the facts are: what is new in it, and what is not so any more.
func (w *writing) searchable() {
	for x, n := range w.view.facts.nodes {
		if w.view.index[x] == "" {
			for _, m := range entriesOf(x) {
				w.tx.ZAdd(searchKey(), 0, m)
			}
		}
		if old := w.view.names[x]; old != n.name.name {
			w.recall(x, old, n.name.name)
		}
	}
	for _, x := range w.change.erase {
		for _, m := range slices.Concat(entriesOf(x), nameEntries(x, w.view.names[x])) {
			if !strings.HasPrefix(m, scopeEntry) { // others have it too
				w.tx.ZRem(searchKey(), m)
			}
		}
	}
}

func (w *writing) recall(x, old, name string) {
	now := nameEntries(x, name)
	for _, m := range nameEntries(x, old) {
		if !slices.Contains(now, m) {
			w.tx.ZRem(searchKey(), m)
		}
	}
	for _, m := range now {
		w.tx.ZAdd(searchKey(), 0, m)
	}
}

func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// maxSearch is how many customers a search gives at most.
const maxSearch = 200

// maxScopes bounds how many portfolios, pages and systems are tried.
const maxScopes = 200

// minDigits and minName keep a search from reading everybody.
const (
	minDigits = 4
	minName   = 2
)

// Search finds customers by what a person types: an identifier as kind:value or as it is written on its channel, a
// customer's id, now or formerly, the beginning of a name or of its last word, the last four or more digits of a
// phone number. Exact hits come first, then by name. Each customer is given once, and who was erased never is.
// limit is at most 200; less than 1 is 20.
func (r *Registry) Search(ctx context.Context, query string, limit int) ([]*Customer, error) {
	if limit < 1 {
		limit = 20
	}
	s := &searching{reg: r, limit: min(limit, maxSearch), seen: map[string]bool{}}
	query = strings.TrimSpace(query)
	if err := s.exact(ctx, query); err != nil {
		return nil, fmt.Errorf("search customers: %w", err)
	}
	for _, p := range prefixes(query) {
		if err := s.prefix(ctx, p); err != nil {
			return nil, fmt.Errorf("search customers: %w", err)
		}
	}
	return s.found, nil
}

type searching struct {
	reg   *Registry
	limit int
	seen  map[string]bool
	found []*Customer
}

func (s *searching) full() bool { return len(s.found) >= s.limit }

// exact finds the query as it stands.
func (s *searching) exact(ctx context.Context, query string) error {
	if len(query) == 26 {
		if err := s.add(ctx, strings.ToUpper(query)); err != nil {
			return err
		}
	}
	scopes, err := s.reg.store.Redis().ZRangeByLex(ctx, searchKey(), &redis.ZRangeBy{
		Min: "[" + scopeEntry, Max: "(" + scopeEntry + "\xff", Count: maxScopes,
	}).Result()
	if err != nil {
		return away(err)
	}
	ids := s.reg.readings(query, scopes)
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = indexKey(id.String())
	}
	known, err := s.reg.strings(ctx, keys)
	if err != nil {
		return err
	}
	for i, id := range ids {
		if known[i] == "" {
			continue
		}
		c, maybe, err := s.reg.Owner(ctx, id)
		switch {
		case errors.Is(err, ErrNone), errors.Is(err, ErrGone):
			continue
		case err != nil:
			return err
		case c != nil:
			s.put(c)
		}
		for _, m := range maybe {
			if err := s.add(ctx, m.Customer); err != nil {
				return err
			}
		}
	}
	return nil
}

// readings are the identifiers that somebody may mean by what he typed.
func (r *Registry) readings(query string, scopes []string) []message.Identifier {
	var out []message.Identifier
	try := func(id message.Identifier, err error) {
		id.Level = message.Vouched
		if err == nil && !slices.ContainsFunc(out, func(o message.Identifier) bool { return o.String() == id.String() }) {
			out = append(out, id)
		}
	}
	if query == "" || len(query) > 1000 {
		return nil
	}
	try(r.Parse(query, message.Vouched))
	try(message.Email(query, message.Vouched))
	try(message.Phone(query, r.region, message.Vouched))
	try(message.WhatsApp(query, message.Vouched))
	for _, kind := range []string{"cno", "xu", "yt", "xh", "wa.user", "yt.handle", "ig.user"} {
		try(message.NewIdentifier(kind, "", query, message.Vouched))
	}
	for _, s := range scopes {
		if kind, scope, ok := strings.Cut(strings.TrimPrefix(s, scopeEntry), ":"); ok {
			try(message.NewIdentifier(kind, scope, query, message.Vouched))
		}
	}
	return out
}

// prefixes are how members of the search begin that the query is after.
func prefixes(query string) []string {
	var out []string
	digits := onlyDigits(query)
	if len(digits) >= minDigits && strings.Trim(query, "0123456789 +-./()") == "" {
		out = append(out, phoneEntry+reversed(digits))
	}
	if name := fold(query); len([]rune(name)) >= minName && !strings.Contains(query, "@") {
		out = append(out, nameEntry+name)
	}
	return out
}

func onlyDigits(s string) string {
	return strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return -1
		}
		return c
	}, s)
}

// maxMembers bounds how many members one prefix reads, when many of them are of the same few customers.
const maxMembers = 2000

// prefix finds whose members begin so.
func (s *searching) prefix(ctx context.Context, begin string) error {
	low := "[" + begin
	for read := 0; read < maxMembers && !s.full(); {
		members, err := s.reg.store.Redis().ZRangeByLex(ctx, searchKey(), &redis.ZRangeBy{
			Min: low, Max: "(" + begin + "\xff", Count: int64(s.limit),
		}).Result()
		if err != nil {
			return away(err)
		}
		if err := s.members(ctx, members); err != nil {
			return err
		}
		if len(members) < s.limit {
			return nil
		}
		read += len(members)
		low = "(" + members[len(members)-1]
	}
	return nil
}

// members adds those whose identifiers stand in members.
func (s *searching) members(ctx context.Context, members []string) error {
	nodes, keys := make([]string, len(members)), make([]string, len(members))
	for i, m := range members {
		nodes[i] = nodeOf(m)
		keys[i] = indexKey(nodes[i])
	}
	values, err := s.reg.strings(ctx, keys)
	if err != nil {
		return err
	}
	for i, x := range nodes {
		e, ok := parseEntry(x, values[i])
		if !ok || s.full() {
			continue
		}
		owners := []string{e.customer()}
		if e.generic || e.contested {
			_, maybe, err := s.reg.Owner(ctx, identifierOf(x))
			if err != nil && !errors.Is(err, ErrNone) && !errors.Is(err, ErrGone) {
				return err
			}
			for _, m := range maybe {
				owners = append(owners, m.Customer)
			}
		}
		for _, id := range owners {
			if err := s.add(ctx, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// nodeOf is the identifier that a member names.
func nodeOf(member string) string {
	if digits, ok := strings.CutPrefix(member, phoneEntry); ok {
		return "phone:+" + reversed(digits)
	}
	_, node, _ := strings.Cut(member, "\x00")
	return node
}

// add adds a customer by id. Who is gone meanwhile is none.
func (s *searching) add(ctx context.Context, id string) error {
	if id == "" || s.seen[id] || s.full() {
		return nil
	}
	c, err := s.reg.Customer(ctx, id)
	if errors.Is(err, ErrNone) || errors.Is(err, ErrGone) {
		return nil
	}
	if err == nil {
		s.put(c)
	}
	return err
}

func (s *searching) put(c *Customer) {
	if !s.seen[c.ID] && !s.full() {
		s.seen[c.ID] = true
		s.found = append(s.found, c)
	}
}

// looseEmail is an address without what many mailboxes ignore: what follows a plus, and at Gmail the dots. It is for
// suggestions only, as at another server it may be another person's.
func looseEmail(value string) string {
	at := strings.LastIndexByte(value, '@')
	if at < 1 || value[0] == '"' {
		return value
	}
	local, domain := value[:at], value[at+1:]
	if plain, _, ok := strings.Cut(local, "+"); ok && plain != "" {
		local = plain
	}
	if domain == "googlemail.com" {
		domain = "gmail.com"
	}
	if domain == "gmail.com" {
		local = cmp.Or(strings.ReplaceAll(local, ".", ""), local)
	}
	return local + "@" + domain
}
