package pages

import (
	"net/http"
	"time"

	"loket/desk"
	"loket/desk/access"
	"loket/internal/page"
)

// An operatePage is a page of those who run loket: the frame, where they are among such pages, and what it is about.
type operatePage struct {
	frame
	Tabs    []choice
	Problem string
	View    any
}

// operate is the page that stands at an address of theirs.
func (h *Handler) operate(r *http.Request, at string, view any) operatePage {
	v := visitorOf(r.Context())
	w := v.words
	p := operatePage{frame: h.framed(r, w.Operations), View: view}
	p.Done = w.OperateDone[r.URL.Query().Get("done")]
	tabs := []choice{
		{Label: w.Overview, Address: "/operations"}, {Label: w.Quarantine, Address: "/operations/quarantine"}, {Label: w.InDoubt, Address: "/operations/answers"},
		{Label: w.Rules, Address: "/operations/rules"}, {Label: w.TryMessage, Address: "/operations/try"}, {Label: w.Doctor, Address: "/operations/doctor"},
	}
	if v.by.Has(access.RoleAdmin) {
		tabs = append(tabs, choice{Label: w.Configuration, Address: "/operations/configuration"}, choice{Label: w.People, Address: "/people"})
	}
	for _, t := range tabs {
		t.Current = t.Address == at
		p.Tabs = append(p.Tabs, t)
	}
	return p
}

// A statusView is how the daemon stands.
type statusView struct {
	Version    string
	Started    moment
	Store      string // in words
	StoreBad   bool
	Connectors []connectorView
	Journal    int64
	Quarantine int64
	Caught     int64
	Spool      int
	SpoolSize  string
	SpoolSince moment
	SpoolBad   int
	Failed     int
	FailedMore bool
	Away       bool
	Outgoing   []outgoingView
	Teams      []desk.TeamStatus
}

type connectorView struct {
	Name, Type, State, Error string
	Bad                      bool
	Since, Last              moment
	Lag                      string
}

type outgoingView struct {
	Connector string
	Waiting   int
	Oldest    moment
	Error     string
}

// operationsPage shows how the daemon stands: what a person who runs it looks at first.
func (h *Handler) operationsPage(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	s, err := h.desk.Status(r.Context(), v.by)
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	view := h.statusOf(v, s, h.process(r.Context()))
	if !s.StoreAway {
		failed, more, err := h.desk.Failed(r.Context(), v.by)
		if err != nil {
			h.trouble(w, r, v.words, err)
			return
		}
		view.Failed, view.FailedMore = len(failed), more
	}
	h.render(w, "operate-status", http.StatusOK, h.operate(r, "/operations", view))
}

func (h *Handler) statusOf(v *visitor, s *desk.Status, p desk.Process) statusView {
	zone := h.desk.Zone()
	view := statusView{
		Version: p.Version, Started: h.moment(v.words, p.Started, zone), Journal: s.Journal, Quarantine: s.Quarantine, Caught: s.Caught, Spool: s.SpoolMessages,
		SpoolSize: page.Size(s.SpoolBytes), SpoolSince: h.moment(v.words, s.SpoolOldest, zone), SpoolBad: s.SpoolBad, Away: s.StoreAway, Teams: s.Teams,
	}
	view.Store, view.StoreBad = v.words.storeState(p.Store)
	for _, c := range p.Connectors {
		view.Connectors = append(view.Connectors, connectorView{
			Name: c.Name, Type: c.Type, State: known(v.words.ConnectorState, c.State), Error: c.Error, Bad: c.Error != "", Since: h.moment(v.words, c.Since, zone),
			Last: h.moment(v.words, c.LastMessage, zone), Lag: lag(c),
		})
	}
	for _, o := range s.Outgoing {
		view.Outgoing = append(view.Outgoing, outgoingView{o.Connector, o.Waiting, h.moment(v.words, o.Oldest, zone), o.Error})
	}
	return view
}

func lag(c desk.ConnectorStatus) string {
	if c.LastMessage.IsZero() {
		return ""
	}
	if c.Lag < time.Second {
		return "< 1 s"
	}
	return c.Lag.Truncate(time.Second).String()
}

// diagnosis is what the doctor says, once somebody asked.
type diagnosis struct {
	Asked  bool
	Broken []string
}

// doctorPage is where somebody asks whether every invariant holds.
func (h *Handler) doctorPage(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	if err := v.by.Overall(); err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	h.render(w, "operate-doctor", http.StatusOK, h.operate(r, "/operations/doctor", diagnosis{}))
}

// diagnose checks every invariant. It is a form, because it reads the whole store.
func (h *Handler) diagnose(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(doctorTakes))
	broken, err := h.desk.Doctor(r.Context(), v.by)
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	page := h.operate(r, "/operations/doctor", diagnosis{Asked: true, Broken: broken})
	page.Here = "/operations/doctor"
	h.render(w, "operate-doctor", http.StatusOK, page)
}

// doctorTakes bounds how long checking may take.
const doctorTakes = 10 * time.Minute

// configurationPage shows the configuration that holds now, to admins.
func (h *Handler) configurationPage(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	err := v.by.Require(access.RoleAdmin)
	text := ""
	if err == nil {
		text, err = h.configuration()
	}
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	h.render(w, "operate-configuration", http.StatusOK, h.operate(r, "/operations/configuration", text))
}
