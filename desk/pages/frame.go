package pages

import (
	"bytes"
	"errors"
	"net/http"

	"go.uber.org/zap"

	"loket/desk"
	"loket/desk/access"
	"loket/desk/people"
	"loket/internal/body"
)

// frame is what every page shows.
type frame struct {
	W      *words
	Title  string
	Static string // where the style and the scripts are
	Me     string // "" for whoever is not signed in
	Here   string // this page, to come back to
	Query  string // what was searched for
	Done   string // what was done just now, in words
	Zone   string // in which people read times that belong to no team
	Leads  bool   // they manage, or run loket
	NoKeys bool   // keys alone do nothing
	Calls  people.Calls
}

func (h *Handler) frame(w *words, title string) frame {
	_, hash := staticFiles()
	return frame{W: w, Title: title, Static: "/s/" + hash, Here: "/"}
}

// framed is the frame of a page for whoever is signed in.
func (h *Handler) framed(r *http.Request, title string) frame {
	v := visitorOf(r.Context())
	f := h.frame(v.words, title)
	f.Me, f.Here, f.Zone, f.Leads = v.by.Agent, "/", h.desk.Zone(), v.by.Has(access.RoleManager)
	f.NoKeys, f.Calls = v.settings.NoKeys, v.settings.Calls
	if r.Method == http.MethodGet {
		f.Here, f.Done = r.URL.RequestURI(), v.words.Done[r.URL.Query().Get("done")]
	}
	return f
}

// regionHeader is in what scripts ask for, who take a part of the page: then nobody is led elsewhere.
const regionHeader = "X-Loket-Region"

func forRegion(r *http.Request) bool { return r.Header.Get(regionHeader) != "" }

// itselfHeader is in what scripts ask for by themselves, with nobody at the desk perhaps: it is no use of the session, and nothing is read by it.
const itselfHeader = "X-Loket-Itself"

func byItself(r *http.Request) bool { return r.Header.Get(itselfHeader) != "" }

// render writes a page, whole or not at all.
func (h *Handler) render(w http.ResponseWriter, name string, status int, view any) {
	var page bytes.Buffer
	if err := h.html.ExecuteTemplate(&page, name, view); err != nil {
		h.log.Error("page not made", zap.String("template", name), zap.Error(err))
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Add("Vary", "Cookie, Accept-Language, "+regionHeader)
	w.WriteHeader(status)
	_, _ = page.WriteTo(w) // a browser that went away is no error
}

type problemView struct {
	frame
	Problem string
}

// problem is a page that says why there is no other.
func (h *Handler) problem(w http.ResponseWriter, words *words, status int, text string) {
	h.render(w, "problem.html", status, problemView{frame: h.frame(words, words.Problem), Problem: text})
}

// trouble answers for an error of the desk's: what people can do something about is told, our own trouble logged.
func (h *Handler) trouble(w http.ResponseWriter, r *http.Request, words *words, err error) {
	status, text := h.told(words, err)
	if status == http.StatusInternalServerError && r.Context().Err() == nil {
		h.log.Error("page failed", zap.String("page", r.Pattern), zap.Error(err))
	}
	h.problem(w, words, status, text)
}

// told is what people are told of an error, and the status for it.
func (h *Handler) told(words *words, err error) (int, string) {
	switch {
	case desk.IsAway(err):
		return http.StatusServiceUnavailable, words.Away
	case errors.Is(err, access.ErrForbidden):
		return http.StatusForbidden, words.Forbidden
	case errors.Is(err, desk.ErrNone), errors.Is(err, desk.ErrNoDraft), errors.Is(err, desk.ErrNotFound), errors.Is(err, desk.ErrStranger):
		return http.StatusNotFound, words.Nothing
	case errors.Is(err, desk.ErrGone):
		return http.StatusGone, words.Erased
	case errors.Is(err, desk.ErrUnseen):
		return http.StatusConflict, words.Unseen
	case errors.Is(err, desk.ErrTaken):
		return http.StatusConflict, words.Taken
	case errors.Is(err, desk.ErrClosed):
		return http.StatusConflict, words.Closed
	case errors.Is(err, desk.ErrWentOut):
		return http.StatusConflict, words.WentOut
	case errors.Is(err, desk.ErrNotHeld), errors.Is(err, desk.ErrConflict):
		return http.StatusConflict, words.Conflict
	case errors.Is(err, desk.ErrBusy), errors.Is(err, desk.ErrSearching):
		return http.StatusServiceUnavailable, words.Busy
	case errors.Is(err, body.ErrTooLarge), errors.Is(err, desk.ErrTooLarge):
		return http.StatusRequestEntityTooLarge, words.TooLarge
	}
	if wrong, ok := words.mistake(err); ok {
		return http.StatusUnprocessableEntity, wrong
	}
	return http.StatusInternalServerError, words.Inside
}
