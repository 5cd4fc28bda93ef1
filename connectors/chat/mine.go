package chat

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"go.uber.org/zap"

	"loket/connectors"
	"loket/internal/form"
	"loket/internal/message"
	"loket/internal/problem"
)

// Who signed in to the page around the chat has one conversation on all of their devices.

// mineFor is for how long it is known which conversation somebody who signed in began last.
const mineFor = 400 * 24 * time.Hour

// mineKey names who is signed in without saying who it is.
func (c *Chat) mineKey(who *visitor) string {
	return "mine:" + c.env.Seal("mine", who.from[0].String())
}

// began notes that whoever signed in began a conversation. Not noted, they begin another on another device.
func (c *Chat) began(ctx context.Context, who *visitor, thread string) {
	if err := c.env.Cursor.Note(ctx, c.mineKey(who), thread, mineFor); err != nil {
		c.env.Log.Debug("conversation of who signed in not noted", zap.String("thread", thread), zap.Error(err))
	}
}

// proof is what proves to a frame's call who is signed in to the page around it.
type proof struct {
	Visitor  string `json:"visitor"`
	User     string `json:"user"`
	UserHash string `json:"user_hash"`
	Thread   string `json:"thread"`
}

// who gives whoever signed in; nobody is refused.
func (c *Chat) who(s *proof) (*visitor, *problem.Problem) {
	who, bad := c.login.identify(&post{visitor: s.Visitor, user: s.User, userHash: s.UserHash})
	if bad == nil && who == nil {
		bad = refused("visitor", "must be given, or a user: nobody is signed in")
	}
	return who, bad
}

type mineBody struct {
	Thread string `json:"thread,omitempty"` // the address of the page of the conversation that they began last
	Name   string `json:"name,omitempty"`
	Mail   string `json:"mail,omitempty"` // where a transcript may be sent: an address that the login proved
}

// mine tells a frame who is signed in to the page around it, and which conversation is theirs.
func (c *Chat) mine(w http.ResponseWriter, r *http.Request) {
	var given proof
	bad := c.says(r, &given)
	var who *visitor
	if bad == nil {
		who, bad = c.who(&given)
	}
	if bad != nil {
		c.refuse(w, bad)
		return
	}
	answer := mineBody{Name: who.name}
	if _, to, ok := c.proven(who); ok {
		answer.Mail = to.Value
	}
	thread, found, err := c.env.Cursor.Kept(r.Context(), c.mineKey(who))
	if err == nil && found && c.over(r.Context(), thread) == nil {
		answer.Thread = c.env.ThreadURL(thread)
	}
	w.Header().Set("Content-Type", form.JSON)
	_ = json.NewEncoder(w).Encode(answer) // who went away asks again
}

// proven gives the address at which a transcript reaches whoever signed in: only one that their login proved.
func (c *Chat) proven(who *visitor) (connector string, to message.Identifier, ok bool) {
	return c.told.Reaches(&message.Message{To: slices.DeleteFunc(slices.Clone(who.from), func(id message.Identifier) bool {
		return id.Level < message.Proven || id.Kind != "email"
	})})
}

// again is how often the transcript of a conversation may be sent to an address.
const again = 10 * time.Minute

// mail sends the transcript of a conversation to whoever signed in.
func (c *Chat) mail(w http.ResponseWriter, r *http.Request) {
	if bad := c.mailTo(r); bad != nil {
		c.refuse(w, bad)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (c *Chat) mailTo(r *http.Request) *problem.Problem {
	var given proof
	if bad := c.says(r, &given); bad != nil {
		return bad
	}
	who, bad := c.who(&given)
	if bad != nil {
		return bad
	}
	thread, bad := c.threadOf(r.Context(), given.Thread)
	if bad != nil {
		return bad
	}
	connector, to, ok := c.proven(who)
	if !ok {
		return &problem.Problem{Status: http.StatusUnprocessableEntity, Field: "visitor", Detail: "must prove an address that can be written to"}
	}
	ctx, cancel := context.WithTimeout(r.Context(), mailWithin)
	defer cancel()
	err := c.sendTranscript(ctx, thread, connector, to, c.pages.languages.Of(r))
	switch {
	case errors.Is(err, errAgain):
		return &problem.Problem{Status: http.StatusTooManyRequests, Detail: "it was sent a short while ago", Wait: again}
	case connectors.IsPermanent(err):
		return &problem.Problem{Status: http.StatusUnprocessableEntity, Field: "visitor", Detail: "their address does not take it"}
	case err != nil && !connectors.IsInDoubt(err):
		c.env.Log.Debug("transcript not sent", zap.String("thread", thread), zap.Error(err)) // it may name the address
		return &problem.Problem{Status: http.StatusServiceUnavailable, Detail: "cannot be sent now; try again", Wait: time.Minute}
	}
	return nil
}

const mailWithin = 20 * time.Second

var errAgain = errors.New("it was sent a short while ago")

// sendTranscript sends it at most once in a while. It belongs to the conversation, and what its reader answers does, too.
func (c *Chat) sendTranscript(ctx context.Context, thread, connector string, to message.Identifier, language string) error {
	key := "transcript:" + c.env.Seal("transcript", thread+" "+to.String())
	if _, sent, err := c.env.Cursor.Kept(ctx, key); err != nil || sent {
		return cmp.Or(err, errAgain)
	}
	if first, err := c.env.Cursor.Once(ctx, key+":now", mailWithin); err != nil || !first {
		return cmp.Or(err, errAgain)
	}
	text, err := c.env.Transcript(ctx, thread, language)
	if err != nil {
		return err
	}
	now := c.now().UTC()
	err = c.env.Tell(ctx, connector, &message.Message{
		ID: message.NewID([]byte("transcript"), []byte(thread), []byte(now.String())), Direction: message.Out, Automatic: message.Reply, Thread: thread,
		To: []message.Identifier{to}, Subject: wordsIn(language).Transcript, Text: text, Language: language, Sent: now, Received: now,
	})
	if err != nil && !connectors.IsInDoubt(err) {
		return err
	}
	return cmp.Or(c.env.Cursor.Note(ctx, key, "sent", again), err)
}
