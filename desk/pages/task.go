package pages

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"loket/desk"
	"loket/internal/message"
	"loket/internal/page"
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
	Outcome, Failure                       string
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
	Older                                  string // address of the page with what was said before
	Here                                   string // who else has it open, in words
}

// An entry is one thing that was said: a message, or a note between colleagues.
type entry struct {
	ID                          string
	At                          moment
	Ours, Note, New             bool
	Who, Channel, Subject, Text string
	To                          []string
	Quoted                      string // what stands below in the mail
	Automatic                   bool
	Marks                       []string
	Delivery                    string // in words
	Reason                      string // why it stands so, in those of loket or the channel: English
	Failed                      bool
	Task                        string // of which it is
	Resend                      bool   // it can be sent again
	Files                       []fileLink
	Formatted                   string // where it is shown as its sender formatted it
}

// A fileLink is an attachment.
type fileLink struct {
	Name, Address, Size string
	Picture             string // where it is shown, if it says that it is a picture
}

// entriesShown is how much of what was said is shown at first.
const entriesShown = 50

// taskPage shows a task.
func (h *Handler) taskPage(w http.ResponseWriter, r *http.Request) {
	h.showTask(w, r, http.StatusOK, "", nil)
}

// showTask shows a task; after something that was refused with why, and what was written.
func (h *Handler) showTask(w http.ResponseWriter, r *http.Request, status int, problem string, written *form) {
	v := visitorOf(r.Context())
	t, err := h.desk.Task(r.Context(), v.by, r.PathValue("task"))
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
	if written != nil {
		view.Reply.fill(written)
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

// surround adds who else has the task open, and leaves out what was said long ago, unless that is asked for.
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
	if n := len(view.Entries) - entriesShown; n > 0 && !r.URL.Query().Has("older") {
		view.Entries, view.Older = view.Entries[n:], taskAddress(view.Number, "")+"?older"
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
		Due: h.millis(v.words, card.Due, t.Zone), Until: h.millis(v.words, card.Until, t.Zone), Closed: h.millis(v.words, card.ClosedAt, t.Zone),
		IsClosed: card.State == queue.Closed, IsQueued: card.State == queue.Queued, Public: card.Public, Outcome: card.Outcome, Failure: card.Failure,
		Entries: h.entries(v, t), Customer: h.customerOf(v, t), Reply: h.replyTo(t),
	}
	if card.State == queue.Claimed {
		view.LeaseUntil = h.millis(v.words, card.LeaseUntil, t.Zone)
		if view.Mine = card.Agent == v.by.Agent; !view.Mine {
			view.Agent = card.Agent
		}
	}
	for _, d := range t.Drafts {
		view.Drafts = append(view.Drafts, entry{
			At: h.moment(v.words, d.At, t.Zone), Who: d.Agent, Text: d.Text, To: addresses(d.To), Reason: d.Reason, Files: files(card, d.Attachments),
		})
	}
	view.Others = slices.DeleteFunc(slices.Clone(h.desk.Teams()), func(team string) bool { return team == card.Team })
	return view
}

// entries are the messages and notes of a task, oldest first.
func (h *Handler) entries(v *visitor, t *desk.Task) []entry {
	type timed struct {
		at time.Time
		entry
	}
	var all []timed
	for _, m := range t.Messages {
		at := m.Received
		if at.IsZero() {
			at = m.Sent
		}
		e := h.messageEntry(v, t, m)
		e.At = h.moment(v.words, at, t.Zone)
		all = append(all, timed{at, e})
	}
	for _, n := range t.Notes {
		all = append(all, timed{n.At, h.noteEntry(v, t, n)})
	}
	slices.SortStableFunc(all, func(a, b timed) int { return a.at.Compare(b.at) })
	out := make([]entry, len(all))
	for i := range all {
		out[i] = all[i].entry
	}
	return out
}

func (h *Handler) messageEntry(v *visitor, t *desk.Task, m desk.Message) entry {
	e := entry{
		ID: m.ID, Ours: m.Direction == message.Out, Channel: v.words.channel(cmp.Or(m.Channel, t.Card.Channel)), Text: m.Text,
		Automatic: m.Automatic != message.ByPerson, Marks: m.Marks, Files: files(t.Card, m.Attachments),
		Who: cmp.Or(m.Name, strings.Join(addresses(m.From), ", "), v.words.Unknown),
	}
	if m.HTML != "" && !e.Ours {
		e.Formatted = "/tasks/" + url.PathEscape(queue.FormatNumber(t.Card.Number)) + "/html/" + url.PathEscape(m.ID)
	}
	if m.SubjectChanged {
		e.Subject = m.Subject
	}
	if rest, ok := strings.CutPrefix(m.Whole, m.Text); ok {
		e.Quoted = strings.Trim(rest, "\n")
	} else {
		e.Quoted = m.Whole
	}
	if e.Ours {
		e.Who, e.To = cmp.Or(m.Agent, v.words.Us), addresses(m.To)
	}
	if d := m.Delivery; d != nil {
		e.Delivery, e.Failed = known(v.words.Delivery, string(d.State)), d.State == queue.ReplyGaveUp
		if e.Failed || d.State == queue.ReplyDoubt {
			e.Reason = d.Error
		}
		e.Task, e.Resend = queue.FormatNumber(t.Card.Number), d.State == queue.ReplyGaveUp || d.State == queue.ReplyDoubt
	}
	return e
}

func (h *Handler) noteEntry(v *visitor, t *desk.Task, n desk.Note) entry {
	e := entry{At: h.moment(v.words, n.At, t.Zone), Note: true, Who: n.Agent, Text: n.Text}
	if n.Way != "" {
		e.Channel = v.words.answeredBy(n.Way)
	}
	if m := n.Mail; m != nil {
		e.Who, e.Subject, e.To, e.Marks, e.Files = cmp.Or(n.Agent, m.Name, strings.Join(addresses(m.From), ", ")), m.Subject, addresses(m.To), m.Marks, files(t.Card, m.Attachments)
	}
	return e
}

func files(card *queue.Task, all []message.Attachment) []fileLink {
	var out []fileLink
	for _, a := range all {
		link := fileLink{Name: a.Name, Size: page.Size(a.Size)}
		if of, file, ok := strings.Cut(a.Blob, "/"); ok {
			link.Address = "/tasks/" + url.PathEscape(queue.FormatNumber(card.Number)) + "/files/" + url.PathEscape(of) + "/" + url.PathEscape(file) + "/" + url.PathEscape(cmp.Or(strings.Trim(a.Name, "."), "file"))
			if mayShow(a.Type, a.Size) {
				link.Picture = pictureAddress(queue.FormatNumber(card.Number), a)
			}
		}
		out = append(out, link)
	}
	return out
}
