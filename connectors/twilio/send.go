package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	v2010 "github.com/twilio/twilio-go/rest/api/v2010"
	"go.uber.org/zap"

	"loket/connectors"
	"loket/connectors/vendor"
	"loket/internal/message"
)

// Send hands an answer to Twilio. Answers to one customer go one after the other.
func (t *Twilio) Send(ctx context.Context, m *message.Message) (connectors.Receipt, error) {
	o, err := t.outgoing(m)
	if err != nil {
		return connectors.Receipt{}, connectors.Permanent(err)
	}
	defer t.sending.Lock(o.pair)()
	if o.sms {
		stopped, err := t.wishes.Stopped(ctx, o.pair)
		if err != nil {
			return connectors.Receipt{}, fmt.Errorf("look whether the customer stopped: %w", err)
		}
		if stopped {
			return connectors.Receipt{}, connectors.Permanent(errStopped())
		}
	}
	params, err := t.parameters(o, m)
	if err != nil {
		return connectors.Receipt{}, connectors.Permanent(err)
	}
	taken, err := t.api.service(ctx).CreateMessage(params)
	if vendor.As(err) != nil {
		return connectors.Receipt{}, err
	}
	if err != nil {
		return connectors.Receipt{}, connectors.InDoubt(err) // Twilio's own client can't read the answer
	}
	sid := text(taken.Sid)
	if !isSID(sid, "SM", "MM") {
		return connectors.Receipt{}, connectors.InDoubt(errors.New("Twilio answered without the id of the message"))
	}
	t.keepSent(ctx, o.pair, m, sid)
	return connectors.Receipt{ID: sid, State: connectors.Sent}, nil
}

// parameters are those of the API.
func (t *Twilio) parameters(o *outgoing, m *message.Message) (*v2010.CreateMessageParams, error) {
	params := (&v2010.CreateMessageParams{}).SetTo(o.to).SetStatusCallback(t.callback(m, o.pair))
	if o.sms && t.cfg.MessagingService != "" {
		params.SetMessagingServiceSid(t.cfg.MessagingService)
	} else {
		params.SetFrom(o.from)
	}
	if o.template != nil {
		filled, err := json.Marshal(o.filled)
		if err != nil {
			return nil, fmt.Errorf("fill in template: %w", err)
		}
		return params.SetContentSid(o.template.SID).SetContentVariables(string(filled)), nil
	}
	if o.text != "" {
		params.SetBody(o.text)
	}
	var urls []string
	for _, a := range m.Attachments {
		urls = append(urls, t.links.URL(a))
	}
	if len(urls) > 0 {
		params.SetMediaUrl(urls)
	}
	return params, nil
}

// keepSent remembers what was sent. Without it only doubts would be harder to settle.
func (t *Twilio) keepSent(ctx context.Context, pair string, m *message.Message, sid string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := t.answers.Took(ctx, pair, m.ID, sid); err != nil {
		t.env.Log.Warn("answer sent but not remembered", zap.String("message", m.ID), zap.Error(err))
	}
}
