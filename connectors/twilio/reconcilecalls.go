package twilio

import (
	"context"
	"net/url"
	"time"

	v2010 "github.com/twilio/twilio-go/rest/api/v2010"

	"loket/connectors/poll"
)

// callsTo lists who called a number.
func (t *Twilio) callsTo(number string) poll.List {
	return func(ctx context.Context, since time.Time) (found []poll.Listed, err error) {
		params := v2010.ListCallParams{}
		params.SetTo(number)
		params.SetStartTimeAfter(since)
		err = t.api.calls(ctx, params, func(c v2010.ApiV2010Call) bool {
			if text(c.Direction) == "inbound" && hasEnded(text(c.Status)) {
				found = append(found, poll.Listed{
					ID: text(c.Sid), Began: instant(c.StartTime, c.DateCreated), Ended: endedAt(c),
					Take: func(ctx context.Context) (bool, error) { return t.listedCall(ctx, c) },
				})
			}
			return true
		})
		return found, err
	}
}

func endedAt(c v2010.ApiV2010Call) time.Time { return instant(c.EndTime, c.StartTime, c.DateCreated) }

// listedCall takes in what a caller left on the voicemail, or that they hung up.
func (t *Twilio) listedCall(ctx context.Context, c v2010.ApiV2010Call) (done bool, err error) {
	params := url.Values{
		"CallSid": {text(c.Sid)}, "From": {text(c.From)}, "To": {text(c.To)}, "CallDuration": {text(c.Duration)}, "CallerName": {text(c.CallerName)},
	}
	recordings, err := t.api.recordings(ctx, text(c.Sid))
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
		awaited, err := t.late.Awaited(ctx, sid)
		if err != nil {
			return false, err
		}
		whole := false
		if awaited {
			whole, err = t.late.Bring(ctx, sid)
		} else {
			params.Set("RecordingSid", sid)
			params.Set("RecordingDuration", text(rec.Duration))
			whole, err = t.voicemail(ctx, params, endedAt(c), byListing)
		}
		if !whole || err != nil {
			return false, err
		}
	}
	if left == 0 {
		return true, t.miss(ctx, params, endedAt(c), byListing)
	}
	return true, nil
}
