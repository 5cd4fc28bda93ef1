package identity

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"loket/internal/field"
	"loket/internal/store"
	"loket/internal/words"
)

// A Suggestion is two customers that may be one, for a person to decide.
type Suggestion struct {
	ID      string
	A       *Customer
	B       *Customer
	Score   int // how much speaks for it; more is surer
	Reasons []Reason
	Against []string // what speaks against it, in words
}

// A Reason is one thing that speaks for a suggestion, in words. It never repeats an address.
type Reason struct {
	Text     string `json:"text"`
	Evidence string `json:"evidence,omitempty"` // the message or the person it is known from
}

// maxSuggestions is how many suggestions are given at a time.
const maxSuggestions = 100

// Suggestions gives the pairs of customers that may be one, the surest first. cursor is empty at first, then what the
// call before gave; an empty one afterwards says that these were the last. Another is a *field.Error. Pairs that were decided, joined or erased
// meanwhile are left out and forgotten. limit is at most 100; less than 1 is 20.
func (r *Registry) Suggestions(ctx context.Context, limit int, cursor string) ([]Suggestion, string, error) {
	if limit < 1 {
		limit = 20
	}
	limit = min(limit, maxSuggestions)
	out, next, err := r.suggestions(ctx, limit, cursor)
	if err != nil {
		return nil, "", fmt.Errorf("list suggestions: %w", err)
	}
	return out, next, nil
}

func (r *Registry) suggestions(ctx context.Context, limit int, cursor string) ([]Suggestion, string, error) {
	var out []Suggestion
	seen := map[pair]bool{}
	for {
		from, err := r.after(ctx, cursor)
		if err != nil {
			return nil, "", err
		}
		page, err := r.store.Redis().ZRevRangeWithScores(ctx, suggestionsKey(), from, from+int64(limit)-1).Result()
		if err != nil {
			return nil, "", away(err)
		}
		for _, z := range page {
			id, _ := z.Member.(string)
			cursor = strconv.Itoa(int(z.Score)) + ":" + id
			s, err := r.suggestion(ctx, id, int(z.Score))
			if err != nil {
				return nil, "", err
			}
			if s == nil || seen[pairOf(s.A.ID, s.B.ID)] {
				continue
			}
			seen[pairOf(s.A.ID, s.B.ID)] = true
			if out = append(out, *s); len(out) == limit {
				return out, cursor, nil
			}
		}
		if len(page) < limit {
			return out, "", nil
		}
	}
}

// after is how many come before the place of the cursor, whether what stood there still does or not.
func (r *Registry) after(ctx context.Context, cursor string) (int64, error) {
	if cursor == "" {
		return 0, nil
	}
	score, id, ok := strings.Cut(cursor, ":")
	if _, err := strconv.Atoi(score); err != nil || !ok {
		return 0, field.Errorf("cursor", "must be the cursor of the page before")
	}
	rank, err := r.store.Redis().ZRevRank(ctx, suggestionsKey(), id).Result()
	if err == nil {
		return rank + 1, nil
	}
	if !errors.Is(err, redis.Nil) {
		return 0, away(err)
	}
	above, err := r.store.Redis().ZCount(ctx, suggestionsKey(), "("+score, "+inf").Result()
	if err != nil {
		return 0, away(err)
	}
	for {
		equal, err := r.store.Redis().ZRevRangeWithScores(ctx, suggestionsKey(), above, above+maxSuggestions-1).Result()
		if err != nil {
			return 0, away(err)
		}
		for _, z := range equal {
			if member, _ := z.Member.(string); strconv.Itoa(int(z.Score)) != score || member < id {
				return above, nil
			}
			above++
		}
		if len(equal) < maxSuggestions {
			return above, nil
		}
	}
}

// suggestion reads one; nil, and it is forgotten, when it is settled.
func (r *Registry) suggestion(ctx context.Context, id string, score int) (*Suggestion, error) {
	d, err := r.doubt(ctx, id)
	if errors.Is(err, errSettled) {
		return nil, r.dropSuggestion(ctx, id)
	}
	if err != nil {
		return nil, err
	}
	fields, err := r.store.Redis().HGetAll(ctx, suggestionKey(id)).Result()
	if err != nil {
		return nil, away(err)
	}
	s := &Suggestion{ID: id, A: d.view.customer(d.p, d.a), B: d.view.customer(d.p, d.b), Score: score, Against: d.against()}
	for text, evidence := range fields {
		s.Reasons = append(s.Reasons, Reason{text, evidence})
	}
	slices.SortFunc(s.Reasons, func(a, b Reason) int { return cmp.Compare(a.Text, b.Text) })
	return s, nil
}

