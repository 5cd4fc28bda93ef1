package pages

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"loket/desk"
	"loket/desk/access"
	"loket/desk/customers"
	"loket/identity"
	"loket/internal/message"
	"loket/router/queue"
)

type customerPageView struct {
	frame
	Problem   string
	ID, Name  string
	Address   string
	Held      []heldView
	MayBe     []candidate // Address compares the two
	Preferred string
	Consent   []consentView
	Purposes  []string
	Channels  []choice
	Said      []saidView
	Claims    []row
	More      string
	Log       []logView
	Typed     url.Values // what was typed into a form that was refused
}

// heldView is an identifier of a customer in words.
type heldView struct {
	Kind, Value, Sure, Since, Last string
	ID                             string // as it is written
	Why                            string // address of why it is theirs
	Notes                          []string
	Shared, Retired                bool
}

// saidView is something that was said with a customer, on whichever channel.
type saidView struct {
	entry
	Task, Subject string // the number of the task, and what it is about
	State         string
	at            time.Time
}

type consentView struct {
	Address, Purpose, Who string
	Allowed               bool
	At                    moment
}

// logView is something that was decided about a customer.
type logView struct {
	At                moment
	What, Who, Reason string
	Undo              [2]string // the two that were made one, to be parted again
}

// How much of what was said is shown at a time: of so many tasks, so many of each, and of each message so much.
const (
	timelineTasks    = 20
	timelineMessages = 20
	timelineText     = 1200
)

// customerPage shows a customer: by what they are known, all that was said with them on whichever channel, what they allow, and what was
// decided about them.
func (h *Handler) customerPage(w http.ResponseWriter, r *http.Request) {
	h.showCustomer(w, r, http.StatusOK, "", nil)
}

// showCustomer shows them; after something that was refused with why, and what was typed.
func (h *Handler) showCustomer(w http.ResponseWriter, r *http.Request, status int, problem string, typed *form) {
	v := visitorOf(r.Context())
	page, err := h.customerOfPage(r, v)
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	page.Problem = problem
	if typed != nil {
		page.Typed, page.Here = typed.Values, page.Address
	}
	if page.Done == "" {
		page.Done = v.words.CustomerDone[r.URL.Query().Get("done")]
	}
	h.render(w, "customer.html", status, page)
}

