package vendor

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"loket/connectors"
	"loket/internal/message"
)

// An Item is one object of a list: its fields, and how it came.
type Item struct {
	Fields
	Raw     json.RawMessage
	Private bool // strangers do not read it
}

// List makes a call and gives the objects of the list in its answer at a name, all of the answer with "", and the rest of the answer. It
// fails as Call does.
func (c *Client) List(ctx context.Context, call Call, name string) (items []Item, rest Fields, err error) {
	var all []json.RawMessage
	if name == "" {
		err = c.Call(ctx, call, &all)
	} else {
		var answer map[string]json.RawMessage
		if err = c.Call(ctx, call, &answer); err == nil && (json.Unmarshal(answer[name], &all) != nil || all == nil) { // not even an empty one
			e := &Error{Vendor: c.o.Vendor, Status: http.StatusOK, Sent: true, Detail: c.o.Vendor + " gave no list where one is expected"}
			return nil, nil, e.marked(http.MethodGet)
		}
		delete(answer, name)
		b, _ := json.Marshal(answer) // it was read from there
		rest = Flatten(b)
	}
	for _, raw := range all {
		items = append(items, Item{Fields: Flatten(raw), Raw: raw})
	}
	return items, rest, err
}

// Quarantine takes responsibility for what may be a customer's and cannot be understood, for somebody to look at: why says what is wrong with
// it. What people see who try it again is the item as it came.
func (i Item) Quarantine(ctx context.Context, env connectors.Env, channel, why string) error {
	m := &message.Message{
		ID: message.NewID([]byte(channel), []byte(env.Name), i.Raw), Connector: env.Name, Channel: channel, Public: !i.Private, Received: time.Now().UTC(),
		Problem: why, Text: message.Head(strings.TrimSpace(message.CleanText(string(i.Raw))), 16<<10), Raw: i.Raw,
	}
	if len(i.Raw) > message.MaxInlineRaw {
		m.Raw, m.RawBlob = nil, m.ID+"/original"
		if _, err := env.Blobs.Put(ctx, m.RawBlob, bytes.NewReader(i.Raw)); err != nil {
			return fmt.Errorf("store original: %w", err)
		}
	}
	return env.Accept(ctx, m)
}

// Gone tells whether the vendor itself says that what was asked for is not there.
func Gone(err error) bool {
	e := As(err)
	return e != nil && e.Code != 0 && (e.Status == http.StatusNotFound || e.Status == http.StatusGone)
}
