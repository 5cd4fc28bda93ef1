package chat

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"loket/connectors"
	"loket/internal/message"
	"loket/internal/problem"
)

// Whether a visitor has seen an answer, or was told of it elsewhere, is decided once, by whoever is first: the frame that shows it, or the
// reminder after a while in which no frame did.

// Send has nothing to send: the visitor reads the reply on the page of the thread, where it stands already. It has itself reminded to look
// whether they did.
func (c *Chat) Send(ctx context.Context, m *message.Message) (connectors.Receipt, error) {
	of := answerKey(m.Thread, m.ID)
	if _, _, ok := c.told.Reaches(m); ok {
		if err := c.env.RemindAt(ctx, of, c.now().Add(c.cfg.Away)); err != nil {
			return connectors.Receipt{}, fmt.Errorf("send to chat: %w", err)
		}
	}
	return connectors.Receipt{ID: of, State: connectors.Delivered}, nil
}

// answerKey names an answer. It begins with its thread, so that the link of one conversation says nothing of the answers in another.
func answerKey(thread, id string) string { return thread + "/" + id }

// seenFor is for how long it is remembered that an answer was seen.
const seenFor = 14 * 24 * time.Hour

// Remind tells the visitor elsewhere of an answer that no frame has shown.
func (c *Chat) Remind(ctx context.Context, key string) error {
	thread, id, _ := strings.Cut(key, "/")
	answer, err := c.env.Said(ctx, thread, id)
	if errors.Is(err, connectors.ErrGone) { // erased
		return nil
	}
	if err != nil {
		return err
	}
	first, err := c.env.Cursor.Once(ctx, "seen:"+key, seenFor)
	if err == nil && first {
		c.told.Tell(ctx, answer)
	}
	return err
}

// read takes from a frame which answers it shows.
func (c *Chat) read(w http.ResponseWriter, r *http.Request) {
	if bad := c.noteRead(r); bad != nil {
		c.refuse(w, bad)
		return
	}
	c.Took("read", way(false))
	w.WriteHeader(http.StatusNoContent)
}

func (c *Chat) noteRead(r *http.Request) *problem.Problem {
	var given struct {
		Thread   string   `json:"thread"`
		Messages []string `json:"messages"`
	}
	if bad := c.says(r, &given); bad != nil {
		return bad
	}
	thread, bad := c.threadOf(r.Context(), given.Thread)
	if bad != nil {
		return bad
	}
	var err error
	for _, id := range given.Messages {
		if message.ValidID(id) {
			err = errors.Join(err, c.seen(r.Context(), thread, id))
		}
	}
	if err != nil {
		return &problem.Problem{Status: http.StatusServiceUnavailable, Detail: "cannot be noted now; say it again", Wait: 5 * time.Second}
	}
	return nil
}

// seen says of an answer that it was read. Whoever has a conversation may send any id: one that is no answer of this chat in it leaves nothing
// behind.
func (c *Chat) seen(ctx context.Context, thread, id string) error {
	answer, err := c.env.Said(ctx, thread, id)
	if errors.Is(err, connectors.ErrGone) || err == nil && (answer.Direction != message.Out || answer.Connector != c.env.Name) {
		return nil
	}
	if err != nil {
		return err
	}
	key := answerKey(thread, id)
	if _, err := c.env.Cursor.Once(ctx, "seen:"+key, seenFor); err != nil {
		return err
	}
	return c.env.Accept(ctx, &message.Message{
		ID: message.NewID([]byte("chat read"), []byte(c.env.Name), []byte(key)), Kind: message.Delivery, Connector: c.env.Name,
		Report: &message.DeliveryReport{Of: key, State: string(connectors.Read)}, Received: c.now().UTC(),
	})
}