func (r *Registry) dropSuggestion(ctx context.Context, id string) error {
	var tx store.Tx
	tx.ZRem(suggestionsKey(), id)
	tx.Del(suggestionKey(id))
	_, err := r.store.Commit(ctx, &tx)
	return err
}

// dropSuggestions forgets all suggestions about the customers' ids among nodes.
func (r *Registry) dropSuggestions(ctx context.Context, nodes []string) error {
	for _, x := range nodes {
		id, ok := cidOf(x)
		if !ok {
			continue
		}
		pairs, err := r.suggestionsAbout(ctx, id)
		if err != nil {
			return err
		}
		for _, pair := range pairs {
			if err := r.dropSuggestion(ctx, pair); err != nil {
				return err
			}
		}
	}
	return nil
}

// suggestionsAbout are the suggestions about one customer's id.
func (r *Registry) suggestionsAbout(ctx context.Context, id string) ([]string, error) {
	var out []string
	for _, pattern := range []string{id + "+*", "*+" + id} {
		list := r.store.Redis().ZScan(ctx, suggestionsKey(), 0, pattern, 1000).Iterator()
		for i := 0; list.Next(ctx); i++ {
			if i%2 == 0 { // else it is its score
				out = include(out, list.Val())
			}
		}
		if err := list.Err(); err != nil {
			return nil, away(err)
		}
	}
	return out, nil
}

// Decide settles a suggestion. The same: both become one customer, as Merge does it, and its errors are given. Not
// the same: that is noted as a person's decision, nothing joins them by itself any more, and it is not asked again.
// It is ErrNone when there is no such suggestion.
func (r *Registry) Decide(ctx context.Context, id string, same bool, by Actor) error {
	err := r.settle(ctx, id, same, by)
	if err == nil || errors.Is(err, errSettled) {
		err = cmp.Or(r.dropSuggestion(ctx, id), err)
	}
	if errors.Is(err, errSettled) {
		err = ErrNone
	}
	if err != nil {
		return fmt.Errorf("decide suggestion: %w", err)
	}
	return nil
}

func (r *Registry) settle(ctx context.Context, id string, same bool, by Actor) error {
	d, err := r.doubt(ctx, id)
	if err != nil {
		return err
	}
	if same {
		_, err := r.Merge(ctx, d.a.ID, d.b.ID, by)
		return err
	}
	a, b := cidNode(d.a.ID), cidNode(d.b.ID)
	c := &change{op: "differ", by: by, nodes: []string{a, b}}
	c.say = func(v *view) error {
		v.decide(a, b, false, by)
		return nil
	}
	_, _, err = r.do(ctx, c)
	return err
}

// errSettled says that there is nothing to decide any more.
var errSettled = errors.New("it is settled")

// doubt is two customers that may be one, and all that is known of both.
type doubt struct {
	view *view
	p    *Partition
	a, b *Group
}

func (r *Registry) doubt(ctx context.Context, id string) (*doubt, error) {
	a, b, ok := strings.Cut(id, "+")
	if !ok || a == "" || b == "" {
		return nil, errSettled
	}
	v, err := r.view(ctx, cidNode(a), cidNode(b))
	if err != nil {
		return nil, err
	}
	d := &doubt{view: v, p: Derive(v.facts)}
	d.a, d.b = d.p.group(cidNode(a)), d.p.group(cidNode(b))
	if d.a == nil || d.b == nil || d.a == d.b || d.decided() {
		return nil, errSettled
	}
	return d, nil
}

// decided tells whether a person said that they are not the same.
func (d *doubt) decided() bool {
	in := func(x string, g *Group) bool { return d.p.group(x) == g }
	for k, w := range d.view.facts.decisions {
		if !w.same && (in(k.x, d.a) && in(k.y, d.b) || in(k.x, d.b) && in(k.y, d.a)) {
			return true
		}
	}
	return false
}

// against is what speaks against it, in words.
func (d *doubt) against() []string {
	var out []string
	systems := map[string]bool{}
	for _, x := range d.a.Nodes {
		if id := identifierOf(x); lasting(id) == 0 && !isPast(x) {
			systems[system(id)] = true
		}
	}
	if slices.ContainsFunc(d.b.Nodes, func(x string) bool {
		id := identifierOf(x)
		return lasting(id) == 0 && !isPast(x) && systems[system(id)]
	}) {
		out = append(out, string(anchored))
	}
	a, b := words.Fold(d.view.called(d.a).name), words.Fold(d.view.called(d.b).name)
	if a != "" && b != "" && a != b {
		out = append(out, "they have different names")
	}
	return out
}
