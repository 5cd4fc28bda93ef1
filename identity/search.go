package identity

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"loket/internal/message"
	"loket/internal/words"
)

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

// readings are the identifiers that somebody may mean by what they typed.
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
	try(message.ShownPhone(query, r.region, message.Vouched))
	try(message.WhatsApp(query, message.Vouched))
	for _, id := range message.Bare(query, message.Vouched) {
		try(id, nil)
	}
	for _, s := range scopes {
		if kind, scope, ok := strings.Cut(strings.TrimPrefix(s, scopeEntry), ":"); ok {
			try(message.NewIdentifier(kind, scope, query, message.Vouched))
		}
	}
	return out
}

// prefixes are how members of the search begin that the query is after.
func prefixes(query string) []findable {
	var out []findable
	digits := onlyDigits(query)
	if len(digits) >= minDigits && strings.Trim(query, "0123456789 +-./()") == "" {
		digits = reversed(digits)
		out = append(out, findable{phonesKey(digits), digits})
	}
	if name := words.Fold(query); len([]rune(name)) >= minName && !strings.Contains(query, "@") {
		out = append(out, findable{searchKey(), nameEntry + name})
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
func (s *searching) prefix(ctx context.Context, begin findable) error {
	low := "[" + begin.member
	for read := 0; read < maxMembers && !s.full(); {
		members, err := s.reg.store.Redis().ZRangeByLex(ctx, begin.key, &redis.ZRangeBy{
			Min: low, Max: "(" + begin.member + "\xff", Count: int64(s.limit),
		}).Result()
		if err != nil {
			return away(err)
		}
		if err := s.members(ctx, begin.key, members); err != nil {
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

// members adds those whose identifiers stand in members of a set.
func (s *searching) members(ctx context.Context, set string, members []string) error {
	nodes, keys := make([]string, len(members)), make([]string, len(members))
	for i, m := range members {
		nodes[i] = findable{set, m}.node()
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
