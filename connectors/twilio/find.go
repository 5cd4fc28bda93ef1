package twilio

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	v2010 "github.com/twilio/twilio-go/rest/api/v2010"

	"loket/connectors"
	"loket/connectors/echo"
	"loket/internal/message"
)

// lookBack is how old a message may be that is still an answer in doubt: the outbox gives up before.
const lookBack = 6 * time.Hour

// Find looks in Twilio's list whether an answer in doubt is there: one to the same number with the same text, that is
// no other answer of ours.
func (t *Twilio) Find(ctx context.Context, m *message.Message) (connectors.Receipt, bool, error) {
	o, err := t.outgoing(m)
	if err != nil && o == nil {
		return connectors.Receipt{}, false, nil // such a one was never handed over
	}
	defer t.sending.Lock(o.pair)()
	known, err := t.answers.Lately(ctx, o.pair)
	if err != nil {
		return connectors.Receipt{}, false, err
	}
	for _, k := range known {
		if k.Reply == m.ID {
			return connectors.Receipt{ID: k.ID, State: connectors.Sent}, true, nil
		}
	}
	sid, err := t.listed(ctx, o, m, known)
	if err != nil || sid == "" {
		return connectors.Receipt{}, false, err
	}
	t.keepSent(ctx, o.pair, m, sid)
	return connectors.Receipt{ID: sid, State: connectors.Sent}, true, nil
}

// listed gives the oldest message that can be this answer, "" when there is none. One that failed is none: sending it
// again makes one.
func (t *Twilio) listed(ctx context.Context, o *outgoing, m *message.Message, known []echo.Answer) (sid string, err error) {
	since := t.now().Add(-lookBack)
	if m.Earlier != nil && m.Earlier.Sent.Add(-time.Minute).After(since) {
		since = m.Earlier.Sent.Add(-time.Minute) // it answers that one
	}
	params := v2010.ListMessageParams{}
	params.SetTo(o.to)
	if !o.sms || t.cfg.MessagingService == "" {
		params.SetFrom(o.from)
	}
	err = t.api.messages(ctx, params, func(c v2010.ApiV2010Message) bool {
		if at := instant(c.DateCreated); !at.IsZero() && at.Before(since) {
			return false
		}
		state, _ := stateOf(text(c.Status))
		taken := slices.ContainsFunc(known, func(k echo.Answer) bool { return k.ID == text(c.Sid) })
		if strings.HasPrefix(text(c.Direction), "outbound") && !taken && state != connectors.Failed && isSame(o, m, c) {
			sid = text(c.Sid)
		}
		return true
	})
	return sid, err
}

// trialPrefix is what Twilio puts before every text of a trial account.
const trialPrefix = "Sent from your Twilio trial account - "

func isSame(o *outgoing, m *message.Message, c v2010.ApiV2010Message) bool {
	have := strings.TrimPrefix(text(c.Body), trialPrefix)
	if o.template != nil {
		want := o.template.Text
		for k, v := range o.filled {
			want = strings.ReplaceAll(want, "{{"+k+"}}", v)
		}
		return plain(have) == plain(want)
	}
	n, err := strconv.Atoi(text(c.NumMedia))
	return plain(have) == plain(o.text) && (err != nil || n == len(m.Attachments))
}

// plain is a text without what is changed on the way: space, and signs for which SMS has simpler ones.
func plain(s string) string {
	s = strings.NewReplacer("\u2018", "'", "\u2019", "'", "\u201c", `"`, "\u201d", `"`, "\u2013", "-", "\u2014", "-", "\u2026", "...", "\u00a0", " ").Replace(s)
	return strings.Join(strings.Fields(s), " ")
}
