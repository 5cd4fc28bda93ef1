package pages

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"loket/desk"
	"loket/desk/access"
	"loket/internal/message"
)

// A cannedView is a canned answer that an answer may begin with.
type cannedView struct {
	ID, Name, Begins string
}

// addCanned gives the canned answers that fit a task, and puts the one into the box that a link asks for.
func (h *Handler) addCanned(ctx context.Context, v *visitor, t *desk.Task, asked string, view *taskView) error {
	all, err := h.desk.Canned(ctx, v.by, t.Card.Team)
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.Language != "" && t.Card.Language != "" && c.Language != t.Card.Language || c.Channel != "" && c.Channel != t.Card.Channel {
			continue
		}
		view.Canned = append(view.Canned, cannedView{ID: c.ID, Name: c.Name, Begins: message.Head(strings.Join(strings.Fields(c.Text), " "), 80)})
	}
	view.MayCan = v.by.Has(access.RoleManager)
	if !slices.ContainsFunc(view.Canned, func(c cannedView) bool { return c.ID == asked }) {
		return nil
	}
	text, err := h.desk.FillCanned(ctx, v.by, t.Card.ID, asked)
	view.Reply.Text = strings.TrimLeft(strings.TrimRight(view.Reply.Text, "\n")+"\n\n"+text, "\n")
	return err
}

// canned gives a script the text of a canned answer for a task.
func (h *Handler) canned(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	text, err := h.desk.FillCanned(r.Context(), v.by, r.PathValue("task"), r.PathValue("canned"))
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(text)) // a browser that went away is no error
}

// A cannedPage is the canned answers of the teams that somebody manages.
type cannedPage struct {
	frame
	All       []desk.Canned
	Edit      desk.Canned // that is in the form
	Teams     []string
	Variables []string
	Everyone  bool // they manage all teams
	Problem   string
}

// cannedPage shows the canned answers, with a form for one of them or a new one.
func (h *Handler) cannedPage(w http.ResponseWriter, r *http.Request) {
	h.showCanned(w, r, http.StatusOK, "", desk.Canned{ID: r.URL.Query().Get("edit")})
}

// showCanned shows the page; after something that was refused with why, and what was written.
func (h *Handler) showCanned(w http.ResponseWriter, r *http.Request, status int, problem string, edit desk.Canned) {
	v := visitorOf(r.Context())
	if err := v.by.Require(access.RoleManager); err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	all, err := h.desk.Canned(r.Context(), v.by, "")
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	page := cannedPage{
		frame: h.framed(r, v.words.CannedTitle), All: all, Edit: edit, Teams: h.desk.Me(v.by).Teams, Variables: desk.CannedVariables(),
		Everyone: v.by.Overall() == nil, Problem: problem,
	}
	if i := slices.IndexFunc(all, func(c desk.Canned) bool { return c.ID == edit.ID }); problem == "" && i >= 0 {
		page.Edit = all[i]
	}
	page.Here = "/canned"
	h.render(w, "canned.html", status, page)
}

// setCanned keeps a canned answer.
func (h *Handler) setCanned(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	f, ok := h.readForm(w, r, v.words)
	if !ok {
		return
	}
	c := desk.Canned{ID: f.Get("id"), Team: f.Get("team"), Language: f.Get("language"), Channel: f.Get("channel"), Name: f.Get("name"), Text: f.Get("text")}
	_, err := h.desk.SetCanned(r.Context(), v.by, c)
	if wrong, ok := v.words.mistake(err); ok {
		h.showCanned(w, r, http.StatusUnprocessableEntity, wrong, c)
		return
	}
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	http.Redirect(w, r, "/canned?done=kept", http.StatusSeeOther)
}

// removeCanned removes a canned answer.
func (h *Handler) removeCanned(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	if err := h.desk.RemoveCanned(r.Context(), v.by, r.PathValue("canned")); err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	http.Redirect(w, r, "/canned", http.StatusSeeOther)
}
