package portal

import (
	"context"
	"encoding/json"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
)

// A problem is why a request is not served, told to programs in English and to customers in their language.
type problem struct {
	status int
	field  string                // of the JSON; empty for the whole
	detail string                // for programs
	say    func(w *words) string // for customers
	wait   time.Duration         // when it may be tried again; 0 = not said
}

func unavailable(wait time.Duration) *problem {
	return &problem{
		status: http.StatusServiceUnavailable, wait: wait, detail: "this does not work now; try again",
		say: func(w *words) string { return w.NotNow },
	}
}

func tooMany(wait time.Duration) *problem {
	return &problem{
		status: http.StatusTooManyRequests, wait: wait, detail: "too many requests from this address",
		say: func(w *words) string { return w.TooMany },
	}
}

// refuse answers with a problem where no page is there to hold it.
func (p *portal) refuse(w http.ResponseWriter, r *http.Request, bad *problem) {
	if !prefersPage(r.Header) {
		writeProblem(w, bad)
		return
	}
	say := p.pages.language(r)
	retryAfter(w, bad)
	p.pages.render(w, "problem.html", bad.status, struct {
		frame
		Problem string
	}{p.pages.frame(say, say.Problem), bad.say(say)})
}

func (p *portal) wrongMethod(w http.ResponseWriter, r *http.Request, allow string) {
	w.Header().Set("Allow", allow)
	p.refuse(w, r, &problem{
		status: http.StatusMethodNotAllowed, detail: "the method must be one of " + allow,
		say: func(w *words) string { return w.Unreadable },
	})
}

func writeProblem(w http.ResponseWriter, bad *problem) {
	body := struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
		Field  string `json:"field,omitempty"`
	}{"about:blank", http.StatusText(bad.status), bad.status, bad.detail, bad.field}
	if bad.field != "" {
		body.Detail = bad.field + " " + bad.detail
	}
	retryAfter(w, bad)
	writeJSON(w, bad.status, "application/problem+json", body)
}

func writeJSON(w http.ResponseWriter, status int, kind string, body any) {
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client went away: nobody is left to be told
}

func retryAfter(w http.ResponseWriter, bad *problem) {
	if bad.wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(bad.wait.Seconds()))))
	}
}

// prefersPage tells a browser from a program: browsers ask for HTML.
func prefersPage(h http.Header) bool {
	html, js := quality(h, "text/html"), quality(h, typeJSON)
	return html > 0 && html >= js
}

// prefersJSON tells whoever asks for JSON by its name.
func prefersJSON(h http.Header) bool { return quality(h, typeJSON) > quality(h, "text/html") }

// mostAccepted is how many media types of an Accept header are looked at; browsers name ten.
const mostAccepted = 50

// quality is how much the Accept header wants a media type it names; wildcards name none.
func quality(h http.Header, kind string) float64 {
	for _, part := range strings.SplitN(strings.Join(h.Values("Accept"), ","), ",", mostAccepted+1) {
		named, params, err := mime.ParseMediaType(part)
		if err != nil || named != kind {
			continue
		}
		q, err := strconv.ParseFloat(params["q"], 64)
		if err != nil {
			return 1
		}
		return q
	}
	return 0
}

// A trouble is logged when it begins and when it is over, not at every customer who meets it.
type trouble struct{ there atomic.Bool }

// note takes how a call went. What ended because the client went away says nothing.
func (t *trouble) note(ctx context.Context, log *zap.Logger, what string, err error) {
	switch {
	case err == nil:
		if t.there.Swap(false) {
			log.Info("works again", zap.String("what", what))
		}
	case ctx.Err() == nil:
		if !t.there.Swap(true) {
			log.Warn("does not work", zap.String("what", what), zap.Error(err))
		}
	}
}
