package cli

import (
	"context"

	"loket/cmd/loket/cli/format"
	"loket/desk/api"
)

// permissions makes one call about what a customer allows and prints what stands then.
func (c *customerRef) permissions(ctx context.Context, w *streams, d *daemon, call func(*api.Client, string) (*api.Permissions, error)) error {
	client, id, err := c.target(ctx, w, d)
	if err != nil {
		return err
	}
	said, err := call(client, id)
	return c.result(w, said, err, func(p *page) { p.permissions(said) })
}

type customerConsentCommand struct {
	customerRef
	explained
	Identifier string `arg:"" optional:"" help:"The address it is about. Left out, what stands is shown."`
	Purpose    string `arg:"" optional:"" help:"What for: service, newsletter…"`
	Allow      bool   `xor:"said" help:"They may be written to there."`
	Refuse     bool   `xor:"said" help:"They may not."`
}

func (c *customerConsentCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	said := c.Allow || c.Refuse
	if said != (c.Purpose != "") {
		return usagef("consent: an address, a purpose, and --allow or --refuse go together")
	}
	return c.permissions(ctx, w, d, func(client *api.Client, id string) (*api.Permissions, error) {
		if !said {
			return client.Permissions(ctx, id)
		}
		return client.SetConsent(ctx, id, c.Identifier, c.Purpose, c.Allow, c.because())
	})
}

type customerOptoutCommand struct {
	customerRef
	explained
	Purpose string `arg:"" help:"What for: newsletter, service…"`
	Not     bool   `help:"They take it back; what they refuse at single addresses stays refused."`
}

func (c *customerOptoutCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return c.permissions(ctx, w, d, func(client *api.Client, id string) (*api.Permissions, error) {
		return client.SetConsent(ctx, id, "", c.Purpose, c.Not, c.because())
	})
}

type customerPreferCommand struct {
	customerRef
	explained
	Identifier string `arg:"" optional:"" help:"The address."`
	Purpose    string `default:"service" placeholder:"PURPOSE" help:"What for."`
	None       bool   `help:"They take their choice back."`
}

func (c *customerPreferCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	if c.None == (c.Identifier != "") {
		return usagef("prefer: give an address, or --none")
	}
	return c.permissions(ctx, w, d, func(client *api.Client, id string) (*api.Permissions, error) {
		return client.SetPreferred(ctx, id, c.Purpose, c.Identifier, c.because())
	})
}

// permissions prints what a customer said of being written to.
func (p *page) permissions(said *api.Permissions) {
	rows := make([][]any, 0, len(said.Consent))
	for _, c := range said.Consent {
		word, about := format.Red.Of("refused"), c.Identifier
		if c.Allowed {
			word = format.Green.Of("allowed")
		}
		if about == "" {
			about = "every address"
		}
		rows = append(rows, []any{"", about, c.Purpose, word, "since " + p.Day(c.At.Time), join("by", c.Agent, c.Source)})
	}
	p.Table(nil, rows)
	for _, x := range said.Preferred {
		p.Printf("  written to for %s at %s\n", x.Purpose, x.Identifier)
	}
	if len(rows)+len(said.Preferred) == 0 {
		p.Printf("  %s\n", format.Faint.Of("nothing was said of being written to"))
	}
}

// attributes prints what sources say of a customer.
func (p *page) attributes(c *api.Profile) {
	rows := make([][]any, len(c.Attributes))
	for i, a := range c.Attributes {
		rows[i] = []any{"", a.Name, a.Value, format.Faint.Of("%s", a.Source)}
	}
	p.Table(nil, rows)
}
