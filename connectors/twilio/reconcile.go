package twilio

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
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
	// giveUpFiles is after when a file that can't be had is given up. It is less than the overlap.
	giveUpFiles = 50 * time.Minute
	// firstPause is how soon a look that failed is taken again; the pause doubles up to poll.
	firstPause  = 5 * time.Second
	positionKey = "position"
)

// A reconciler asks Twilio what came, and takes in what no webhook brought.
type reconciler struct{ *Twilio }

// newLoop looks at start, every poll, when asked to, and soon after a look that failed.
func (t *Twilio) newLoop() *poll.Loop {
	r := &reconciler{t}
	return poll.New(poll.Options{
		Pass: r.pass, Every: t.cfg.Poll, First: firstPause, Longest: t.cfg.Poll, Log: t.env.Log,
		Failed: "what webhooks may have missed can't be looked for", Again: "what webhooks may have missed is looked for again",
	})
}

// pass takes in what was written and who called since the last look. Its position goes on only when all of that is in.
func (r *reconciler) pass(ctx context.Context) error {
	began := r.now().UTC()
	since, err := r.since(ctx, began)
	if err != nil {
		return err
	}
	var errs []error
	for _, number := range r.numbers() {
		errs = append(errs, r.messages(ctx, number, since, began.Add(-settleTime)))
	}
	if r.cfg.Voice.Enabled && r.cfg.Number != "" {
		errs = append(errs, r.calls(ctx, since, began.Add(-settleTime)))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	r.seen.forget(since.Add(-overlap))
	if err := r.env.Cursor.Save(ctx, positionKey, began.Format(time.RFC3339)); err != nil {
		return fmt.Errorf("save position: %w", err)
	}
	return nil
}

// numbers are our addresses as the list has them.
func (r *reconciler) numbers() []string {
	var all []string
	if r.cfg.Number != "" {
		all = append(all, r.cfg.Number)
	}
	if r.cfg.WhatsApp != "" {
		all = append(all, whatsAppPrefix+r.cfg.WhatsApp)
	}
	return append(all, r.cfg.Senders...)
}

// since is how far back to look. Before the first look ever, what came was somebody else's: only the overlap is.
func (r *reconciler) since(ctx context.Context, now time.Time) (time.Time, error) {
	saved, err := r.env.Cursor.Load(ctx, positionKey)
	if err != nil {
		return time.Time{}, fmt.Errorf("load position: %w", err)
	}
	at, err := time.Parse(time.RFC3339, saved)
	if err != nil || at.After(now) {
		at = now
	}
	if at.Before(now.Add(-farthest)) {
		at = now.Add(-farthest)
	}
	return at.Add(-overlap).UTC(), nil
}

// messages takes in what was written to one number between since and until.
func (r *reconciler) messages(ctx context.Context, number string, since, until time.Time) error {
	params := v2010.ListMessageParams{}
	params.SetTo(number)
	params.SetDateSentAfter(since)
	var found []v2010.ApiV2010Message
	err := r.api.messages(ctx, params, func(c v2010.ApiV2010Message) bool {
		at := madeAt(c)
		if !r.seen.has(text(c.Sid)) && text(c.Direction) == "inbound" && !at.Before(since) && !at.After(until) {
			found = append(found, c)
		}
		return true
	})
	if err != nil {
		return err
	}
	var errs []error
	for _, c := range slices.Backward(found) { // oldest first, as it was said
		done, err := r.message(ctx, c)
		if isOdd(err) {
			errs = append(errs, err)
			continue
		}
		if err != nil {
			return err
		}
		if done {
			r.seen.add(text(c.Sid), madeAt(c))
		}
	}
	return errors.Join(errs...)
}

// isOdd tells whether an error is about one message or call, which must not hold up the others.
func isOdd(err error) bool {
	e := vendor.As(err)
	return e != nil && e.Status/100 == 4 && e.Status != http.StatusTooManyRequests && e.Status != http.StatusUnauthorized
}

func madeAt(c v2010.ApiV2010Message) time.Time {
	if at := instant(c.DateSent); !at.IsZero() {
		return at
	}
	return instant(c.DateCreated)
}

// message takes in one of the list. done tells that it need not be looked at again.
func (r *reconciler) message(ctx context.Context, c v2010.ApiV2010Message) (done bool, err error) {
	sid := text(c.Sid)
	params := url.Values{"MessageSid": {sid}, "From": {text(c.From)}, "To": {text(c.To)}, "Body": {text(c.Body)}, "NumMedia": {text(c.NumMedia)}}
	gone := false
	if n := text(c.NumMedia); n != "" && n != "0" {
		saved, err := r.env.Cursor.Load(ctx, lateKey(sid))
		if err != nil {
			return false, err
		}
		if saved != "" { // it is in, but for its files
			return r.bringLate(ctx, sid)
		}
		if err := r.listMedia(ctx, sid, params); err != nil {
			if e := vendor.As(err); e == nil || e.Status != http.StatusNotFound {
				return false, err
			}
			gone, params["NumMedia"] = true, nil // somebody deleted them
		}
	}
	m, files, err := r.incoming(params, madeAt(c))
	if err != nil {
		r.counts.Refused(hook.Field, nil)
		return true, nil // what Twilio lists without a sender is nobody's
	}
	m.Marks = append(m.Marks, MarkBelated)
	if gone {
		m.Marks = append(m.Marks, MarkMissing)
	}
	r.noteStop(ctx, m, params)
	if err := r.deliver(ctx, m, files); err != nil {
		return false, err
	}
	r.counts.Took("message", byListing)
	return !slices.Contains(m.Marks, MarkLate), nil
}

// listMedia adds what a webhook would say of the files of a message.
func (r *reconciler) listMedia(ctx context.Context, sid string, params url.Values) error {
	page, err := r.api.service(ctx).PageMedia(sid, nil, "", "")
	if err != nil {
		return fmt.Errorf("list media: %w", err)
	}
	for i, file := range page.MediaList {
		params.Set(fmt.Sprintf("MediaUrl%d", i), r.api.Base().String()+strings.TrimSuffix(text(file.Uri), ".json"))
		params.Set(fmt.Sprintf("MediaContentType%d", i), text(file.ContentType))
	}
	params.Set("NumMedia", fmt.Sprint(len(page.MediaList)))
	return nil
}
