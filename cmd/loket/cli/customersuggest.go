package cli

import (
	"context"
	"strings"

	"loket/cmd/loket/cli/format"
	"loket/desk/api"
)

type customerSuggestCommand struct {
	List   suggestListCommand   `cmd:"" default:"withargs" help:"List pairs of customers that may be one, the surest first."`
	Same   suggestSameCommand   `cmd:"" help:"They are: make them one. For managers."`
	Differ suggestDifferCommand `cmd:"" help:"They are not: nothing joins them by itself, and it is not asked again. For managers."`
}

type suggestListCommand struct {
	outputFlags
	paged `set:"limit=20" set:"most=100"`
}

func (c *suggestListCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return answer(w, d, c.outputFlags, func(client *api.Client) (*api.SuggestionPage, error) {
		return client.Suggestions(ctx, c.Limit, c.Cursor)
	}, (*page).suggestions)
}

func (p *page) suggestions(found *api.SuggestionPage) {
	if len(found.Suggestions) == 0 {
		p.Printf("nobody seems to be two customers\n")
	}
	for _, s := range found.Suggestions {
		var reasons []string
		for _, r := range s.Reasons {
			reasons = append(reasons, r.Text)
		}
		p.Printf("%s  %s\n", format.Bold.Of("%s", s.ID), format.Green.Of("%s", strings.Join(reasons, "; ")))
		if len(s.Against) > 0 {
			p.Printf("  %s\n", format.Red.Of("but %s", strings.Join(s.Against, "; ")))
		}
		for _, c := range s.Customers {
			p.Printf("  %s\n", join(c.ID, c.Name, format.Faint.Of("%s", identifiersOf(c)).Text))
		}
	}
	p.more(found.Cursor)
}

// identifiersOf are those of a customer, on a line.
func identifiersOf(c *api.Profile) string {
	var held []string
	for _, h := range c.Identifiers {
		held = append(held, h.Identifier)
	}
	return strings.Join(held, " ")
}

// suggestion is for commands about one.
type suggestion struct {
	outputFlags
	Suggestion string `arg:"" help:"Its id, as suggest lists it."`
}

func (c *suggestion) decide(ctx context.Context, w *streams, d *daemon, same bool, b api.Because) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	if err := client.DecideSuggestion(ctx, c.Suggestion, same, b); err != nil {
		return c.customer(w, nil, err)
	}
	switch {
	case c.JSON:
		return w.printJSON(map[string]any{"suggestion": c.Suggestion, "same": same})
	case same:
		w.page().Printf("they are one customer now\n")
	default:
		w.page().Printf("they stay apart\n")
	}
	return nil
}

type suggestSameCommand struct {
	suggestion
	confirmed
}

func (c *suggestSameCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return c.decide(ctx, w, d, true, c.because())
}

type suggestDifferCommand struct {
	suggestion
	explained
}

func (c *suggestDifferCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return c.decide(ctx, w, d, false, c.because())
}
