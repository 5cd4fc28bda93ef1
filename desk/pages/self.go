package pages

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"go.uber.org/zap"

	"loket/desk/people"
	"loket/internal/field"
)

// A selfView is what somebody may change of themselves.
type selfView struct {
	frame
	Settings people.Settings
	Regret   string // in seconds; "" for what is usual
	Devices  []deviceView
	Problem  string
	Wrong    string // the field that has a mistake
}

type deviceView struct {
	ID, Name   string
	Made, Seen moment
	This       bool
}

func (h *Handler) selfPage(w http.ResponseWriter, r *http.Request) {
	h.showSelf(w, r, http.StatusOK, "", "", nil)
}

// showSelf shows the page; after something that was refused with why, and what was written.
func (h *Handler) showSelf(w http.ResponseWriter, r *http.Request, status int, wrong, problem string, written *form) {
	v := visitorOf(r.Context())
	chosen, err := h.people.Settings(r.Context(), v.by.Person)
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	devices, err := h.people.Devices(r.Context(), v.by, h.token(r))
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	view := selfView{frame: h.framed(r, v.words.Myself), Settings: chosen, Problem: problem, Wrong: wrong}
	view.Here = "/myself"
	if chosen.Regret != nil {
		view.Regret = strconv.Itoa(*chosen.Regret)
	}
	if written != nil && written.Has("regret") {
		view.Regret, view.Settings = written.Get("regret"), chosenIn(written)
	}
	for _, d := range devices {
		view.Devices = append(view.Devices, deviceView{
			ID: d.ID, Name: v.words.browser(d.Name), Made: h.moment(v.words, d.Made, view.Zone), Seen: h.moment(v.words, d.Seen, view.Zone), This: d.This,
		})
	}
	h.render(w, "self.html", status, view)
}

// choose keeps what somebody chose.
func (h *Handler) choose(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	f, ok := h.readForm(w, r, v.words)
	if !ok {
		return
	}
	chosen := chosenIn(f)
	if text := strings.TrimSpace(f.Get("regret")); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			n = -1
		}
		chosen.Regret = &n
	}
	err := h.people.Choose(r.Context(), v.by, chosen)
	var wrong *field.Error
	switch {
	case errors.As(err, &wrong):
		h.showSelf(w, r, http.StatusUnprocessableEntity, "regret", v.words.BadRegret, f)
	case err != nil:
		h.trouble(w, r, v.words, err)
	default:
		if chosen.Language != "" {
			http.SetCookie(w, h.inLanguage(r, chosen.Language))
		}
		http.Redirect(w, r, "/myself?done=chosen", http.StatusSeeOther)
	}
}

// chosenIn is what a form says, but for the seconds, which may be none.
func chosenIn(f *form) people.Settings {
	has := func(name string) bool { return f.Get(name) != "" }
	return people.Settings{Language: f.Get("lang"), NoKeys: !has("keys"), Calls: people.Calls{
		Tasks: has("call-tasks"), Answers: has("call-answers"), Mentions: has("call-mentions"), Sound: has("sound"), Notify: has("notify"),
	}}
}

// changePassword gives somebody another password; they stay signed in here, and nowhere else.
func (h *Handler) changePassword(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	f, ok := h.readForm(w, r, v.words)
	if !ok {
		return
	}
	token, err := h.people.ChangePassword(r.Context(), v.by, f.Get("current"), f.Get("password"))
	var wrong *field.Error
	slowed := (*people.SlowedError)(nil)
	switch {
	case errors.Is(err, people.ErrWrong):
		h.refused("sign-in")
		h.showSelf(w, r, http.StatusForbidden, "current", v.words.WrongCurrent, nil)
	case errors.As(err, &slowed):
		h.refused("slowed")
		h.showSelf(w, r, http.StatusTooManyRequests, "current", v.words.tooManyTries(slowed.Wait), nil)
	case errors.As(err, &wrong):
		h.showSelf(w, r, http.StatusUnprocessableEntity, "password", v.words.BadPassword, nil)
	case err != nil:
		h.trouble(w, r, v.words, err)
	default:
		h.log.Info("password changed", zap.String("person", v.by.Person))
		h.signedInHere(w, r, v.by.Person, token)
		http.Redirect(w, r, "/myself?done=password", http.StatusSeeOther)
	}
}

// signOutDevice ends one of somebody's sessions.
func (h *Handler) signOutDevice(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	f, ok := h.readForm(w, r, v.words)
	if !ok {
		return
	}
	if err := h.people.SignOutDevice(r.Context(), v.by, f.Get("device")); err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	http.Redirect(w, r, "/myself?done=signedout", http.StatusSeeOther)
}
