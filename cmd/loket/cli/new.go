package cli

import (
	"cmp"
	"context"
	"crypto/rand"

	"loket/desk/api"
)

type newCommand struct {
	outputFlags
	words
	attached
	Team      string `required:"" ask:"teams" placeholder:"TEAM" help:"The team that answers what comes back."`
	To        string `placeholder:"ADDRESS" help:"A mail address, a telephone number or kind:value; left out, where the customer likes to be answered."`
	Customer  string `placeholder:"ID" help:"Whose address it is; left out, whoever has it."`
	Connector string `placeholder:"NAME" help:"By which it goes; left out, the first that can."`
	Subject   string `placeholder:"TEXT" help:"What it is about."`
	Key       string `placeholder:"KEY" help:"Makes a repeat of this one conversation."`
}

func (c *newCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	client, text, files, err := d.composed(w, c.words, c.attached)
	if err != nil {
		return err
	}
	key := cmp.Or(c.Key, rand.Text())
	var done *api.Answered
	err = sendUntilKnown(ctx, w, key, func() (err error) {
		done, err = client.Begin(ctx, api.Beginning{
			Team: c.Team, To: c.To, Customer: c.Customer, Connector: c.Connector, Subject: c.Subject, Text: text, Attachments: files, Key: key,
		})
		return err
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return w.printJSON(done)
	}
	p := w.page()
	if done.Task != nil {
		p.brief(done.Task)
	}
	p.Printf("%s by %s, %s\n", recipients("to", "", done.To), done.Channel, p.delivery(&done.Delivery))
	return nil
}
