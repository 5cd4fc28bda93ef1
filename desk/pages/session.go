package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"go.uber.org/zap"

	"loket/desk/access"
	"loket/desk/people"
	"loket/internal/field"
	"loket/internal/limit"
	"loket/internal/loopback"
)

// The cookie with the token of the session. The prefix __Host- makes browsers take it over https only, for this host alone; on the
// loopback address of http://localhost some browsers would drop it without a word, so that there it has none.
const (
	cookieName         = "__Host-loket"
	loopbackCookieName = "loket"
	deviceCookie       = "-device" // after the name of the other: by what a browser is known in which somebody signed in
	languageCookie     = "loket-language"
)

// answersTo tells whether the pages are reached by this Host. A page of another site can give its own name the address of this machine,
// and then asks by that name; so only names that are ours count, and loopback addresses.
func (h *Handler) answersTo(host string) bool {
	return h.hosts.Has(host) || loopback.Address(loopback.Plain(host))
}

// isSecure tells whether nobody on the way can read the cookie: over https, or on this machine.
func (h *Handler) isSecure(r *http.Request) bool {
	return loopback.Host(loopback.Plain(r.Host)) || h.isHTTPS(r)
}

// isHTTPS tells whether the browser asked by https, of us or of a proxy that says so. Once the client's address stands in the request, that
// is kept with it.
func (h *Handler) isHTTPS(r *http.Request) bool {
	if known, ok := r.Context().Value(httpsKey{}).(bool); ok {
		return known
	}
	return r.TLS != nil || limit.Client(r, h.proxies) != r.RemoteAddr && strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}

type httpsKey struct{}

// cookie is what a session's token stands in.
func (h *Handler) cookie(r *http.Request, token string) *http.Cookie {
	c := &http.Cookie{Name: cookieName, Value: token, Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode}
	if !h.isHTTPS(r) {
		c.Name, c.Secure = loopbackCookieName, false
	}
	if token == "" {
		c.MaxAge = -1
	} else {
		c.MaxAge = int(people.SessionLasts.Seconds())
	}
	return c
}

// device is the token by which this browser is known, "" when it is not.
func (h *Handler) device(r *http.Request) string {
	c, err := r.Cookie(h.cookie(r, "").Name + deviceCookie)
	if err != nil {
		return ""
	}
	return c.Value
}

// signedInHere gives the browser the cookie of the session, and the one by which it is known.
func (h *Handler) signedInHere(w http.ResponseWriter, r *http.Request, name, session string) {
	c := h.cookie(r, session)
	http.SetCookie(w, c)
	if err := h.people.Note(r.Context(), session, r.UserAgent()); err != nil {
		h.log.Debug("device not noted", zap.Error(err)) // it is missing among their devices, and signed in all the same
	}
	device, err := h.people.KnowDevice(r.Context(), name, h.device(r))
	if err != nil { // they are signed in all the same
		h.log.Debug("browser not noted", zap.Error(err))
		return
	}
	known := *c
	known.Name, known.Value, known.MaxAge = c.Name+deviceCookie, device, int(people.DeviceLasts.Seconds())
	http.SetCookie(w, &known)
}

// token is that of the session, "" when there is none.
func (h *Handler) token(r *http.Request) string {
	c, err := r.Cookie(h.cookie(r, "").Name)
	if err != nil {
		return ""
	}
	return c.Value
}

// signedIn serves those who are, by what they may do now, and leads others to where they sign in.
func (h *Handler) signedIn(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		words := h.wordsFor(r)
		session := h.people.Session
		if byItself(r) {
			session = h.people.Signed
		}
		name, err := session(r.Context(), h.token(r))
		var who *access.Principal
		if err == nil {
			who, err = h.access().Person(name)
		}
		if errors.Is(err, access.ErrToken) { // perhaps they were added just now, in another process too
			if err = h.people.Refresh(r.Context()); err == nil {
				who, err = h.access().Person(name)
			}
		}
		switch {
		case errors.Is(err, people.ErrSession), errors.Is(err, access.ErrToken):
			if r.Method == http.MethodGet && !forRegion(r) {
				http.Redirect(w, r, "/sign-in?to="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
				return
			}
			// What was written must not be lost by leading away: it can be sent again once signed in elsewhere.
			h.problem(w, words, http.StatusUnauthorized, words.SignInAgain)
			return
		case err != nil:
			h.trouble(w, r, words, err)
			return
		}
		chosen, err := h.people.Settings(r.Context(), name)
		if err != nil {
			h.trouble(w, r, words, err)
			return
		}
		if _, err := r.Cookie(languageCookie); err != nil && all[chosen.Language] != nil { // what was chosen in this browser counts first
			words = all[chosen.Language]
		}
		v := &visitor{by: access.Actor{Principal: who, Agent: name}, words: words, settings: chosen}
		serve(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, v)))
	}
}

type signInView struct {
	frame
	Name, To, Problem string
	First             bool   // the one-time link is that of the first one
	IsBoard           bool   // or that of a board
	Token             string // of the one-time link
	Provider          string // of OpenID Connect, "" for none
}

func (h *Handler) signInPage(w http.ResponseWriter, r *http.Request) {
	words := h.wordsFor(r)
	h.render(w, "signin.html", http.StatusOK, signInView{Provider: h.people.OIDCName(), frame: h.frame(words, words.SignIn), To: localPath(r.URL.Query().Get("to"))})
}

