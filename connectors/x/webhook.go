package x

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	"go.uber.org/zap"

	"loket/connectors/x/api"
	"loket/internal/body"
	"loket/internal/limit"
)

const (
	mostBody = 1 << 20
	// hookWithin is less than the ten seconds that X waits.
	hookWithin = 8 * time.Second
	// readWithin is how long a body may take to come.
	readWithin = 10 * time.Second
)

// ServeHTTP is the webhook: it answers X's challenge, and takes what X sends. What is not signed by X stores nothing; what
// is signed is answered with 200 when all of it is stored.
func (a *Account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path != "/" && r.URL.Path != "" || !a.cfg.Webhook:
		refuse(w, http.StatusNotFound, "there is nothing here")
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		a.challenge(w, r)
	case r.Method == http.MethodPost:
		a.receive(w, r)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		refuse(w, http.StatusMethodNotAllowed, "the method must be GET or POST")
	}
}

// challenge proves that we know the secret, as X wants to see now and then. Nothing is signed that could be a body.
func (a *Account) challenge(w http.ResponseWriter, r *http.Request) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	tokens := query["crc_token"]
	if err != nil || len(tokens) != 1 || !api.IsToken(tokens[0]) {
		a.count.refused(reasonChallenge)
		refuse(w, http.StatusBadRequest, "crc_token must be given once: at most 128 letters, digits and -_=+/.")
		return
	}
	answer(w, http.StatusOK, "application/json", map[string]any{"response_token": api.Signature(a.cfg.ConsumerSecret, []byte(tokens[0]))})
}

func (a *Account) receive(w http.ResponseWriter, r *http.Request) {
	signature := r.Header.Get(api.SignatureHeader)
	if !api.IsSignature(signature) {
		a.unsigned(w)
		return
	}
	limit.Hurry(r, readWithin)
	b, err := body.Read(r.Body, body.Limits{Bytes: mostBody})
	switch {
	case errors.Is(err, body.ErrTooLarge):
		a.count.refused(reasonTooLarge)
		refuse(w, http.StatusRequestEntityTooLarge, "a body must be at most 1 MiB")
		return
	case errors.Is(err, limit.ErrBusy):
		a.count.refused(reasonBusy)
		w.Header().Set("Retry-After", "1")
		refuse(w, http.StatusServiceUnavailable, "too much at the same time: send it again")
		return
	case errors.Is(err, limit.ErrSlow):
		a.count.refused(reasonSlow)
		refuse(w, http.StatusRequestTimeout, "the body must come within "+readWithin.String())
		return
	case err != nil:
		refuse(w, http.StatusBadRequest, "the body broke off")
		return
	case !api.Signed(a.cfg.ConsumerSecret, b, signature):
		a.unsigned(w)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), hookWithin)
	defer cancel()
	if err := a.takeAll(ctx, b); err != nil {
		if r.Context().Err() == nil { // else X went away: that says nothing about us
			a.count.refused(reasonRefused, zap.Error(err))
		}
		w.Header().Set("Retry-After", "5")
		refuse(w, http.StatusServiceUnavailable, "it could not be stored: send it again")
		return
	}
	answer(w, http.StatusOK, "application/json", map[string]any{"ok": true})
}

func (a *Account) unsigned(w http.ResponseWriter) {
	a.count.refused(reasonSignature)
	refuse(w, http.StatusForbidden, "the signature must be that of the body")
}

// takeAll takes responsibility for every event of a body.
func (a *Account) takeAll(ctx context.Context, body []byte) error {
	events, forUser, err := api.Events(body)
	if err != nil {
		return a.takeBroken(ctx, &api.Broken{Type: "webhook", Why: err.Error(), Raw: body})
	}
	if forUser != "" && forUser != a.self {
		a.count.refused(reasonAccount)
		return nil
	}
	for _, e := range events {
		if err := a.take(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

func (a *Account) take(ctx context.Context, e api.Event) error {
	event, err := "", error(nil)
	switch {
	case e.Post != nil:
		event, err = "post", a.takePost(ctx, e.Post)
	case e.Direct != nil:
		event, err = "direct", a.takeDirect(ctx, e.Direct)
	case e.Deleted != nil:
		event, err = "deleted", a.takeDeleted(ctx, e.Deleted)
	case e.Read != nil:
		event, err = "read", a.takeRead(ctx, e.Read)
	case e.Encrypted != nil:
		event, err = "encrypted", a.takeEncrypted(ctx, e.Encrypted)
	case e.Broken != nil:
		return a.takeBroken(ctx, e.Broken)
	default:
		a.count.refused(reasonUnknown)
		return nil
	}
	if err == nil {
		a.count.took(event, byHook)
	}
	return err
}

func refuse(w http.ResponseWriter, status int, detail string) {
	answer(w, status, "application/problem+json", map[string]any{"status": status, "title": http.StatusText(status), "detail": detail})
}

func answer(w http.ResponseWriter, status int, kind string, body map[string]any) {
	b, err := json.Marshal(body)
	if err != nil {
		panic(err) // text and numbers always can be
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n'))
}
