package meta

import (
	"cmp"
	"context"
	"net/url"
	"time"

	"loket/connectors"
	"loket/connectors/vendor"
	"loket/internal/message"
)

const (
	// namesWithin is how long all messages of a webhook together wait for what people call themselves.
	namesWithin = 2 * time.Second
	// nameLasts is how long that is believed: on Instagram a name may be somebody else's tomorrow.
	nameLasts = 6 * time.Hour
	// nameFailed is how long nobody is asked again after Meta could not say.
	nameFailed = time.Minute
)

// called is what somebody calls themselves.
type called struct{ name, username string }

// name adds what the sender of m calls themselves, if Meta tells: it is another call, and no message waits for it long.
func (p *private) name(ctx context.Context, m *message.Message) {
	known, ok := p.names.get(p.theirs)
	if !ok {
		known = p.lookUp(ctx, p.of, p.theirs, map[string]string{objectPage: "first_name,last_name", objectInstagram: "name,username"}[p.of.object])
	}
	m.Name = message.Head(message.CleanLine(cmp.Or(message.CleanLine(known.name), known.username)), 200)
	m.AddFrom("ig.user", "", known.username, message.Attested)
}

// lookUp asks what somebody is called, unless the time for that is over. What can't be had is nothing.
func (a *App) lookUp(ctx context.Context, of *asset, id, fields string) called {
	within, cancel := beforeNames(ctx)
	defer cancel()
	if within.Err() != nil || a.usage.allow() != nil {
		return called{}
	}
	is, err := of.api.Fields(within, vendor.Call{Path: "/" + id, Query: url.Values{"fields": {fields}}})
	known, lasts := called{cmp.Or(is["name"], is["first_name"]+" "+is["last_name"]), is["username"]}, nameLasts
	if err != nil && !connectors.IsPermanent(err) {
		lasts = nameFailed
	}
	a.names.keep(id, known, time.Now().Add(lasts))
	return known
}

// beforeNames is ctx until the time for names is over: that is counted from the beginning of a webhook, which must be answered.
func beforeNames(ctx context.Context) (context.Context, context.CancelFunc) {
	end, bounded := ctx.Deadline()
	if !bounded {
		return context.WithTimeout(ctx, namesWithin)
	}
	return context.WithDeadline(ctx, end.Add(namesWithin-answerWithin))
}
