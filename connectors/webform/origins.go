package webform

import (
	"net/http"
	"slices"
)

// Pages of other origins may post to the form as anybody may; reading its answers, and asking first whether they may send
// JSON, is for the origins of the setting alone (the CORS protocol of the Fetch standard). There are no credentials to share.

const methods = "GET, HEAD, POST, OPTIONS"

// share lets a page of one of the origins read the answer to this request, whatever the answer is.
func (f *Form) share(h http.Header, r *http.Request) {
	if len(f.origins) == 0 {
		return
	}
	h.Add("Vary", "Origin")
	if f.isShared(r) {
		h.Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		h.Set("Access-Control-Expose-Headers", "Retry-After")
	}
}

func (f *Form) isShared(r *http.Request) bool {
	return slices.Contains(f.origins, r.Header.Get("Origin"))
}

// options says what may be sent, and to a page of one of the origins, that it may.
func (f *Form) options(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Allow", methods)
	if f.isShared(r) && r.Header.Get("Access-Control-Request-Method") != "" {
		h.Set("Access-Control-Allow-Methods", methods)
		h.Set("Access-Control-Allow-Headers", "Content-Type, Idempotency-Key")
		h.Set("Access-Control-Max-Age", "3600")
		h.Add("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers")
	}
	w.WriteHeader(http.StatusNoContent)
}
