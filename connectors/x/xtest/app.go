package xtest

import (
	"net/http"

	"loket/connectors/connectortest"
)

// A Hook is a webhook that the app registered.
type Hook struct {
	ID    string `json:"id"`
	URL   string `json:"url"`
	Valid bool   `json:"valid"`
	asked int
}

const bearer = "app-token"

// Register makes the app have a webhook.
func (x *X) Register(h Hook) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.hooks = append(x.hooks, &h)
}

// Challenged is how often X was asked to challenge a webhook again.
func (x *X) Challenged(id string) int {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, h := range x.hooks {
		if h.ID == id {
			return h.asked
		}
	}
	return 0
}

func (x *X) token(w http.ResponseWriter, r *http.Request) {
	key, secret, _ := r.BasicAuth()
	if key != ConsumerKey || secret != ConsumerSecret || r.FormValue("grant_type") != "client_credentials" {
		legacyRefuse(w, &refusal{http.StatusForbidden, 99, "Unable to verify your credentials"})
		return
	}
	connectortest.Answer(w, http.StatusOK, object{"token_type": "bearer", "access_token": bearer})
}

func (x *X) listHooks(w http.ResponseWriter, r *http.Request) {
	x.mu.Lock()
	defer x.mu.Unlock()
	body := object{"meta": object{"result_count": len(x.hooks)}}
	if len(x.hooks) > 0 {
		body["data"] = x.hooks
	}
	x.asApp(w, r, body)
}

func (x *X) validateHook(w http.ResponseWriter, r *http.Request) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, h := range x.hooks {
		if h.ID == r.PathValue("id") {
			h.asked++
			h.Valid = true
		}
	}
	x.asApp(w, r, object{"data": object{"attempted": true}})
}

func (x *X) asApp(w http.ResponseWriter, r *http.Request, body object) {
	if r.Header.Get("Authorization") != "Bearer "+bearer {
		refuse(w, http.StatusUnauthorized, "Unauthorized")
		return
	}
	connectortest.Answer(w, http.StatusOK, body)
}
