package pages

import (
	"context"
	"errors"
	"net/http"

	"loket/desk"
)

// An action changes a task as a form asks for. It gives what is said when it is done.
type action func(ctx context.Context, h *Handler, v *visitor, ref string, f *form) (done string, err error)

// act serves the form of an action. When it is done, the task is shown anew, so that loading that page again does nothing once more; when it
// is refused, the page says why and has all that was written.
func (h *Handler) act(do action) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := visitorOf(r.Context())
		f, ok := h.readForm(w, r, v.words)
		if !ok {
			return
		}
		v.by.Seen, v.by.Anyway = f.Get("seen"), f.Get("anyway") != ""
		done, err := do(r.Context(), h, v, r.PathValue("task"), f)
		if err == nil {
			http.Redirect(w, r, taskAddress(r.PathValue("task"), done), http.StatusSeeOther)
			return
		}
		status, text := h.told(v.words, err)
		if refusal := (*desk.Refusal)(nil); errors.As(err, &refusal) && status == http.StatusInternalServerError {
			status, text = http.StatusConflict, refusal.Text
		}
		if status == http.StatusInternalServerError {
			h.trouble(w, r, v.words, err)
			return
		}
		if unsent := (*desk.Unsent)(nil); errors.As(err, &unsent) && unsent.Draft != "" {
			f.Set("draft", unsent.Draft)
		}
		h.keepWritten(r.Context(), v, r.PathValue("task"), f)
		v.by.Seen, v.by.Anyway = "", false
		h.showTask(w, r, status, text, f)
	}
}

func claim(ctx context.Context, h *Handler, v *visitor, ref string, _ *form) (string, error) {
	_, err := h.desk.Take(ctx, v.by, ref)
	return "claimed", err
}

func giveBack(ctx context.Context, h *Handler, v *visitor, ref string, _ *form) (string, error) {
	_, err := h.desk.Return(ctx, v.by, ref)
	return "returned", err
}

func transfer(ctx context.Context, h *Handler, v *visitor, ref string, f *form) (string, error) {
	_, err := h.desk.Transfer(ctx, v.by, ref, f.Get("team"), f.Get("transfer-note"))
	return "transferred", err
}

func wait(ctx context.Context, h *Handler, v *visitor, ref string, f *form) (string, error) {
	_, err := h.desk.Wait(ctx, v.by, ref, f.Get("until"))
	return "waiting", err
}

func finish(ctx context.Context, h *Handler, v *visitor, ref string, f *form) (string, error) {
	_, err := h.desk.Close(ctx, v.by, ref, f.Get("outcome"))
	return "closed", err
}

func reopen(ctx context.Context, h *Handler, v *visitor, ref string, _ *form) (string, error) {
	_, err := h.desk.Reopen(ctx, v.by, ref)
	return "reopened", err
}
