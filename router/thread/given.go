package thread

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"loket/internal/message"
	"loket/internal/store"
)

// A Given is an address at which whoever writes in a thread said that they can be reached, and when they did.
type Given struct {
	Address message.Identifier `json:"address"`
	At      time.Time          `json:"at"`
}

// Give notes addresses that were given at an instant. Of each kind the newest counts, in whatever order they are noted; doing it again changes
// nothing. A thread that is not in the store keeps nothing.
func (t *Threads) Give(ctx context.Context, id string, at time.Time, addresses []message.Identifier) error {
	for range restoreTries {
		head, was, err := t.loadGiven(ctx, id)
		if err != nil || head == "" {
			return err
		}
		known, err := readGiven(was)
		if err != nil {
			return fmt.Errorf("read addresses of thread %s: %w", id, err)
		}
		fresh := newestOf(known, at.UTC(), addresses)
		if slices.EqualFunc(fresh, known, func(a, b Given) bool { return a.Address == b.Address && a.At.Equal(b.At) }) {
			return nil
		}
		done, err := t.setGiven(ctx, id, head, was, fresh)
		if done || err != nil {
			return err
		}
	}
	return fmt.Errorf("note addresses of thread %s: %w", id, errRestless)
}

func (t *Threads) loadGiven(ctx context.Context, id string) (head, given string, err error) {
	key := threadKey(id)
	_, have, err := t.store.Load(ctx, store.Field{Key: key, Name: "head"}, store.Field{Key: key, Name: givenField})
	if err != nil {
		return "", "", err
	}
	return have[0], have[1], nil
}

// setGiven replaces what was given, if the thread is as it was.
func (t *Threads) setGiven(ctx context.Context, id, head, was string, given []Given) (bool, error) {
	key := threadKey(id)
	var tx store.Tx
	tx.IfField(key, "head", head)
	tx.IfField(key, givenField, was)
	if len(given) == 0 {
		tx.DelField(key, givenField)
		return t.store.Commit(ctx, &tx)
	}
	b, err := json.Marshal(given)
	if err != nil {
		return false, err
	}
	tx.SetField(key, givenField, string(b))
	return t.store.Commit(ctx, &tx)
}

const givenField = "given"

func readGiven(text string) (given []Given, err error) {
	if text == "" {
		return nil, nil
	}
	err = json.Unmarshal([]byte(text), &given)
	return given, err
}

// newestOf gives of each kind the address that was given last, the newest first.
func newestOf(known []Given, at time.Time, addresses []message.Identifier) []Given {
	all := slices.Clone(known)
	for _, a := range addresses {
		all = append(all, Given{a, at})
	}
	slices.SortStableFunc(all, func(a, b Given) int { return b.At.Compare(a.At) })
	var newest []Given
	for _, g := range all {
		if !slices.ContainsFunc(newest, func(n Given) bool { return n.Address.Kind == g.Address.Kind }) {
			newest = append(newest, g)
		}
	}
	return newest
}

// ungive takes a person's addresses out of those that were given in a thread, and tells whether any was there.
func (t *Threads) ungive(ctx context.Context, th *Thread, who []message.Identifier) (bool, error) {
	theirs := func(g Given) bool {
		return slices.ContainsFunc(who, func(w message.Identifier) bool { return same(g.Address, w) })
	}
	if !slices.ContainsFunc(th.Given, theirs) {
		return false, nil
	}
	head, was, err := t.loadGiven(ctx, th.ID)
	if err != nil {
		return false, err
	}
	given, err := readGiven(was)
	if err != nil {
		return false, err
	}
	_, err = t.setGiven(ctx, th.ID, head, was, slices.DeleteFunc(given, theirs))
	return true, err // what was not stored is gone through again
}
