package cli

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"loket/cmd/loket/cli/format"
	"loket/desk/api"
)

type forwardCommand struct {
	about
	leased
	words
	attached
	To      []string `required:"" sep:"none" placeholder:"ADDRESS" help:"The mail address it goes to. May be given several times."`
	Whole   bool     `help:"All that was said with the customer, not only what the customer said last."`
	NoFiles bool     `help:"Without the files of what is forwarded."`
	Key     string   `placeholder:"KEY" help:"Makes a repeat of this one."`
}

func (c *forwardCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	client, text, files, err := d.composed(w, c.words, c.attached)
	if err != nil {
		return err
	}
	key := cmp.Or(c.Key, rand.Text())
	var done *api.Forwarded
	err = sendUntilKnown(ctx, w, key, func() (err error) {
		done, err = client.Under(c.Lease).Forward(ctx, c.Task, api.Forward{
			To: c.To, Text: text, Attachments: files, Whole: c.Whole, NoFiles: c.NoFiles, Key: key,
		})
		return err
	})
	if err != nil {
		c.giveBack(w, text, err)
		return err
	}
	if c.JSON {
		return w.printJSON(done)
	}
	p := w.page()
	if done.Task != nil {
		p.brief(done.Task)
	}
	p.Printf("forwarded %s, %s, %s %s\n", count(len(done.Of), "message"), count(done.Files, "file"), recipients("to", "", done.To), p.delivery(&done.Delivery))
	if len(done.LeftOut) > 0 {
		p.Printf("%s\n", format.Red.Of("left out, as there was no room: %s", format.CleanLine(strings.Join(done.LeftOut, ", "))))
	}
	return nil
}

// mailHead says of a note that is a mail whose it is, and where it went.
func (p *page) mailHead(n *api.Note) string {
	switch {
	case len(n.To) > 0:
		return join(n.Agent, "forwarded", count(len(n.Of), "message"), recipients("to", "", n.To))
	case n.Ours:
		return "from us, about what was forwarded"
	}
	about := append([]string{"about what was forwarded"}, n.Marks...)
	if n.Assurance == "mentioned" || n.Assurance == "claimed" || n.Assurance == "" {
		about[0] += " (not verified who wrote)"
	}
	if n.Automatic != "" && n.Automatic != "no" {
		about = append(about, "automatic: "+n.Automatic)
	}
	return join(format.Shorten(format.CleanLine(n.Name), 40), recipients("from", "", n.From)+",", strings.Join(about, ", "))
}

func count(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}
