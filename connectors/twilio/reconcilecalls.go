package twilio

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	v2010 "github.com/twilio/twilio-go/rest/api/v2010"
)

// calls takes in who called between since and until: what he left on the voicemail, or that he hung up.
func (r *reconciler) calls(ctx context.Context, since, until time.Time) error {
	params := v2010.ListCallParams{}
	params.SetTo(r.cfg.Number)
	params.SetStartTimeAfter(since)
	var found []v2010.ApiV2010Call
	err := r.api.calls(ctx, params, func(c v2010.ApiV2010Call) bool {
		at := startedAt(c)
		if !r.seen.has(text(c.Sid)) && text(c.Direction) == "inbound" && hasEnded(text(c.Status)) &&
			!at.Before(since) && !endedAt(c).After(until) {
			found = append(found, c)
		}
		return true
	})
	if err != nil {
		return err
	}
	var errs []error
	for _, c := range slices.Backward(found) {
		done, err := r.call(ctx, c)
		if isOdd(err) {
			errs = append(errs, err)
			continue
		}
		if err != nil {
			return err
		}
		if done {
			r.seen.add(text(c.Sid), startedAt(c))
		}
	}
	return errors.Join(errs...)
}

func startedAt(c v2010.ApiV2010Call) time.Time {
	if at := instant(c.StartTime); !at.IsZero() {
		return at
	}
	return instant(c.DateCreated)
}

func endedAt(c v2010.ApiV2010Call) time.Time {
	if at := instant(c.EndTime); !at.IsZero() {
		return at
	}
	return startedAt(c)
}

func (r *reconciler) call(ctx context.Context, c v2010.ApiV2010Call) (done bool, err error) {
	params := url.Values{
		"CallSid": {text(c.Sid)}, "From": {text(c.From)}, "To": {text(c.To)}, "CallDuration": {text(c.Duration)}, "CallerName": {text(c.CallerName)},
	}
	recordings, err := r.api.recordings(ctx, text(c.Sid))
	if err != nil {
		return false, err
	}
	left := 0
	for _, rec := range recordings {
		status, sid := text(rec.Status), text(rec.Sid)
		if isEmpty(status, text(rec.Duration)) || !isSID(sid, "RE") {
			continue
		}
		left++
		if status != "completed" {
			return false, nil // Twilio is not done with it
		}
		saved, err := r.env.Cursor.Load(ctx, lateKey(sid))
		if err != nil {
			return false, err
		}
		if saved != "" {
			if done, err := r.bringLate(ctx, sid); !done || err != nil {
				return false, err
			}
			continue
		}
		params.Set("RecordingSid", sid)
		params.Set("RecordingDuration", text(rec.Duration))
		if err := r.voicemail(ctx, params, endedAt(c), byListing); err != nil {
			return false, err
		}
		if saved, err := r.env.Cursor.Load(ctx, lateKey(sid)); err != nil || saved != "" {
			return false, err
		}
	}
	if left == 0 {
		return true, r.miss(ctx, params, endedAt(c), byListing)
	}
	return true, nil
}
