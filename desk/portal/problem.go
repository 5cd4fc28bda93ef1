package portal

import (
	"encoding/json"
	"net/http"
	"time"

	"loket/internal/page"
	"loket/internal/problem"
)

// A refusal is why a request is not served, told to programs in English and to customers in their language.
type refusal struct {
	status int
	field  string                // of the JSON; empty for the whole
	detail string                // for programs
	say    func(w *words) string // for customers
	wait   time.Duration         // when it may be tried again; 0 = not said
}

func unavailable(wait time.Duration) *refusal {
	return &refusal{
		status: http.StatusServiceUnavailable, wait: wait, detail: "this does not work now; try again",
		say: func(w *words) string { return w.NotNow },
	}
}

// gone is the answer for a conversation that was erased.
func gone() *refusal {
	return &refusal{
		status: http.StatusGone, detail: "this conversation is not there any more: it was erased",
		say: func(w *words) string { return w.Erased },
	}
}

func tooMany(wait time.Duration) *refusal {
	return &refusal{
		status: http.StatusTooManyRequests, wait: wait, detail: "too many requests from this address",
		say: func(w *words) string { return w.TooMany },
	}
}

// refuse answers with a problem where no page is there to hold it.
func (p *Portal) refuse(w http.ResponseWriter, r *http.Request, bad *refusal) {
	if !page.Wanted(r.Header) {
		bad.asProblem().Write(w)
		return
	}
	p.refuseText(w, r, bad, "")
}

// refuseText refuses what a browser sent, and gives back what was written.
func (p *Portal) refuseText(w http.ResponseWriter, r *http.Request, bad *refusal, text string) {
	say := p.pages.language(r)
	bad.asProblem().RetryAfter(w.Header())
	p.pages.render(w, "problem.html", bad.status, struct {
		frame
		Problem, Text string
	}{p.pages.frame(say, say.Problem), bad.say(say), text})
}

func (p *Portal) wrongMethod(w http.ResponseWriter, r *http.Request, allow string) {
	w.Header().Set("Allow", allow)
	p.refuse(w, r, &refusal{
		status: http.StatusMethodNotAllowed, detail: "the method must be one of " + allow,
		say: func(w *words) string { return w.Unreadable },
	})
}

// asProblem is what programs read.
func (bad *refusal) asProblem() *problem.Problem {
	return &problem.Problem{Status: bad.status, Field: bad.field, Detail: bad.detail, Wait: bad.wait}
}

func writeJSON(w http.ResponseWriter, status int, kind string, body any) {
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client went away: nobody is left to be told
}
