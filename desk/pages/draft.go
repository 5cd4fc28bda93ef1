package pages

import (
	"context"
	"net/http"

	"loket/desk"
)

// sendDraft answers the customer with an answer that was refused before, whoever wrote it.
func sendDraft(r *http.Request) action {
	return func(ctx context.Context, h *Handler, v *visitor, ref string, _ *form) (string, error) {
		_, err := h.desk.SendDraft(ctx, v.by, ref, desk.DraftToSend{Draft: r.PathValue("draft")})
		return "sent", err
	}
}

// dropDraft throws such an answer away.
func dropDraft(r *http.Request) action {
	return func(ctx context.Context, h *Handler, v *visitor, ref string, _ *form) (string, error) {
		_, err := h.desk.DropDraft(ctx, v.by, ref, r.PathValue("draft"))
		return "dropped", err
	}
}
