package cli

import (
	"context"
	"iter"

	"loket/cmd/loket/cli/format"
	"loket/desk/api"
)

// paged is for commands that give one page of a list. The variables limit and most are set where it is embedded.
type paged struct {
	Limit  int    `default:"${limit}" help:"How many at most, up to ${most}."`
	Cursor string `placeholder:"CURSOR" help:"Go on where a page ended."`
}

// more prints how to see what comes behind a page; nothing at the end of the list.
func (p *page) more(cursor string) {
	if cursor != "" {
		p.Printf("%s\n", format.Faint.Of("more: --cursor %s", cursor))
	}
}

// pages gives the pages of a team's tasks from the cursor of l on, one call each, until the last or an error.
func pages(ctx context.Context, client *api.Client, l api.Listing) iter.Seq2[*api.Page, error] {
	return func(yield func(*api.Page, error) bool) {
		for {
			p, err := client.List(ctx, l)
			if !yield(p, err) || err != nil || p.Cursor == "" {
				return
			}
			l.Cursor = p.Cursor
		}
	}
}
