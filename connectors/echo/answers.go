package echo

import (
	"context"
	"errors"
	"slices"
	"time"

	"loket/connectors"
)

// Answers know which answers a vendor took lately, by conversation: of those that are in doubt none is taken for another with the
// same text. Who uses them locks the conversation.
type Answers struct {
	Cursor connectors.Cursor
	Now    func() time.Time
}

// An Answer is one that the vendor took.
type Answer struct {
	ID    string    `json:"sid"` // the vendor's
	Reply string    `json:"reply"`
	At    time.Time `json:"at"`
}

// maxAnswers is how many of one conversation are remembered: those of which one may still be in doubt.
const maxAnswers = 30

const answersKey = "sent:"

// IsOther tells whether what the vendor has under an id was noted as another answer than reply.
func (a Answers) IsOther(ctx context.Context, conversation, reply, id string) (bool, error) {
	all, err := a.Lately(ctx, conversation)
	return slices.ContainsFunc(all, func(one Answer) bool { return one.ID == id && one.Reply != reply }), err
}

// Lately are those of a conversation, oldest first.
func (a Answers) Lately(ctx context.Context, conversation string) (all []Answer, err error) {
	_, err = connectors.Recall(ctx, a.Cursor, answersKey+conversation, &all)
	if errors.Is(err, connectors.ErrUnreadable) {
		return nil, nil // of a version to come: it is for doubts only
	}
	return all, err
}

// Took notes that the vendor took reply, and its id.
func (a Answers) Took(ctx context.Context, conversation, reply, id string) error {
	all, err := a.Lately(ctx, conversation)
	if err != nil || slices.ContainsFunc(all, func(one Answer) bool { return one.ID == id }) {
		return err
	}
	all = append(all, Answer{ID: id, Reply: reply, At: a.Now().UTC()})
	return connectors.Keep(ctx, a.Cursor, answersKey+conversation, all[max(0, len(all)-maxAnswers):])
}