func (h *Handler) signIn(w http.ResponseWriter, r *http.Request) {
	words := h.wordsFor(r)
	f, ok := h.readForm(w, r, words)
	if !ok {
		return
	}
	v := signInView{Provider: h.people.OIDCName(), frame: h.frame(words, words.SignIn), Name: strings.TrimSpace(f.Get("name")), To: localPath(f.Get("to"))}
	token, err := h.people.SignIn(r.Context(), people.Try{
		Name: v.Name, Password: f.Get("password"), Network: limit.Network(r.RemoteAddr).String(), Device: h.device(r),
	})
	slowed := (*people.SlowedError)(nil)
	switch {
	case errors.Is(err, people.ErrWrong):
		h.refused("sign-in")
		h.log.Debug("sign-in refused", zap.String("person", v.Name), zap.String("address", r.RemoteAddr))
		v.Problem = words.WrongPassword
		h.render(w, "signin.html", http.StatusUnauthorized, v)
	case errors.As(err, &slowed):
		h.refused("slowed")
		v.Problem = words.tooManyTries(slowed.Wait)
		h.render(w, "signin.html", http.StatusTooManyRequests, v)
	case err != nil:
		h.trouble(w, r, words, err)
	default:
		h.log.Info("signed in", zap.String("person", v.Name), zap.String("address", r.RemoteAddr))
		h.signedInHere(w, r, v.Name, token)
		http.Redirect(w, r, v.To, http.StatusSeeOther)
	}
}

func (h *Handler) signOut(w http.ResponseWriter, r *http.Request) {
	if err := h.people.SignOut(r.Context(), h.token(r)); err != nil {
		h.trouble(w, r, h.wordsFor(r), err)
		return
	}
	http.SetCookie(w, h.cookie(r, ""))
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
}

// beginPage shows what a one-time link is for. It uses nothing up: programs that look through mail open links.
func (h *Handler) beginPage(w http.ResponseWriter, r *http.Request) {
	words := h.wordsFor(r)
	name, err := h.people.Linked(r.Context(), r.PathValue("token"))
	isBoard := false
	if err == nil {
		isBoard, err = h.people.IsBoard(r.Context(), name)
	}
	switch {
	case errors.Is(err, people.ErrLink):
		h.problem(w, words, http.StatusNotFound, words.LinkUsed)
	case err != nil:
		h.trouble(w, r, words, err)
	default:
		h.render(w, "begin.html", http.StatusOK, signInView{Provider: h.people.OIDCName(), frame: h.frame(words, words.Begin), Name: name, First: name == "", IsBoard: isBoard, Token: r.PathValue("token")})
	}
}

func (h *Handler) begin(w http.ResponseWriter, r *http.Request) {
	words := h.wordsFor(r)
	f, ok := h.readForm(w, r, words)
	if !ok {
		return
	}
	token := r.PathValue("token")
	name, err := h.people.Linked(r.Context(), token)
	v := signInView{Provider: h.people.OIDCName(), frame: h.frame(words, words.Begin), Name: name, First: name == "", Token: token}
	if err == nil && v.First {
		v.Name = strings.TrimSpace(f.Get("name"))
	}
	session := ""
	if err == nil && f.Get("board") != "" {
		session, err = h.people.BeginBoard(r.Context(), token)
	} else if err == nil {
		session, err = h.people.Begin(r.Context(), token, v.Name, f.Get("password"))
	}
	var wrong *field.Error
	switch {
	case errors.Is(err, people.ErrLink):
		h.problem(w, words, http.StatusNotFound, words.LinkUsed)
	case errors.As(err, &wrong) && wrong.Path == "password":
		v.Problem = words.BadPassword
		h.render(w, "begin.html", http.StatusUnprocessableEntity, v)
	case errors.As(err, &wrong):
		v.Problem = words.BadName
		h.render(w, "begin.html", http.StatusUnprocessableEntity, v)
	case err != nil:
		h.trouble(w, r, words, err)
	default:
		h.log.Info("signed in by a one-time link", zap.String("person", v.Name), zap.String("address", r.RemoteAddr))
		h.signedInHere(w, r, v.Name, session)
		to := "/"
		if f.Get("board") != "" {
			to = "/board"
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
	}
}

// chooseLanguage remembers a language in this browser.
func (h *Handler) chooseLanguage(w http.ResponseWriter, r *http.Request) {
	words := h.wordsFor(r)
	f, ok := h.readForm(w, r, words)
	if !ok {
		return
	}
	lang := f.Get("lang")
	if lang != "nl" && lang != "en" {
		h.problem(w, words, http.StatusUnprocessableEntity, words.Unreadable)
		return
	}
	http.SetCookie(w, h.inLanguage(r, lang))
	http.Redirect(w, r, localPath(f.Get("to")), http.StatusSeeOther)
}

// inLanguage is the cookie that keeps a language in this browser.
func (h *Handler) inLanguage(r *http.Request, lang string) *http.Cookie {
	return &http.Cookie{
		Name: languageCookie, Value: lang, Path: "/", HttpOnly: true, Secure: h.isHTTPS(r), SameSite: http.SameSiteLaxMode, MaxAge: int(people.SessionLasts.Seconds()),
	}
}

// localPath is a path of ours, or that of the desk: what a link asks for may lead nowhere else.
func localPath(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
		return "/"
	}
	return to
}
