package thread

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"

	"loket/internal/message"
	"loket/internal/store"
)

//go:embed scripts/place.lua
var placeSource string

var placeScript = store.NewScript("place", placeSource)

// A Placing says what a message would begin if its thread has no open task.
type Placing struct {
	Message *message.Message // with Thread set
	Body    []byte           // the message as JSON, if it was encoded already; may be nil
	Task    string           // id of the task it would begin
	Record  []byte           // the decision for that task, JSON
	Closed  string           // the task it was placed in before, now closed for good; "" for none
}

// Place stores a message in its thread, once, and gives the task it belongs to with the decision that was
// recorded for that task; the record is nil when it is not kept any more. Two messages that come at the same
// instant get the same task. Doing it again gives the same task, unless the message's own task is named as Closed.
func (t *Threads) Place(ctx context.Context, p Placing) (task string, record []byte, err error) {
	m := p.Message
	body := p.Body
	if body == nil {
		if body, err = json.Marshal(m); err != nil {
			return "", nil, fmt.Errorf("place message %s: %w", m.ID, err)
		}
	}
	head, err := json.Marshal(Thread{
		ID: m.Thread, Connector: m.Connector, Channel: m.Channel, Public: m.Public,
		Subject: m.Subject, Name: m.Name, From: m.From, To: m.To, Began: m.Received,
	})
	if err != nil {
		return "", nil, fmt.Errorf("place message %s: %w", m.ID, err)
	}
	// A message that begins its thread finds nothing in the archive; for any other the thread must be there or be new.
	begins := t.archive == nil || m.Thread == m.ID
	for range restoreTries {
		there := "1"
		if begins {
			there = ""
		}
		v, err := t.store.Run(ctx, placeScript, []string{threadKey(m.Thread), orderKey(m.Thread)},
			m.ID, body, m.Received.UnixMilli(), p.Task, p.Record, p.Closed, head, there)
		if err != nil {
			return "", nil, fmt.Errorf("place message %s: %w", m.ID, err)
		}
		answer, ok := v.([]any)
		switch {
		case ok && len(answer) == 2:
			task, _ = answer[0].(string)
			if r, _ := answer[1].(string); r != "" {
				record = []byte(r)
			}
			return task, record, nil
		case ok && len(answer) == 0:
			back, err := t.Restore(ctx, m.Thread)
			if err != nil {
				return "", nil, fmt.Errorf("place message %s: %w", m.ID, err)
			}
			begins = !back
		default:
			return "", nil, fmt.Errorf("place message %s: unexpected answer %v", m.ID, v)
		}
	}
	return "", nil, fmt.Errorf("place message %s: %w", m.ID, errRestless)
}
