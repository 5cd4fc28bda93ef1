package pages

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"loket/desk"
)

// A regretView is an answer that goes out in a moment.
type regretView struct {
	ID, Who, Text, Channel string
	To, Files              []string
	Due                    moment
	Left                   time.Duration // until then
	Mine                   bool
}

// Milliseconds are left until it goes out.
func (v regretView) Milliseconds() int64 { return v.Left.Milliseconds() }

// heldAnswers are the answers of a task that go out in a moment.
func (h *Handler) heldAnswers(ctx context.Context, v *visitor, t *desk.Task) ([]regretView, error) {
	all, err := h.desk.HeldIn(ctx, v.by, t.Card.ID)
	var views []regretView
	for _, a := range all {
		view := regretView{
			ID: a.ID, Who: a.Agent, Text: a.Message.Text, Channel: v.words.channel(a.Message.Channel), To: addresses(a.Message.To),
			Due: h.clock(a.Due, t.Zone), Left: max(0, a.Due.Sub(h.now())), Mine: a.Agent == v.by.Agent,
		}
		for _, f := range a.Message.Attachments {
			view.Files = append(view.Files, f.Name)
		}
		views = append(views, view)
	}
	return views, err
}

// clock is an instant to the second.
func (h *Handler) clock(at time.Time, zone string) moment {
	in, err := time.LoadLocation(zone)
	if err != nil {
		in = time.UTC
	}
	return moment{Text: at.In(in).Format(time.TimeOnly), Instant: at.UTC().Format(time.RFC3339)}
}

// undo takes an answer back that has not gone out.
func undo(r *http.Request) action {
	return func(ctx context.Context, h *Handler, v *visitor, ref string, f *form) (string, error) {
		return "undone", h.desk.Undo(ctx, v.by, ref, r.PathValue("held"), f.edit())
	}
}

// sendNow lets an answer go out that waits.
func sendNow(r *http.Request) action {
	return func(ctx context.Context, h *Handler, v *visitor, ref string, _ *form) (string, error) {
		return "sent", h.desk.SendNow(ctx, v.by, ref, r.PathValue("held"))
	}
}

// actOn serves the form of an action on something of a task that its address names.
func (h *Handler) actOn(of func(*http.Request) action) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { h.act(of(r))(w, r) }
}

// heldState tells a script what became of an answer that was to go out.
func (h *Handler) heldState(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	state, err := h.desk.HeldState(r.Context(), v.by, r.PathValue("task"), r.PathValue("held"))
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"state": state, "said": v.words.HeldBecame[state]}) // a browser that went away is no error
}
