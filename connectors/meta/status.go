package meta

import (
	"cmp"
	"context"

	"loket/connectors"
	"loket/connectors/vendor"
	"loket/internal/message"
)

// takeStatus takes what became of an answer by WhatsApp. Meta tells it early, twice and in any order; whoever keeps the answers lets
// them only move forward. It gives back our own id, by which an answer is known whose sending is in doubt.
func (w *whatsApp) takeStatus(ctx context.Context, s vendor.Fields) (why string, err error) {
	state, ok := stateOf(s["status"])
	ours := s["biz_opaque_callback_data"]
	of := cmp.Or(ours, s["id"])
	if !ok || of == "" || ours != "" && !message.ValidID(ours) { // another program's, which sends from the same number
		return "", nil
	}
	reason := ""
	if state == connectors.Failed {
		reason, _ = meaning(cmp.Or(s["errors.0.code"], "0"), "")
	}
	return "", w.report(ctx, &message.DeliveryReport{Of: of, State: string(state), Reason: reason}, s["id"])
}

// report brings what became of an answer, which Meta calls own.
func (a *App) report(ctx context.Context, r *message.DeliveryReport, own string) error {
	m := a.message("", a.now().UTC(), "report", own, r.Of, r.State)
	m.Kind, m.Report = message.Delivery, r
	if err := a.env.Accept(ctx, m); err != nil {
		return err
	}
	a.Took("status", byWebhook)
	return nil
}

// stateOf is how far an answer came. What says only that Meta is at work tells nothing.
func stateOf(status string) (connectors.State, bool) {
	switch status {
	case "sent":
		return connectors.Sent, true
	case "delivered":
		return connectors.Delivered, true
	case "read", "played":
		return connectors.Read, true
	case "failed":
		return connectors.Failed, true
	}
	return "", false
}
