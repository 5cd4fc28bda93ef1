package pages

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"

	"go.uber.org/zap"

	"loket/desk/people"
	"loket/internal/limit"
)

// oidcCookie holds the state of a sign-in that was begun in this browser, so that nobody is signed in by what another browser began.
const oidcCookie = "-oidc"

func (h *Handler) flowCookie(r *http.Request, state string) *http.Cookie {
	c := h.cookie(r, state)
	c.Name += oidcCookie
	if state != "" {
		c.MaxAge = flowMinutes * 60
	}
	return c
}

const flowMinutes = 10

// beginOIDC leads to the provider. A link does it, not a form: a policy for forms would stop it on the way there.
func (h *Handler) beginOIDC(w http.ResponseWriter, r *http.Request) {
	words, q := h.wordsFor(r), r.URL.Query()
	scheme := "http"
	if h.isHTTPS(r) {
		scheme = "https"
	}
	back := url.URL{Scheme: scheme, Host: r.Host, Path: "/sign-in/return"}
	state, address, err := h.people.BeginOIDC(r.Context(), people.Start{
		Back: back.String(), To: localPath(q.Get("to")), Link: q.Get("begin"), Network: limit.Network(r.RemoteAddr).String(),
	})
	if err != nil {
		h.oidcProblem(w, r, words, err)
		return
	}
	http.SetCookie(w, h.flowCookie(r, state))
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// endOIDC signs in whom the provider leads back.
func (h *Handler) endOIDC(w http.ResponseWriter, r *http.Request) {
	words, q := h.wordsFor(r), r.URL.Query()
	state := q.Get("state")
	kept, err := r.Cookie(h.flowCookie(r, "").Name)
	http.SetCookie(w, h.flowCookie(r, ""))
	if err != nil || subtle.ConstantTimeCompare([]byte(kept.Value), []byte(state)) != 1 {
		h.oidcProblem(w, r, words, people.ErrFlow)
		return
	}
	session, name, to, err := h.people.EndOIDC(r.Context(), state, q.Get("code"))
	if err != nil {
		h.oidcProblem(w, r, words, err)
		return
	}
	h.log.Info("signed in by OpenID Connect", zap.String("person", name), zap.String("address", r.RemoteAddr))
	h.signedInHere(w, r, name, session)
	http.Redirect(w, r, localPath(to), http.StatusSeeOther)
}

func (h *Handler) oidcProblem(w http.ResponseWriter, r *http.Request, words *words, err error) {
	status, text := http.StatusForbidden, ""
	slowed := (*people.SlowedError)(nil)
	switch {
	case errors.As(err, &slowed):
		status, text = http.StatusTooManyRequests, words.tooManyTries(slowed.Wait)
	case errors.Is(err, people.ErrFlow):
		status, text = http.StatusBadRequest, words.FlowOver
	case errors.Is(err, people.ErrProvider):
		status, text = http.StatusBadGateway, words.ProviderSilent
		h.log.Warn("sign-in by OpenID Connect failed", zap.Error(err))
	case errors.Is(err, people.ErrNotInvited), errors.Is(err, people.ErrWrong):
		text = words.NotInvited
	case errors.Is(err, people.ErrThere):
		text = words.NameTaken
	case errors.Is(err, people.ErrLink):
		status, text = http.StatusNotFound, words.LinkUsed
	default:
		h.trouble(w, r, words, err)
		return
	}
	h.refused("sign-in")
	h.problem(w, words, status, text)
}
