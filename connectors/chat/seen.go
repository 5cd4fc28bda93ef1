package chat

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"loket/connectors"
	"loket/connectors/notify"
	"loket/internal/message"
	"loket/internal/problem"
)

// Send has nothing to send: the visitor reads the reply on the page of the thread, where it stands already. They are told elsewhere if no frame
// shows it for a while.
func (c *Chat) Send(ctx context.Context, m *message.Message) (connectors.Receipt, error) {
	if err := c.told.Keep(ctx, m, c.now().Add(c.cfg.Away)); err != nil {
		return connectors.Receipt{}, fmt.Errorf("send to chat: %w", err)
	}
	return connectors.Receipt{ID: notify.Key(m.Thread, m.ID), State: connectors.Delivered}, nil
}

// Remind tells the visitor elsewhere of an answer that no frame has shown.
func (c *Chat) Remind(ctx context.Context, key string, due time.Time) (again time.Time, err error) {
	return c.told.Remind(ctx, key, due)
}

// seenFor is for how long it is remembered that an answer was seen.
const seenFor = 14 * 24 * time.Hour

func seenKey(answer string) string { return "seen:" + answer }

// wasSeen tells whether a frame showed an answer.
func (c *Chat) wasSeen(ctx context.Context, key string) (bool, error) {
	_, seen, err := c.env.Cursor.Kept(ctx, seenKey(key))
	return seen, err
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
	key := notify.Key(thread, id)
	if _, err := c.env.Cursor.Once(ctx, seenKey(key), seenFor); err != nil {
		return err
	}
	return c.env.Accept(ctx, &message.Message{
		ID: message.NewID([]byte("chat read"), []byte(c.env.Name), []byte(key)), Kind: message.Delivery, Connector: c.env.Name,
		Report: &message.DeliveryReport{Of: key, State: string(connectors.Read)}, Received: c.now().UTC(),
	})
}
