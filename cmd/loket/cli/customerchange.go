package cli

import (
	"bufio"
	"context"
	"fmt"
	"slices"
	"strings"

	"loket/cmd/loket/cli/format"
	"loket/desk/api"
)

type customerRegisterCommand struct {
	outputFlags
	confirmed
	Identifiers []string `arg:"" name:"identifier" help:"email:kate@example.org, phone:+31612345678, cno:1042…"`
	Name        string   `placeholder:"NAME" help:"What the customer is called."`
}

func (c *customerRegisterCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	p, err := client.Register(ctx, c.Identifiers, c.Name, c.because())
	return c.customer(w, p, err)
}

type customerLinkCommand struct {
	customerRef
	confirmed
	Identifier string `arg:"" help:"The identifier, such as phone:+31612345678."`
}

func (c *customerLinkCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return c.change(ctx, w, d, func(client *api.Client, id string) (*api.Profile, error) {
		return client.LinkIdentifier(ctx, id, c.Identifier, c.because())
	})
}

type customerUnlinkCommand struct {
	customerRef
	explained
	Identifier string `arg:"" help:"The identifier."`
}

func (c *customerUnlinkCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return c.change(ctx, w, d, func(client *api.Client, id string) (*api.Profile, error) {
		return client.UnlinkIdentifier(ctx, id, c.Identifier, c.because())
	})
}

type customerShareCommand struct {
	customerRef
	explained
	Identifier string `arg:"" help:"The identifier."`
	Not        bool   `help:"It is one person's after all."`
}

func (c *customerShareCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return c.change(ctx, w, d, func(client *api.Client, id string) (*api.Profile, error) {
		return client.Share(ctx, id, c.Identifier, !c.Not, c.because())
	})
}

type customerRetireCommand struct {
	customerRef
	explained
	Identifier string `arg:"" help:"The identifier."`
	At         string `placeholder:"WHEN" help:"Until when it was the customer's: 2026-01-31 or an RFC 3339 instant. Left out, until now."`
}

func (c *customerRetireCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return c.change(ctx, w, d, func(client *api.Client, id string) (*api.Profile, error) {
		return client.Retire(ctx, id, c.Identifier, c.At, c.because())
	})
}

// two is for commands about two customers.
type two struct {
	outputFlags
	A string `arg:"" help:"A customer: an id, or an identifier."`
	B string `arg:"" help:"The other."`
}

func (c *two) ids(ctx context.Context, client *api.Client) (a, b string, err error) {
	if a, err = customerID(ctx, client, c.A); err == nil {
		b, err = customerID(ctx, client, c.B)
	}
	return a, b, err
}

type customerMergeCommand struct {
	two
	confirmed
}

func (c *customerMergeCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	a, b, err := c.ids(ctx, client)
	if err != nil {
		return err
	}
	p, err := client.MergeCustomers(ctx, a, b, c.because())
	return c.customer(w, p, err)
}

type customerUnmergeCommand struct {
	two
	explained
}

func (c *customerUnmergeCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	// As they are: an identifier of the one leads to both by now, and the daemon knows whose it was.
	both, err := client.UnmergeCustomers(ctx, c.A, c.B, c.because())
	return c.result(w, both, err, func(p *page) { p.profiles(both.Customers) })
}

type customerSplitCommand struct {
	customerRef
	explained
	Identifiers []string `arg:"" name:"identifier" help:"Those that are somebody else's."`
}

func (c *customerSplitCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	client, id, err := c.target(ctx, w, d)
	if err != nil {
		return err
	}
	both, err := client.Split(ctx, id, c.Identifiers, c.because())
	return c.result(w, both, err, func(p *page) { p.profiles([]*api.Profile{both.Kept, both.Fresh}) })
}

type customerEraseCommand struct {
	customerRef
	explained
	Confirm    bool `help:"Do it. Without it, what would go is shown, and a person at a terminal is asked."`
	KeepClaims bool `help:"Leave what senders said who only claimed to be them, as everybody does in a form."`
}

func (c *customerEraseCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	client, id, err := c.target(ctx, w, d)
	if err != nil {
		return err
	}
	if !c.Confirm {
		if err := c.ask(ctx, w, client, id); err != nil {
			return err
		}
	}
	daemon, _ := client.Status(ctx) // what cannot be asked is left out below
	done, err := client.Erase(ctx, id, c.KeepClaims, c.because())
	switch {
	case err != nil:
		return err
	case c.JSON:
		return w.printJSON(map[string]any{"erased": id, "done": done})
	case done:
		w.page().Printf("customer %s is forgotten\n", id)
	default:
		w.page().Printf("customer %s is being forgotten: something of theirs is on its way just now\n", id)
	}
	if daemon != nil && daemon.Store.Kind == "redis" {
		w.page().Printf("%s", ownRedis)
	}
	return nil
}

// ask shows what would go, and asks whoever sits at a terminal. Nobody there, or anything but yes, is a no.
func (c *customerEraseCommand) ask(ctx context.Context, w *streams, client *api.Client, id string) error {
	h, err := client.History(ctx, id, shownBeforeErasing, "")
	if err != nil {
		return err
	}
	if c.JSON {
		if err := w.printJSON(h); err != nil {
			return err
		}
	} else {
		sheet := w.page()
		sheet.profile(h.Customer)
		if all := slices.Concat(h.Tasks, h.Claims); len(all) > 0 {
			sheet.tasks(all)
		}
		sheet.Printf("Who they are goes, and all that was said with them, their files too: in the tasks above%s and in the archive.\n",
			map[bool]string{true: ", in older ones"}[h.More])
	}
	if format.IsTerminal(w.in) {
		_, _ = fmt.Fprintf(w.err, "forget customer %s for good? Type yes: ", format.Clean(id))
		line, _ := bufio.NewReader(w.in).ReadString('\n') // nothing at all is no yes
		if strings.TrimSpace(line) == "yes" {
			return nil
		}
	}
	return fmt.Errorf("customer %s was not erased: --confirm does it", id)
}

// shownBeforeErasing is how many tasks are shown of whoever is to be erased.
const shownBeforeErasing = 50

// ownRedis is what an erasure leaves to whoever runs the Redis.
const ownRedis = `The Redis is yours, and until it writes its files anew they still hold what was erased: run
BGREWRITEAOF there, and BGSAVE where it takes snapshots; replicas and backups keep their own copies.
`
