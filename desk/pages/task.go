package pages

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"loket/desk"
	"loket/router/queue"
)

// A taskPage is one task beside the list that it stands in.
type taskPage struct {
	frame
	Queue *queueView
	Task  *taskView
}

// A taskView is a task as its page shows it.
type taskView struct {
	ID                                     string
	Number, Subject, Team, Priority, State string
	Tags                                   []string
	Due, LeaseUntil, Until, Closed         moment
	Late                                   bool
	Me                                     string // the visitor
	Agent                                  string // who holds it, if somebody else
	Mine                                   bool   // the visitor holds it
	IsClosed, IsQueued                     bool
	Public                                 bool
	Outcome                                string
	Failure, FailureLang                   string // what did not arrive, and the language of that where it is not the page's
	Entries                                []entry
	Customer                               customerView
	Reply                                  replyView
	Held                                   []regretView // answers that go out in a moment
	Drafts                                 []entry      // answers that were not taken
	Others                                 []string     // teams it could go to
	Canned                                 []cannedView // that fit it
	MayCan                                 bool         // the visitor may change those
	Problem                                string       // why what was sent last was not done
	Unseen                                 bool         // because something came since
	Zone                                   string
	TagList, PriorityName, Language        string // as the form has them
	Priorities                             []option
	Tried                                  tried  // an act that was refused
	Older, Newest                          string // addresses of the pages with what was said before, and with what was said last
	Here                                   string // who else has it open, in words
}

// taskPage shows a task.
func (h *Handler) taskPage(w http.ResponseWriter, r *http.Request) {
	h.showTask(w, r, http.StatusOK, "", nil)
}

// showTask shows a task; after something that was refused with why, and what was written.
func (h *Handler) showTask(w http.ResponseWriter, r *http.Request, status int, problem string, written *form) {
	v := visitorOf(r.Context())
	t, err := h.desk.TaskBefore(r.Context(), v.by, r.PathValue("task"), r.URL.Query().Get("before"))
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	number := queue.FormatNumber(t.Card.Number)
	var q *queueView
	if r.Header.Get(regionHeader) != "task" { // whoever has the list needs the task alone
		q, err = h.list(r.Context(), v, r.URL.Query(), t.Card.Team, t.Card.ID)
	}
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	view := h.task(v, t)
	err = h.addUnfinished(r.Context(), v, t, view)
	if err == nil {
		view.Held, err = h.heldAnswers(r.Context(), v, t)
	}
	if err == nil {
		err = h.surround(r, v, view)
	}
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	view.Problem = cmp.Or(problem, view.Problem)
	if status == http.StatusOK && r.URL.Query().Get("before") == "" && isErased(t) {
		status, view.Problem = http.StatusGone, v.words.Erased // what figures need is there all the same
	}
	if written != nil {
		view.Reply.fill(written)
		view.keepTried(v.words, triedWith(r.URL.Path, written))
		view.Unseen = status == http.StatusConflict && problem == v.words.Unseen
		if key := written.Get("key"); key != "" && status != http.StatusConflict {
			view.Reply.Key = key
		}
	}
	if !view.IsClosed {
		if err := h.addCanned(r.Context(), v, t, r.URL.Query().Get("canned"), view); err != nil {
			h.trouble(w, r, v.words, err)
			return
		}
		if err := h.addWays(r.Context(), v, t, &view.Reply); err != nil {
			h.trouble(w, r, v.words, err)
			return
		}
	}
	page := taskPage{frame: h.framed(r, number+" "+t.Card.Subject), Queue: q, Task: view}
	if page.Done == "" {
		page.Done = v.words.CustomerDone[r.URL.Query().Get("done")]
	}
	page.Here = taskAddress(number, "")
	h.render(w, "task.html", status, page)
}

// isErased tells whether nothing is left of what was said in a task, as its customer was erased.
func isErased(t *desk.Task) bool {
	return t.Card.State == queue.Closed && len(t.Card.From) == 0 && len(t.Messages) == 0 && t.Older == ""
}

// surround adds who else has the task open, and the way back to what was said last.
func (h *Handler) surround(r *http.Request, v *visitor, view *taskView) error {
	if !byItself(r) {
		if err := h.desk.MentionRead(r.Context(), v.by, view.ID); err != nil {
			return err
		}
	}
	present, err := h.present(r.Context(), v)
	if err != nil {
		return err
	}
	view.Here = present[view.ID]
	if r.URL.Query().Get("before") != "" {
		view.Newest = taskAddress(view.Number, "")
	}
	return nil
}

// task is what the page shows of a task.
func (h *Handler) task(v *visitor, t *desk.Task) *taskView {
	card := t.Card
	view := &taskView{
		TagList: strings.Join(card.Tags, ", "), PriorityName: card.Priority, Language: card.Language, Priorities: v.words.priorities(card.Priority),
		ID: card.ID, Number: queue.FormatNumber(card.Number), Me: v.by.Agent, Subject: cmp.Or(t.SubjectNow, card.Subject, v.words.NoSubject), Team: card.Team, Zone: t.Zone,
		Priority: v.words.Priority[card.Priority], State: v.words.State[string(card.State)], Tags: card.Tags, Late: h.isLate(card),
		Due: h.millis(v.words, dueOf(card), t.Zone), Until: h.millis(v.words, card.Until, t.Zone), Closed: h.millis(v.words, card.ClosedAt, t.Zone),
		IsClosed: card.State == queue.Closed, IsQueued: card.State == queue.Queued, Public: card.Public, Outcome: card.Outcome,
		Entries: h.entries(v, t), Customer: h.customerOf(v, t), Reply: h.replyTo(t),
	}
	view.Failure, view.FailureLang = v.words.refusal(card.Failure)
	if card.State == queue.Claimed {
		view.LeaseUntil = h.millis(v.words, card.LeaseUntil, t.Zone)
		if view.Mine = card.Agent == v.by.Agent; !view.Mine {
			view.Agent = card.Agent
		}
	}
	for _, d := range t.Drafts {
		why, lang := v.words.refusal(d.Reason)
		view.Drafts = append(view.Drafts, entry{
			ID: d.ID, At: h.moment(v.words, d.At, t.Zone), Who: d.Agent, Text: d.Text, To: addresses(d.To), Reason: why, ReasonLang: lang, Files: files(card, d.Attachments),
		})
	}
	if t.Older != "" {
		view.Older = taskAddress(view.Number, "") + "?before=" + url.QueryEscape(t.Older)
	}
	view.Others = slices.DeleteFunc(slices.Clone(h.desk.Teams()), func(team string) bool { return team == card.Team })
	return view
}
