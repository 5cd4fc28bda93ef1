package intake

import (
	"context"
	"slices"
	"time"

	"loket/identity"
	"loket/internal/message"
	"loket/router"
	"loket/router/queue"
)

// Decide is what the rules make of a message whose sender is who, when it came: the same in the walk and in dry runs. The
// message is given back in the language that it turned out to be in; m itself stays as it is. earlier is the language that
// the sender's earlier task was in, asked for only when the text does not tell; without it none is known.
func Decide(r *router.Router, m *message.Message, who identity.Result, earlier func() (string, error)) (*message.Message, router.Decision, error) {
	customer := router.Customer{ID: who.Customer, Assurance: who.Word()}
	d := r.Route(router.FactsOf(m, customer), m.Received)
	if m.Language != "" {
		return m, d, nil
	}
	language := d.Language
	if language == "" && r.HasLanguages() && earlier != nil {
		var err error
		if language, err = earlier(); err != nil {
			return nil, router.Decision{}, err
		}
	}
	if language == "" {
		return m, d, nil
	}
	known := *m
	known.Language = language
	if d.Language == "" {
		d = r.Route(router.FactsOf(&known, customer), m.Received)
	}
	return &known, d, nil
}

// Spoken is the language that a sender's earlier task was in, of those that teams answer in: a text that does not show its
// own, such as a number or a thank-you, is taken for one in it. "" when nothing is known. What somebody wrote who had the sender's
// address before does not count.
func Spoken(ctx context.Context, q *queue.Queue, r *router.Router, m *message.Message, who identity.Result) (string, error) {
	for _, id := range m.From {
		tasks, err := q.ByIdentifier(ctx, id, 1)
		if err != nil {
			return "", err
		}
		another := func(l identity.Life) bool {
			return l.String() == id.String() && !l.Holds(time.UnixMilli(tasks[0].Created))
		}
		if len(tasks) > 0 && !slices.ContainsFunc(who.Lives, another) && r.Speaks(tasks[0].Language) {
			return tasks[0].Language, nil
		}
	}
	return "", nil
}
