package cli

import (
	"cmp"
	"context"

	"loket/cmd/loket/cli/format"
	"loket/desk/api"
)

type cannedCommand struct {
	List   cannedListCommand   `cmd:"" help:"List the canned answers of your teams."`
	Set    cannedSetCommand    `cmd:"" help:"Keep a canned answer: a new one, or another text for one. For managers."`
	Remove cannedRemoveCommand `cmd:"" help:"Remove a canned answer. For managers."`
}

type cannedListCommand struct {
	outputFlags
	Team string `ask:"teams" placeholder:"TEAM" help:"Those of this team, and of every team."`
}

func (c *cannedListCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return answer(w, d, c.outputFlags, func(client *api.Client) (*api.CannedList, error) { return client.Canned(ctx, c.Team) }, (*page).cannedList)
}

func (p *page) cannedList(all *api.CannedList) {
	rows := make([][]any, len(all.Canned))
	for i, c := range all.Canned {
		rows[i] = []any{format.Bold.Of("%s", c.ID), c.Name, cmp.Or(c.Team, "every team"), c.Language, c.Channel}
	}
	p.Table([]string{"ID", "NAME", "TEAM", "LANGUAGE", "CHANNEL"}, rows)
}

type cannedSetCommand struct {
	outputFlags
	words
	Name     string `arg:"" help:"What agents find it by."`
	ID       string `name:"id" placeholder:"ID" help:"The one that is changed; left out, it is a new one."`
	Team     string `ask:"teams" placeholder:"TEAM" help:"Whose it is; left out, it is for every team."`
	Language string `placeholder:"CODE" help:"For answers in this language: nl, en…"`
	Channel  string `placeholder:"CHANNEL" help:"For answers on this channel: email, sms…"`
}

func (c *cannedSetCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	text, err := c.read(w)
	if err != nil {
		return err
	}
	return answer(w, d, c.outputFlags, func(client *api.Client) (*api.Canned, error) {
		return client.SetCanned(ctx, api.Canned{ID: c.ID, Team: c.Team, Language: c.Language, Channel: c.Channel, Name: c.Name, Text: text})
	}, func(p *page, kept *api.Canned) { p.Printf("kept as %s\n", kept.ID) })
}

type cannedRemoveCommand struct {
	ID string `arg:"" help:"Its id, as loket canned list tells it."`
}

func (c *cannedRemoveCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	return client.RemoveCanned(ctx, c.ID)
}
