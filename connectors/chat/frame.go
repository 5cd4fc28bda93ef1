package chat

import (
	"crypto/rand"
	"net/http"
	"strings"

	"loket/internal/page"
)

// frame is what its template shows.
type frame struct {
	W                 *words
	Look              *page.Look
	Heading, Greeting string
	Hash              string // of the files that it loads
	Origins           string // that may talk to it, one space between two
	Key, Proof        string // of the conversation that it begins
	Max               int
	Text, Problem     string
	Told              bool // who left is told of answers
	Closed            string
	Files             int // how many go with a message
}

// show renders the empty frame: what was said is read by its script.
func (c *Chat) show(w http.ResponseWriter, r *http.Request) {
	c.pages.render(w, http.StatusOK, c.frame(r))
}

func (c *Chat) frame(r *http.Request) *frame {
	say := c.pages.words[c.pages.languages.Of(r)]
	v := &frame{
		W: say, Look: c.pages.look, Heading: say.Title, Greeting: say.Greeting, Hash: c.pages.hash,
		Origins: strings.Join(c.pages.origins, " "), Max: maxText, Key: rand.Text(), Told: len(c.cfg.Notify) > 0, Files: c.cfg.MaxAttachments,
	}
	v.Proof = c.env.Seal(forKey, v.Key)
	if t := c.cfg.Title[say.Lang]; t != "" {
		v.Heading = t
	}
	if t := c.cfg.Greeting[say.Lang]; t != "" {
		v.Greeting = t
	}
	if opens, closed := c.env.Opens(c.now()); closed {
		v.Closed = say.closed(opens, c.now())
	}
	return v
}
