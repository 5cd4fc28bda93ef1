package identity

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"loket/internal/message"
	"loket/internal/store"
	"loket/internal/words"
)

// What likeness weighs. One reason that is enough by itself, or a name with something besides, reaches the threshold.
const (
	mailWeight    = 40 // equal but for what mailboxes ignore
	phoneWeight   = 35 // equal last nine digits
	nameWeight    = 15
	besideWeight  = 15 // each thing besides the name
	refusedWeight = 30 // somebody said it, and it may not be
	againstLoss   = 10 // for each thing that speaks against it
	leastScore    = 25
)

const (
	mailReason  = "their mail addresses differ only in what mailboxes ignore"
	phoneReason = "their phone numbers end in the same nine digits"
	nameReason  = "they have the same name"
	localReason = "their mail addresses have the same name before the @"
	firmReason  = "their mail addresses are of the same organisation"
)

// besides are attributes that make an equal name mean something.
var besides = map[string]string{
	"postcode": "they have the same postcode", "postal_code": "they have the same postcode", "zip": "they have the same postcode",
	"birthdate": "they were born on the same day", "date_of_birth": "they were born on the same day",
	"street": "they live in the same street", "address": "they have the same address",
}

const (
	// maxAlike is how many may share something before it says nothing.
	maxAlike = 20
	// suggestBatch is how much of the log one call of Suggest reads.
	suggestBatch = 500
)

// suggestedKey is how far Suggest has read the log.
func suggestedKey() string { return "lk:{reg}:sug:at" }

// Suggest looks at the customers that were made or changed since it ran last, and files who else they may be. It
// answers how many it looked at; with none there is nothing more to do for now. It may run in several processes, and
// is done again where it stopped.
func (r *Registry) Suggest(ctx context.Context) (int, error) {
	n, err := r.suggestNew(ctx)
	if err != nil {
		return n, fmt.Errorf("look for customers who may be one: %w", err)
	}
	return n, nil
}

func (r *Registry) suggestNew(ctx context.Context) (int, error) {
	from, err := r.store.Redis().Get(ctx, suggestedKey()).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return 0, away(err)
	}
	low := "-"
	if from != "" {
		low = "(" + from
	}
	events, err := r.store.Redis().XRangeN(ctx, logKey(), low, "+", suggestBatch).Result()
	if err != nil {
		return 0, away(err)
	}
	if len(events) == 0 {
		return 0, nil
	}
	done := map[string]bool{}
	for _, e := range events {
		text, _ := e.Values["e"].(string)
		var l logged
		if json.Unmarshal([]byte(text), &l) != nil {
			continue
		}
		for _, id := range l.After {
			if done[id] {
				continue
			}
			done[id] = true
			if err := r.suggestFor(ctx, id); err != nil {
				return len(done), err
			}
		}
	}
	var tx store.Tx
	tx.Set(suggestedKey(), events[len(events)-1].ID)
	_, err = r.store.Commit(ctx, &tx)
	return max(len(done), 1), err
}

// suggestFor files who else a customer may be.
func (r *Registry) suggestFor(ctx context.Context, customer string) error {
	b, err := r.book(ctx, customer)
	if errors.Is(err, ErrNone) || errors.Is(err, ErrGone) {
		return nil
	}
	if err != nil {
		return err
	}
	alike, err := r.alike(ctx, b)
	if err != nil {
		return err
	}
	for _, f := range b.p.Refused {
		// Filed when it was refused, unless that was long ago or the other side was there first.
		if x, y := b.p.group(f.X), b.p.group(f.Y); f.rule != differing && x != nil && y != nil && x.ID != "" && y.ID != "" {
			if x == b.group || y == b.group {
				other := cmp.Or(strings.TrimPrefix(x.ID, b.group.ID), y.ID)
				alike[other] = include(alike[other], string(f.rule))
			}
		}
	}
	for other, reasons := range alike {
		if err := r.weigh(ctx, b.group.ID, other, reasons); err != nil {
			return err
		}
	}
	return nil
}

