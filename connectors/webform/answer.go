package webform

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"

	"loket/internal/form"
	"loket/internal/message"
)

type receiptBody struct {
	Receipt string `json:"receipt"`
	Thread  string `json:"thread,omitempty"` // not for whoever sends again what another client sent
}

// confirm says that the message is stored, and where its conversation is.
func (f *Form) confirm(w http.ResponseWriter, r *http.Request, m *message.Message, url string, page bool) {
	body := receiptBody{Receipt: receipt(m.ID), Thread: url}
	if page {
		f.pages.done(w, f.pages.language(r), body)
		return
	}
	w.Header().Set("Content-Type", form.JSON)
	w.WriteHeader(http.StatusAccepted)
	_ = json.NewEncoder(w).Encode(body) // the sender went away: it will ask again with its key
}

// conversation is the page of the message's thread. Who was caught gets an address that looks like it and leads
// nowhere: on a page of a thread that never was, one could write what nobody can place.
func (f *Form) conversation(m *message.Message, caught bool) string {
	if !caught {
		return f.env.ThreadURL(m.Thread)
	}
	other := message.NewID([]byte(rand.Text()))
	return strings.Replace(f.env.ThreadURL(other), other, m.Thread, 1)
}

// receipt is the beginning of the id in a form that can be read out over the telephone.
func receipt(id string) string {
	s := strings.ToUpper(id)
	return s[:5] + "-" + s[5:10]
}
