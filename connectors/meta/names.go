package meta

import (
	"cmp"
	"context"
	"net/url"
	"sync"
	"time"

	"loket/connectors/vendor"
	"loket/internal/message"
)

// How many people are remembered by what they are called, and how long their message waits for that.
const (
	maxNames   = 5000
	nameWithin = 3 * time.Second
)

// names are what people call themselves, by their ids, as far as Meta was asked lately. Their methods may be called concurrently.
type names struct {
	mu sync.Mutex
	of map[string]called
}

type called struct{ name, username string }

func (n *names) get(id string) (called, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	is, ok := n.of[id]
	return is, ok
}

func (n *names) keep(id string, is called) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.of == nil || len(n.of) >= maxNames {
		n.of = map[string]called{}
	}
	n.of[id] = is
}

// name adds what the sender of m calls themselves, if Meta tells: it is another call, and no message waits for it long.
func (p *private) name(ctx context.Context, m *message.Message) {
	known, ok := p.names.get(p.theirs)
	if !ok && p.usage.allow() == nil {
		within, cancel := context.WithTimeout(ctx, nameWithin)
		defer cancel()
		fields := map[string]string{objectPage: "first_name,last_name", objectInstagram: "name,username"}[p.of.object]
		is, err := p.of.api.Fields(within, vendor.Call{Path: "/" + p.theirs, Query: url.Values{"fields": {fields}}})
		known = called{cmp.Or(is["name"], is["first_name"]+" "+is["last_name"]), is["username"]}
		if err == nil || vendor.As(err) != nil && vendor.As(err).Code != 0 { // it may not be known
			p.names.keep(p.theirs, known)
		}
	}
	m.Name = message.Head(message.CleanLine(cmp.Or(message.CleanLine(known.name), known.username)), 200)
	m.AddFrom("ig.user", "", known.username, message.Attested)
}
