package twilio

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	v2010 "github.com/twilio/twilio-go/rest/api/v2010"

	"loket/connectors/hook"
	"loket/connectors/poll"
	"loket/connectors/vendor"
)

const (
	// settleTime is how long a webhook has, with its repetitions: it says more than the list, and goes before.
	settleTime = 2 * time.Minute
	// overlap is how far each look goes back behind the last: Twilio's list is not complete at once.
	overlap = time.Hour
	// farthest is how far a look goes back at most after an outage: a task can be made of nothing older.
	farthest = 6 * 24 * time.Hour
	// firstPause is how soon a look that failed is taken again; the pause doubles up to poll.
	firstPause  = 5 * time.Second
	positionKey = "position"
)

// newLoop looks at start, every poll, when asked to, and soon after a look that failed, for what no webhook brought.
func (t *Twilio) newLoop() (*poll.Window, *poll.Loop) {
	w := &poll.Window{Reach: poll.Reach{
		Cursor: t.env.Cursor, Key: positionKey, Settle: settleTime, Overlap: overlap, Farthest: farthest, Single: isOdd,
		Now: func() time.Time { return t.now() },
	}}
	for _, number := range t.numbers() {
		w.Lists = append(w.Lists, t.messagesTo(number))
	}
	if t.cfg.Voice.Enabled && t.cfg.Number != "" {
		w.Lists = append(w.Lists, t.callsTo(t.cfg.Number))
	}
	return w, poll.New(poll.Options{
		Pass: w.Pass, Every: t.cfg.Poll, First: firstPause, Longest: t.cfg.Poll, Log: t.env.Log,
		Failed: "what webhooks may have missed can't be looked for", Again: "what webhooks may have missed is looked for again",
	})
}

// numbers are our addresses as the list has them.
func (t *Twilio) numbers() []string {
	var all []string
	if t.cfg.Number != "" {
		all = append(all, t.cfg.Number)
	}
	if t.cfg.WhatsApp != "" {
		all = append(all, whatsAppPrefix+t.cfg.WhatsApp)
	}
	return append(all, t.cfg.Senders...)
}

// messagesTo lists what was written to one number.
func (t *Twilio) messagesTo(number string) poll.List {
	return func(ctx context.Context, since time.Time) (found []poll.Listed, err error) {
		params := v2010.ListMessageParams{}
		params.SetTo(number)
		params.SetDateSentAfter(since)
		err = t.api.messages(ctx, params, func(c v2010.ApiV2010Message) bool {
			if at := instant(c.DateSent, c.DateCreated); text(c.Direction) == "inbound" {
				found = append(found, poll.Listed{ID: text(c.Sid), Began: at, Ended: at, Take: func(ctx context.Context) (bool, error) {
					return t.listedMessage(ctx, c)
				}})
			}
			return true
		})
		return found, err
	}
}

// isOdd tells whether an error is about one message or call, which must not hold up the others.
func isOdd(err error) bool {
	e := vendor.As(err)
	return e != nil && e.Status/100 == 4 && e.Status != http.StatusTooManyRequests && e.Status != http.StatusUnauthorized
}

// listedMessage takes in one of the list. done tells that it need not be looked at again.
func (t *Twilio) listedMessage(ctx context.Context, c v2010.ApiV2010Message) (done bool, err error) {
	sid := text(c.Sid)
	params := url.Values{"MessageSid": {sid}, "From": {text(c.From)}, "To": {text(c.To)}, "Body": {text(c.Body)}, "NumMedia": {text(c.NumMedia)}}
	gone := false
	if n := text(c.NumMedia); n != "" && n != "0" {
		awaited, err := t.late.Awaited(ctx, sid)
		if err != nil {
			return false, err
		}
		if awaited { // it is in, but for its files
			return t.late.Bring(ctx, sid)
		}
		if err := t.listMedia(ctx, sid, params); err != nil {
			if e := vendor.As(err); e == nil || e.Status != http.StatusNotFound {
				return false, err
			}
			gone, params["NumMedia"] = true, nil // somebody deleted them
		}
	}
	m, files, err := t.incoming(params, instant(c.DateSent, c.DateCreated))
	if err != nil {
		t.Refused(hook.Field, nil)
		return true, nil // what Twilio lists without a sender is nobody's
	}
	m.Marks = append(m.Marks, MarkBelated)
	if gone {
		m.Marks = append(m.Marks, MarkMissing)
	}
	t.noteStop(ctx, m, params)
	done, err = t.late.Deliver(ctx, m, files)
	if err == nil {
		t.Took("message", byListing)
	}
	return done, err
}

// listMedia adds what a webhook would say of the files of a message.
func (t *Twilio) listMedia(ctx context.Context, sid string, params url.Values) error {
	page, err := t.api.service(ctx).PageMedia(sid, nil, "", "")
	if err != nil {
		return fmt.Errorf("list media: %w", err)
	}
	for i, file := range page.MediaList {
		params.Set(fmt.Sprintf("MediaUrl%d", i), t.api.Base().String()+strings.TrimSuffix(text(file.Uri), ".json"))
		params.Set(fmt.Sprintf("MediaContentType%d", i), text(file.ContentType))
	}
	params.Set("NumMedia", fmt.Sprint(len(page.MediaList)))
	return nil
}
