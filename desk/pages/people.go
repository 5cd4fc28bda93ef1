package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"loket/desk/access"
	"loket/desk/people"
	"loket/internal/field"
)

// A peopleView is who may sign in, and the form by which somebody is added.
type peopleView struct {
	frame
	Problem      string
	People       []personView
	Teams, Roles []tick
	Name         string // that was typed
	Link, For    string // a one-time link that was just made, and whose
}

type personView struct {
	Name, Address, Teams, Roles, State string
	Configured, Disabled, Me           bool
}

// A tick is a box that is ticked, or not.
type tick struct {
	Name   string
	Ticked bool
}

func (h *Handler) peoplePage(w http.ResponseWriter, r *http.Request) {
	h.showPeople(w, r, http.StatusOK, func(*peopleView) {})
}

func (h *Handler) showPeople(w http.ResponseWriter, r *http.Request, status int, more func(*peopleView)) {
	v := visitorOf(r.Context())
	all, err := h.people.List(r.Context(), v.by)
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	page := &peopleView{frame: h.framed(r, v.words.People)}
	page.Done, page.Here = v.words.PeopleDone[r.URL.Query().Get("done")], "/people"
	for _, p := range all {
		page.People = append(page.People, personOf(v, p))
	}
	for _, team := range h.desk.Teams() {
		page.Teams = append(page.Teams, tick{Name: team})
	}
	for _, role := range access.Roles() {
		page.Roles = append(page.Roles, tick{role, role == access.RoleAgent})
	}
	more(page)
	h.render(w, "people.html", status, page)
}

func personOf(v *visitor, p people.Person) personView {
	one := personView{
		Name: p.Name, Address: "/people/" + url.PathEscape(p.Name), Teams: strings.Join(p.Teams, ", "), Configured: p.Configured, Disabled: p.Disabled, Me: p.Name == v.by.Agent,
		State: v.words.NoPassword,
	}
	var roles []string
	for _, role := range p.Roles {
		roles = append(roles, known(v.words.Role, role))
	}
	one.Roles = strings.Join(roles, ", ")
	if p.EveryTeam {
		one.Teams = v.words.OfEveryTeam
	}
	switch {
	case p.Disabled:
		one.State = v.words.IsDisabled
	case p.OIDC:
		one.State = v.words.ByProvider
	case p.Password:
		one.State = v.words.MaySignIn
	}
	return one
}

// addPerson adds somebody, and shows the link to send to them.
func (h *Handler) addPerson(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	f, ok := h.readForm(w, r, v.words)
	if !ok {
		return
	}
	name := strings.TrimSpace(f.Get("name"))
	err := h.people.Add(r.Context(), v.by, name, f.Values["team"], f.Values["role"])
	if err == nil {
		h.giveLink(w, r, name)
		return
	}
	status, text := h.toldOfPeople(v.words, err)
	if status == http.StatusInternalServerError || status == http.StatusForbidden {
		h.trouble(w, r, v.words, err)
		return
	}
	h.showPeople(w, r, status, func(p *peopleView) {
		p.Problem, p.Name = text, name
		for _, boxes := range []struct {
			of    []tick
			field string
		}{{p.Teams, "team"}, {p.Roles, "role"}} {
			for i := range boxes.of {
				boxes.of[i].Ticked = slices.Contains(f.Values[boxes.field], boxes.of[i].Name)
			}
		}
	})
}

func (h *Handler) toldOfPeople(words *words, err error) (int, string) {
	var wrong *field.Error
	switch {
	case errors.Is(err, people.ErrThere):
		return http.StatusConflict, words.PersonThere
	case errors.Is(err, people.ErrNobody):
		return http.StatusNotFound, words.NobodyCalledSo
	case errors.As(err, &wrong) && wrong.Path == "name":
		return http.StatusUnprocessableEntity, words.BadName
	}
	return h.told(words, err)
}

func (h *Handler) linkPerson(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	if _, ok := h.readForm(w, r, v.words); ok {
		h.giveLink(w, r, r.PathValue("person"))
	}
}

// giveLink shows a one-time link, this once: nothing but its digest is kept.
func (h *Handler) giveLink(w http.ResponseWriter, r *http.Request, name string) {
	v := visitorOf(r.Context())
	token, err := h.people.Link(r.Context(), v.by, name)
	if err != nil {
		h.troubleOfPeople(w, r, v.words, err)
		return
	}
	scheme := "http"
	if h.isHTTPS(r) {
		scheme = "https"
	}
	h.showPeople(w, r, http.StatusOK, func(p *peopleView) { p.Link, p.For = scheme+"://"+r.Host+"/begin/"+token, name })
}

func (h *Handler) troubleOfPeople(w http.ResponseWriter, r *http.Request, words *words, err error) {
	if status, text := h.toldOfPeople(words, err); status != http.StatusInternalServerError {
		h.problem(w, words, status, text)
		return
	}
	h.trouble(w, r, words, err)
}

// onPerson does what was decided about somebody, and shows all again.
func (h *Handler) onPerson(done string, do func(ctx context.Context, by access.Actor, name string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := visitorOf(r.Context())
		if _, ok := h.readForm(w, r, v.words); !ok {
			return
		}
		if err := do(r.Context(), v.by, r.PathValue("person")); err != nil {
			h.troubleOfPeople(w, r, v.words, err)
			return
		}
		http.Redirect(w, r, "/people?done="+done, http.StatusSeeOther)
	}
}

func (h *Handler) disable(disabled bool) func(context.Context, access.Actor, string) error {
	return func(ctx context.Context, by access.Actor, name string) error {
		return h.people.Disable(ctx, by, name, disabled)
	}
}
