package chat

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"

	"loket/internal/body"
	"loket/internal/page"
	"loket/internal/problem"
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

// maxMarks is how many answers a frame says of at once that it shows them.
const maxMarks = 50

const maxSaidBytes = 16 << 10

// says reads what a frame says by itself, as JSON.
func (c *Chat) says(r *http.Request, into any) *problem.Problem {
	if wait := c.marks.Take(r.RemoteAddr); wait > 0 {
		return &problem.Problem{Status: http.StatusTooManyRequests, Detail: "too many requests from this address", Wait: wait}
	}
	b, err := body.JSON(r.Body, body.Limits{Bytes: maxSaidBytes, Depth: 4, Values: 2 * maxMarks, Each: maxMarks})
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	if err != nil {
		return problem.New(http.StatusBadRequest, "the body cannot be read: it must be JSON of at most %d bytes with at most %d messages", maxSaidBytes, maxMarks)
	}
	return nil
}

// threadOf is the conversation that a token leads to.
func (c *Chat) threadOf(ctx context.Context, token string) (string, *problem.Problem) {
	thread, err := c.env.Tokens.Thread(token)
	if err != nil {
		return "", &problem.Problem{Status: http.StatusNotFound, Field: "thread", Detail: "is no conversation"}
	}
	return thread, c.over(ctx, thread)
}

// over refuses what is for a conversation that was erased. While nobody can tell it is taken: the spool waits for the store.
func (c *Chat) over(ctx context.Context, thread string) *problem.Problem {
	if gone, err := c.env.Ended(ctx, thread); err != nil || !gone {
		return nil
	}
	return &problem.Problem{Status: http.StatusGone, Field: "thread", Detail: "is not there any more: it was erased; begin another"}
}

// refuse answers and counts.
func (c *Chat) refuse(w http.ResponseWriter, bad *problem.Problem) {
	c.Refused(reasonOf(bad.Status), nil)
	bad.Write(w)
}
