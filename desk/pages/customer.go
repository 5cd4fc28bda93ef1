package pages

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"loket/desk"
	"loket/internal/message"
	"loket/router/queue"
)

// A customerView is who wrote, beside the conversation.
type customerView struct {
	ID, Name, Address string // Address is of their page
	Sure              string // in words, how sure it is who it is
	Doubt             bool
	From              []string
	Signs             []string
	Candidates        []candidate
	Message           string        // in which the sender showed what they are known by
	Earlier, Open     []earlierTask // the latter began since, and are not over
	More              bool
}

// A candidate is a customer whom somebody may be.
type candidate struct {
	Name, Address, Why string
	ID                 string
	Shown              string // an identifier that the sender showed and that speaks not for them yet
}

type earlierTask struct {
	Number, Subject, State string
	At                     moment
}

func (h *Handler) customerOf(v *visitor, t *desk.Task) customerView {
	view := customerView{Name: h.nameOf(v, t), Doubt: true}
	for _, id := range t.Card.From {
		view.From = append(view.From, v.words.kind(id.Kind)+" "+id.Value)
	}
	if who := t.Customer; who != nil {
		view.ID, view.Doubt, view.Signs = who.Customer, who.Customer == "" || who.Contested, who.Signs
		if view.Sure = v.words.sure(who.Word(), view.Name); who.Contested {
			view.Sure = v.words.Contested
		}
		for _, c := range slices.Concat(who.Candidates, who.ClaimsToBe) {
			one := candidate{ID: c.Customer, Name: cmp.Or(c.Name, v.words.Unknown), Address: customerAddress(c.Customer), Why: c.Why}
			if !slices.ContainsFunc(view.Candidates, func(have candidate) bool { return have.Address == one.Address }) {
				view.Candidates = append(view.Candidates, one)
			}
		}
	}
	if view.ID != "" {
		view.Address = customerAddress(view.ID)
	}
	shown, in := showed(t)
	view.Message = in
	for i, c := range view.Candidates {
		if at := slices.IndexFunc(shown, func(x string) bool { return x != strings.TrimPrefix(c.Why, "~") }); at >= 0 {
			view.Candidates[i].Shown = shown[at]
		}
	}
	if t.Earlier != nil {
		for _, o := range t.Earlier.Tasks {
			view.Earlier = append(view.Earlier, h.earlier(v, o, t.Zone))
		}
		for _, o := range t.Earlier.Open {
			view.Open = append(view.Open, h.earlier(v, o, t.Zone))
		}
		view.More = t.Earlier.More > 0 || t.Earlier.Uncounted
	}
	return view
}

func (h *Handler) earlier(v *visitor, t *queue.Task, zone string) earlierTask {
	return earlierTask{
		Number: queue.FormatNumber(t.Number), Subject: cmp.Or(t.Subject, v.words.NoSubject), State: v.words.State[string(t.State)], At: h.millis(v.words, t.Created, zone),
	}
}

// showed are the identifiers that a person showed last in a task, of those that can be somebody's, and the message they showed them with.
func showed(t *desk.Task) (identifiers []string, in string) {
	for _, m := range slices.Backward(t.Messages) {
		if m.Direction != message.In {
			continue
		}
		for _, x := range m.From {
			x.Level = message.Vouched // as whoever links it says
			if class := x.Class(); class != message.Ephemeral && class != message.ClaimOnly {
				identifiers = append(identifiers, x.String())
			}
		}
		return identifiers, m.ID
	}
	return nil, ""
}

func customerAddress(id string) string { return "/customers/" + id }

type searchView struct {
	frame
	Rows      []row
	Customers []candidate
	Partial   bool
	Problem   string
}

// searchPage finds tasks and customers. A number that is a task's leads to it at once.
func (h *Handler) searchPage(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	query := strings.TrimSpace(r.URL.Query().Get("q"))
	page := searchView{frame: h.framed(r, v.words.Search)}
	page.Query = query
	if query == "" {
		h.render(w, "search.html", http.StatusOK, page)
		return
	}
	found, err := h.desk.Search(r.Context(), v.by, query)
	if err != nil {
		status, text := h.told(v.words, err)
		if status == http.StatusInternalServerError {
			h.trouble(w, r, v.words, err)
			return
		}
		page.Problem = text
		h.render(w, "search.html", status, page)
		return
	}
	if len(found.Tasks) == 1 && strings.EqualFold(queue.FormatNumber(found.Tasks[0].Card.Number), query) {
		http.Redirect(w, r, taskAddress(queue.FormatNumber(found.Tasks[0].Card.Number), ""), http.StatusSeeOther)
		return
	}
	for _, t := range found.Tasks {
		page.Rows = append(page.Rows, h.row(v, t, ""))
	}
	page.Partial = found.Partial
	people, err := h.customers.Search(r.Context(), query)
	if err != nil && !errors.Is(err, desk.ErrStranger) {
		if _, wrong := v.words.mistake(err); !wrong {
			h.trouble(w, r, v.words, err)
			return
		}
	}
	for _, c := range people {
		var known []string
		for _, held := range c.Held[:min(3, len(c.Held))] {
			known = append(known, held.Value)
		}
		page.Customers = append(page.Customers, candidate{Name: cmp.Or(c.Name, v.words.Unknown), Address: customerAddress(c.ID), Why: strings.Join(known, ", ")})
	}
	h.render(w, "search.html", http.StatusOK, page)
}

// A moment is an instant as people read it, and as programs do.
type moment struct {
	Text, Instant string
}

// moment reads an instant where the times of a team are read: the clock alone on the same day, the date too on others.
func (h *Handler) moment(w *words, t time.Time, zone string) moment {
	if t.IsZero() {
		return moment{}
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.UTC
	}
	at, now := t.In(loc), h.now().In(loc)
	m := moment{Instant: at.Format(time.RFC3339)}
	switch {
	case at.Year() == now.Year() && at.YearDay() == now.YearDay():
		m.Text = at.Format("15:04")
	case at.Year() == now.Year():
		m.Text = w.day(at) + " " + at.Format("15:04")
	default:
		m.Text = w.day(at) + " " + at.Format("2006 15:04")
	}
	return m
}

// millis is moment of an instant of the queue, 0 for one that has not come.
func (h *Handler) millis(w *words, ms int64, zone string) moment {
	if ms == 0 {
		return moment{}
	}
	return h.moment(w, time.UnixMilli(ms), zone)
}