// alike finds other customers that share something, by id, with what.
func (r *Registry) alike(ctx context.Context, b *book) (map[string][]string, error) {
	out := map[string][]string{}
	look := func(reason string, begin findable, more ...string) error {
		members, err := r.store.Redis().ZRangeByLex(ctx, begin.key, &redis.ZRangeBy{
			Min: "[" + begin.member, Max: "(" + begin.member + "\xff", Count: maxAlike + 1,
		}).Result()
		if err != nil {
			return away(err)
		}
		if len(members) > maxAlike {
			return nil
		}
		for _, m := range members {
			more = append(more, findable{begin.key, m}.node())
		}
		return r.others(ctx, b, reason, more, out)
	}
	for _, x := range b.group.Nodes {
		id := identifierOf(x)
		var err error
		switch {
		case b.p.state[x].generic, isPast(x):
		case id.IsMailbox():
			loose := looseEmail(id.Value)
			err = look(mailReason, findable{searchKey(), looseEntry + loose + "\x00"}, "email:"+loose)
		case id.Kind == "phone" && len(id.Value) > 9:
			digits := reversed(id.Value[len(id.Value)-9:])
			err = look(phoneReason, findable{phonesKey(digits), digits})
		}
		if name := words.Fold(b.view.facts.local(x).name.name); err == nil && strings.Contains(name, " ") {
			err = look(nameReason, findable{searchKey(), nameEntry + name + "\x00"})
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// others notes the reason for every customer but this one that has one of the nodes alone.
func (r *Registry) others(ctx context.Context, b *book, reason string, nodes []string, out map[string][]string) error {
	keys := make([]string, len(nodes))
	for i, x := range nodes {
		keys[i] = indexKey(x)
	}
	values, err := r.strings(ctx, keys)
	if err != nil {
		return err
	}
	for i, x := range nodes {
		e, ok := parseEntry(x, values[i])
		if id := e.customer(); ok && !e.generic && id != "" && id != b.group.ID {
			out[id] = include(out[id], reason)
		}
	}
	return nil
}

// maxFiling is how often filing is tried while both customers change.
const maxFiling = 3

// weigh files a pair when enough speaks for it and nobody decided on it.
func (r *Registry) weigh(ctx context.Context, a, b string, reasons []string) error {
	k := pairOf(a, b)
	id := k.x + "+" + k.y
	for range maxFiling {
		d, err := r.doubt(ctx, id)
		if errors.Is(err, errSettled) {
			return nil
		}
		if err != nil {
			return err
		}
		score, all, err := r.score(ctx, d, reasons)
		if err != nil || score < leastScore {
			return err
		}
		old, err := r.store.Redis().ZScore(ctx, suggestionsKey(), id).Result()
		if err != nil && !errors.Is(err, redis.Nil) {
			return away(err)
		}
		// Both as they were read: neither was erased nor told apart meanwhile.
		var tx store.Tx
		for _, g := range []*Group{d.a, d.b} {
			tx.IfPrefix(groupKey(g.ID), fmt.Sprintf("%d;", d.view.versions[g.ID]))
		}
		tx.ZAdd(suggestionsKey(), max(int64(score), int64(old)), id)
		for _, reason := range all {
			tx.SetField(suggestionKey(id), reason, "")
		}
		if done, err := r.store.Commit(ctx, &tx); done || err != nil {
			return err
		}
	}
	return nil // the change that came in between is in the log and comes here again
}

func (r *Registry) score(ctx context.Context, d *doubt, reasons []string) (int, []string, error) {
	score, refused := 0, 0
	all := slices.Clone(reasons)
	for _, reason := range reasons {
		switch reason {
		case mailReason:
			score += mailWeight
		case phoneReason:
			score += phoneWeight
		case nameReason:
			beside, err := r.beside(ctx, d)
			if err != nil {
				return 0, nil, err
			}
			score += nameWeight + besideWeight*len(beside)
			all = append(all, beside...)
		default:
			refused = refusedWeight
		}
	}
	return max(score-againstLoss*len(d.against()), refused), all, nil
}

// beside is what two customers of one name have in common besides.
func (r *Registry) beside(ctx context.Context, d *doubt) ([]string, error) {
	ba, bb := book{view: d.view, p: d.p, group: d.a}, book{view: d.view, p: d.p, group: d.b}
	notes, err := r.notesOf(ctx, slices.Concat(ba.nodes(), bb.nodes()))
	if err != nil {
		return nil, err
	}
	of := func(g *book) map[string]bool {
		out := map[string]bool{}
		for _, x := range g.nodes() {
			for field, word := range notes[x] {
				name, ok := strings.CutPrefix(field, attributeField)
				_, value := readWord(word)
				if reason := besides[strings.ToLower(name)]; ok && reason != "" && words.Fold(value) != "" {
					out[reason+"\x00"+strings.ReplaceAll(words.Fold(value), " ", "")] = true
				}
			}
			id := identifierOf(x)
			if local, domain, ok := strings.Cut(id.Value, "@"); id.IsMailbox() && ok && !isPast(x) {
				if id.Class() == message.Reassignable && !id.Role() {
					out[localReason+"\x00"+local] = true
				}
				if !message.IsPublicMail(domain) {
					out[firmReason+"\x00"+domain] = true
				}
			}
		}
		return out
	}
	mine, theirs := of(&ba), of(&bb)
	var out []string
	for k := range mine {
		if reason, _, _ := strings.Cut(k, "\x00"); theirs[k] {
			out = include(out, reason)
		}
	}
	slices.Sort(out)
	return out, nil
}
