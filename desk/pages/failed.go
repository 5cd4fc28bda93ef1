package pages

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"loket/desk"
	"loket/desk/access"
	"loket/router/queue"
)

// A failedView is what did not arrive, or may not have.
type failedView struct {
	Tasks []failedTask
	More  bool
}

type failedTask struct {
	Number, Name, Subject, Team, Why string
	WhyLang                          string // of that, where it is not the page's
	Replies                          []failedReply
}

type failedReply struct {
	Address  string // of what can be decided
	To       []string
	Channel  string
	Text     string
	Why      string
	WhyLang  string
	Since    moment
	Doubt    bool
	Asking   bool // the channel is being asked
	CanAgain bool // what it said is kept still
}

func (h *Handler) failedPage(w http.ResponseWriter, r *http.Request) {
	h.showFailed(w, r, http.StatusOK, "")
}

// showFailed shows them; after something that was refused with why.
func (h *Handler) showFailed(w http.ResponseWriter, r *http.Request, status int, problem string) {
	v := visitorOf(r.Context())
	if err := v.by.Require(access.RoleManager); err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	all, more, err := h.desk.Failed(r.Context(), v.by)
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	view := failedView{More: more}
	for _, f := range all {
		view.Tasks = append(view.Tasks, h.failed(v, f))
	}
	page := h.operate(r, "/operations/answers", view)
	page.Problem, page.Here = problem, "/operations/answers"
	h.render(w, "operate-answers", status, page)
}

func (h *Handler) failed(v *visitor, f desk.Failed) failedTask {
	one := h.row(v, f.Task, "")
	t := failedTask{Number: one.Number, Name: one.Name, Subject: one.Subject, Team: one.Team}
	t.Why, t.WhyLang = v.words.refusal(f.Card.Failure)
	for _, r := range f.Replies {
		reply := failedReply{
			Address: "/operations/answers/" + one.Number + "/" + url.PathEscape(r.ID), Since: h.millis(v.words, max(r.Since, r.Created), f.Zone),
			Doubt: r.State == queue.ReplyDoubt, Asking: r.State == queue.ReplyDoubt && r.Next > 0, CanAgain: r.Message != nil,
		}
		reply.Why, reply.WhyLang = v.words.refusal(r.Error)
		if m := r.Message; m != nil {
			reply.To, reply.Channel, reply.Text = addresses(m.To), v.words.channel(m.Channel), strings.TrimSpace(m.Text)
		}
		t.Replies = append(t.Replies, reply)
	}
	return t
}

// decideFailed does what a manager decided about an answer, and shows what is left.
func (h *Handler) decideFailed(done string, do func(ctx context.Context, by access.Actor, task, reply string) (*desk.Task, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := visitorOf(r.Context())
		if err := v.by.Require(access.RoleManager); err != nil {
			h.trouble(w, r, v.words, err)
			return
		}
		if _, ok := h.readForm(w, r, v.words); !ok {
			return
		}
		_, err := do(r.Context(), v.by, r.PathValue("task"), r.PathValue("reply"))
		if err == nil {
			http.Redirect(w, r, "/operations/answers?done="+done, http.StatusSeeOther)
			return
		}
		if status, text := h.told(v.words, err); status != http.StatusInternalServerError {
			h.showFailed(w, r, status, text)
			return
		}
		h.trouble(w, r, v.words, err)
	}
}

// settle takes somebody's word for whether an answer arrived.
func (h *Handler) settle(arrived bool) func(ctx context.Context, by access.Actor, task, reply string) (*desk.Task, error) {
	return func(ctx context.Context, by access.Actor, task, reply string) (*desk.Task, error) {
		return h.desk.Settle(ctx, by, task, reply, arrived)
	}
}