func (h *Handler) customerOfPage(r *http.Request, v *visitor) (*customerPageView, error) {
	ctx, ref, zone := r.Context(), r.PathValue("customer"), h.desk.Zone()
	c, err := h.customers.Profile(ctx, ref)
	if err != nil {
		return nil, err
	}
	name := cmp.Or(c.Name, v.words.Unknown)
	page := &customerPageView{frame: h.framed(r, name), ID: c.ID, Name: name, Address: customerAddress(c.ID)}
	for _, held := range c.Held {
		page.Held = append(page.Held, h.held(v, c.ID, held, zone))
	}
	if err := h.timeline(r, v, page); err != nil {
		return nil, err
	}
	suggested, err := h.customers.SuggestionsOf(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	for _, s := range suggested {
		page.MayBe = append(page.MayBe, suggestedAs(v, s, c.ID))
	}
	said, err := h.customers.Permissions(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	h.permissions(v, page, said)
	entries, _, err := h.customers.CustomerLog(ctx, v.by, c.ID, 0, "")
	for _, e := range entries {
		page.Log = append(page.Log, h.logged(v, e, zone))
	}
	return page, err
}

// timeline is what was said with a customer in all their tasks, the newest first, on all channels or the one that is asked for.
func (h *Handler) timeline(r *http.Request, v *visitor, page *customerPageView) error {
	history, err := h.customers.History(r.Context(), v.by, page.ID, timelineTasks, r.URL.Query().Get("after"))
	if err != nil {
		return err
	}
	only := r.URL.Query().Get("channel")
	channels := map[string]bool{}
	for _, t := range history.Tasks {
		messages, _, err := h.desk.Newest(r.Context(), v.by, t.Card, timelineMessages)
		if err != nil {
			return err
		}
		for _, m := range messages {
			channel := cmp.Or(m.Channel, t.Card.Channel)
			channels[channel] = true
			if only == "" || only == channel {
				page.Said = append(page.Said, h.saidIn(v, t, m))
			}
		}
	}
	slices.SortStableFunc(page.Said, func(a, b saidView) int { return b.at.Compare(a.at) })
	page.Channels = []choice{{Label: v.words.AllChannels, Address: page.Address, Current: only == ""}}
	for _, channel := range slices.Sorted(maps.Keys(channels)) {
		page.Channels = append(page.Channels, choice{Label: v.words.channel(channel), Address: page.Address + "?channel=" + url.QueryEscape(channel), Current: only == channel})
	}
	for _, t := range history.Claims {
		page.Claims = append(page.Claims, h.row(v, t, ""))
	}
	if history.Cursor != "" {
		page.More = page.Address + "?" + url.Values{"after": {history.Cursor}, "channel": {only}}.Encode()
	}
	return nil
}

func (h *Handler) saidIn(v *visitor, t *desk.Task, m desk.Message) saidView {
	at := m.Received
	if at.IsZero() {
		at = m.Sent
	}
	s := saidView{
		entry: h.messageEntry(v, t, m), Task: queue.FormatNumber(t.Card.Number), Subject: cmp.Or(m.Subject, t.Card.Subject), State: v.words.State[string(t.Card.State)], at: at,
	}
	s.At = h.moment(v.words, at, t.Zone)
	if short := message.Head(s.Text, timelineText); short != s.Text {
		s.Text, s.Quoted = short+"…", ""
	}
	return s
}

func suggestedAs(v *visitor, s identity.Suggestion, id string) candidate {
	other := s.A
	if other.ID == id {
		other = s.B
	}
	var why []string
	for _, reason := range s.Reasons {
		why = append(why, reason.Text)
	}
	return candidate{Name: cmp.Or(other.Name, v.words.Unknown), Address: compareAddress(id, other.ID), Why: strings.Join(why, "; ")}
}

func (h *Handler) permissions(v *visitor, page *customerPageView, said *customers.Permissions) {
	zone := h.desk.Zone()
	for _, c := range said.Consent {
		one := consentView{Address: v.words.EveryAddress, Purpose: c.Purpose, Who: cmp.Or(c.Actor, c.Source), Allowed: c.Allowed, At: h.moment(v.words, c.At, zone)}
		if !c.Address.IsZero() {
			one.Address = v.words.kind(c.Address.Kind) + " " + c.Address.Value
		}
		page.Consent = append(page.Consent, one)
	}
	for _, p := range said.Preferred {
		if p.Purpose == identity.Service {
			page.Preferred = v.words.kind(p.Identifier.Kind) + " " + p.Identifier.Value
		}
	}
}

func (h *Handler) logged(v *visitor, e identity.LogEntry, zone string) logView {
	l := logView{At: h.moment(v.words, e.At, zone), What: known(v.words.LogOp, e.Op), Who: e.Actor, Reason: e.Reason}
	both := slices.Compact(slices.Sorted(slices.Values(slices.Concat(e.Before, e.After))))
	if e.Op == "merge" && len(both) == 2 && v.by.Has(access.RoleManager) {
		l.Undo = [2]string(both)
	}
	return l
}

func (h *Handler) held(v *visitor, customer string, held identity.Held, zone string) heldView {
	out := heldView{
		Kind: v.words.kind(held.Kind), Value: held.Value, Sure: v.words.Level[held.Level.String()], ID: held.String(), Shared: held.Shared, Retired: held.Retired,
		Why: customerAddress(customer) + "/why?x=" + url.QueryEscape(held.String()), Since: h.moment(v.words, held.Since, zone).Text, Last: h.moment(v.words, held.Last, zone).Text,
	}
	for _, n := range []struct {
		holds bool
		text  string
	}{{held.Contested, v.words.HeldContested}, {held.Shared, v.words.HeldShared}, {held.Retired, v.words.HeldRetired}} {
		if n.holds {
			out.Notes = append(out.Notes, n.text)
		}
	}
	return out
}
