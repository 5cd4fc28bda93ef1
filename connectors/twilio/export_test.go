package twilio

import "time"

// Hurry lets tests not wait for files that are not there.
func (t *Twilio) Hurry() {
	t.late.Client = newFiles(t.cfg, t.api, t.env.Blobs, time.Millisecond, time.Millisecond)
}

// At sets the clock.
func (t *Twilio) At(now func() time.Time) { t.now = now }
