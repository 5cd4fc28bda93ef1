package thread

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"loket/internal/message"
	"loket/internal/store"
)

// A Part is what somebody has in a thread.
type Part struct {
	// In tells that they began it, or had an answer of a person in it.
	In bool
	// Level is how sure it was at most that it was them.
	Level message.Level
	// Copied: all that they had in it are copies of what was written to others.
	Copied bool
	// Began is who began it.
	Began []message.Identifier
}

// PartOf tells what part these identifiers, claims too, have in a thread. Nobody is a stranger in a thread that is not there.
func (t *Threads) PartOf(ctx context.Context, id string, who []message.Identifier) (Part, error) {
	fields := []string{"head"}
	for _, w := range who {
		fields = append(fields, participantField(w), copiedField(w))
	}
	v, err := t.fields(ctx, id, fields...)
	if err != nil {
		return Part{}, fmt.Errorf("look who takes part in thread %s: %w", id, err)
	}
	head := v[0]
	if head == "" {
		return Part{In: true}, nil
	}
	var part Part
	for i, known := range v[1:] {
		if known == "" {
			continue
		}
		copied := i%2 == 1 && (!part.In || part.Copied)
		_, word, _ := strings.Cut(known, " ")
		level, err := message.ParseLevel(word)
		if err != nil { // noted without, or by a colleague elsewhere
			level = message.Mentioned
		}
		part = Part{In: true, Level: max(part.Level, level), Copied: copied}
	}
	var th Thread
	if err := json.Unmarshal([]byte(head), &th); err != nil {
		return Part{}, fmt.Errorf("read thread %s: %w", id, err)
	}
	for _, w := range who {
		if i := slices.IndexFunc(th.From, func(began message.Identifier) bool { return same(began, w) }); i >= 0 {
			part = Part{In: true, Level: max(part.Level, th.From[i].Level)}
		}
	}
	part.Began = th.From
	return part, nil
}

// Newcomers are those of who that did not begin the thread. Several identifiers of one person are one, as the id and the number
// of a telephone; each mail address is somebody else.
func (th *Thread) Newcomers(who []message.Identifier) (others []message.Identifier) {
	began := func(w message.Identifier) bool {
		return slices.ContainsFunc(th.From, func(f message.Identifier) bool { return same(f, w) })
	}
	isMail := func(w message.Identifier) bool { return w.IsMailbox() }
	for _, w := range who {
		if !began(w) && (isMail(w) || !slices.ContainsFunc(who, func(o message.Identifier) bool { return !isMail(o) && began(o) })) {
			others = append(others, w)
		}
	}
	return others
}

func same(a, b message.Identifier) bool {
	return a.Kind == b.Kind && a.Scope == b.Scope && a.Value == b.Value
}

// welcome notes whom an answer of a person was written to, and who had a copy: they are strangers in its thread no more.
func welcome(tx *store.Tx, m *message.Message) {
	if m.Automatic != message.ByPerson {
		return
	}
	since := strconv.FormatInt(m.Received.UnixMilli(), 10)
	for _, w := range m.To {
		tx.SetField(threadKey(m.Thread), participantField(w), since+" "+w.Level.String())
	}
	for _, w := range m.Cc {
		tx.SetField(threadKey(m.Thread), copiedField(w), since+" "+w.Level.String())
	}
}

func participantField(i message.Identifier) string { return "p:" + i.String() }

func copiedField(i message.Identifier) string { return "k:" + i.String() }
