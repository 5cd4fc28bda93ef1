package portal

import (
	"errors"
	"net/http"
	"net/url"

	"loket/internal/form"
	"loket/internal/page"
	"loket/router/thread"
)

// A Rating is what a customer says of how their matter went.
type Rating string

// What they may say.
const (
	Good Rating = "good"
	Bad  Rating = "bad"
)

// ErrNotRatable is that of a matter which its customer may not rate now.
var ErrNotRatable = errors.New("this can't be rated now")

// maxRating is how large the form with a rating may be, in bytes.
const maxRating = 1000

// rate takes the rating that a form sent. The same said again changes nothing.
func (p *Portal) rate(w http.ResponseWriter, r *http.Request, id string) {
	if r.Method != http.MethodPost {
		p.wrongMethod(w, r, "POST")
		return
	}
	if wait := p.writes.Take(r.RemoteAddr); wait > 0 {
		p.refuse(w, r, tooMany(wait))
		return
	}
	rating, bad := readRating(r)
	if bad == nil {
		bad = p.takeRating(r, id, rating)
	}
	switch {
	case bad != nil:
		p.refuse(w, r, bad)
	case page.Wanted(r.Header):
		to := "../" + r.PathValue("token")
		if lang := r.URL.Query().Get("lang"); lang != "" {
			to += "?" + url.Values{"lang": {lang}}.Encode()
		}
		w.Header().Set("Location", to+"#matter")
		w.WriteHeader(http.StatusSeeOther)
	default:
		writeJSON(w, http.StatusOK, form.JSON, struct {
			Rating Rating `json:"rating"`
		}{rating})
	}
}

func readRating(r *http.Request) (Rating, *refusal) {
	got, err := form.Reader{Bytes: maxRating, Typed: maxRating, Fields: maxParts, Known: []string{"rating"}}.Read(r.Header, r.Body)
	if err != nil {
		return "", unread(err)
	}
	defer got.Close()
	switch rating := Rating(got.Get("rating")); rating {
	case Good, Bad:
		return rating, nil
	}
	return "", wrong("rating", "must be good or bad", func(w *words) string { return w.Unreadable })
}

func (p *Portal) takeRating(r *http.Request, id string, rating Rating) *refusal {
	th, err := p.threads.Find(r.Context(), id)
	if err == nil {
		err = p.saveRating(r.Context(), th, rating)
	}
	if errors.Is(err, ErrNotRatable) || errors.Is(err, thread.ErrNone) {
		return &refusal{status: http.StatusConflict, detail: ErrNotRatable.Error(), say: func(w *words) string { return w.NotRatable }}
	}
	p.ratings.Note(r.Context(), err)
	if err != nil {
		return unavailable(awayWait)
	}
	return nil
}
