package twilio

import (
	"context"
	"fmt"
	"net/url"
	"path"
	"strings"
	"time"

	"loket/connectors"
	"loket/connectors/fetch"
	"loket/internal/message"
)

// newFiles makes the client that fetches files of our account, which are at Twilio's hosts or where the API is. Twilio sends
// us on to where they lie, and our password does not go there. A file may not be there yet when its webhook comes: pauses are
// waited before it is asked for again.
func newFiles(cfg Config, a *api, blobs connectors.Blobs, pauses ...time.Duration) *fetch.Client {
	base := a.Base()
	return fetch.New(fetch.Options{
		Sources: []fetch.Source{{
			Origins: []string{base.Scheme + "://" + base.Host, "https://api.twilio.com", "https://api.*.twilio.com", "https://api.*.*.twilio.com"},
			Path:    "/2010-04-01/Accounts/" + cfg.AccountSID + "/", Sign: cfg.sign(),
		}},
		Redirects: true, MaxBytes: cfg.MaxMediaBytes, Pauses: pauses, Missing: MarkMissing, Disguised: MarkDisguised,
	}, blobs)
}

const (
	// fetchWithin is how long a message waits for its files. Twilio gives a webhook fifteen seconds in all.
	fetchWithin = 8 * time.Second
	// giveUpFiles is after when a file that can't be had is given up. It is less than the overlap.
	giveUpFiles = 50 * time.Minute
)

// newLate brings files that are late with what no webhook brought.
func (t *Twilio) newLate(files *fetch.Client) *fetch.Late {
	return &fetch.Late{
		Client: files, Env: t.env, Within: fetchWithin, GiveUp: giveUpFiles, Mark: MarkLate, Now: func() time.Time { return t.now() },
		Remembered: func(context.Context, string) error { t.Wake(); return nil }, GaveUp: func(err error) { t.Refused("media", err) },
	}
}

// fileName is a name for a file that has none: Twilio tells only its type. Its ending is found when it is there.
func fileName(channel string, n int) string { return fmt.Sprintf("%s-%d", channel, n) }

// givenName is the name of the only file of a WhatsApp message: what the customer called a document comes as its text. "" when
// there is none.
func givenName(params url.Values, kind string) string {
	name := strings.TrimSpace(params.Get("Body"))
	switch {
	case !strings.HasPrefix(params.Get("From"), whatsAppPrefix) || params.Get("NumMedia") != "1", strings.Contains(name, "\n"), !message.HasEnding(name):
		return ""
	case params.Get("MessageType") == "document":
		return message.CleanFileName(name)
	case params.Get("MessageType") != "" || !strings.EqualFold(path.Ext(name), message.Ending(kind)):
		return ""
	}
	return message.CleanFileName(name)
}
