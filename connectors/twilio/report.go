package twilio

import (
	"context"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"loket/connectors"
	"loket/connectors/hook"
	"loket/internal/message"
)

// takeStatus takes what became of an answer. Twilio tells it early, twice and in any order; whoever keeps the answers
// lets them only move forward.
func (t *Twilio) takeStatus(ctx context.Context, e event) (twiml, error) {
	sid := messageSID(e.params)
	if !isSID(sid, "SM", "MM") {
		return "", hook.Missing("MessageSid")
	}
	status := firstOf(e.params, "MessageStatus", "SmsStatus")
	if e.params.Get("EventType") == "READ" {
		status = "read"
	}
	state, ok := stateOf(status)
	if !ok {
		return "", nil
	}
	of := e.query.Get("reply") // which knows the answer before we know its SID
	if !message.ValidID(of) {
		of = sid
	}
	report := &message.DeliveryReport{Of: of, State: string(state)}
	if state == connectors.Failed {
		report.Reason = "it was not delivered"
		if code, err := strconv.Atoi(e.params.Get("ErrorCode")); err == nil && code != 0 {
			report.Reason = reasonOf(code)
		}
	}
	m := &message.Message{
		ID: t.id(sid, "status", status), Kind: message.Delivery, Connector: t.env.Name, Report: report, Received: t.now().UTC(),
	}
	if state == connectors.Sent && of != sid {
		t.learn(ctx, e, of, sid)
	}
	return "", t.took(ctx, m, "status", byWebhook)
}

// learn remembers which message an answer is, if the call that sent it could not: then no later answer with the same
// text is taken for it.
func (t *Twilio) learn(ctx context.Context, e event, reply, sid string) {
	pair := e.query.Get("pair")
	if !strings.HasPrefix(pair, pairPrefix) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second) // the report goes on without
	defer cancel()
	if unlock, ok := t.sending.TryLock(pair); ok { // else the call is under way, and learns it itself
		defer unlock()
		if err := t.answers.Took(ctx, pair, reply, sid); err != nil {
			t.env.Log.Debug("answer not remembered", zap.Error(err))
		}
	}
}

// stateOf is how far an answer came. What says only that Twilio is at work tells nothing.
func stateOf(status string) (connectors.State, bool) {
	switch status {
	case "sent":
		return connectors.Sent, true
	case "delivered":
		return connectors.Delivered, true
	case "read":
		return connectors.Read, true
	case "undelivered", "failed", "canceled":
		return connectors.Failed, true
	}
	return "", false
}
