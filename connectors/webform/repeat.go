package webform

import (
	"crypto/hmac"
	"crypto/rand"
	"net/http"

	"go.uber.org/zap"

	"loket/internal/limit"
	"loket/internal/message"
)

// A post that comes again under its key is the same message, and so has the same conversation. Its link is for whoever sent
// it first: another may have guessed a short key and know what was written. Whoever sends a page of ours again proves it by
// the page's own key, wherever from; programs that make keys are known by their address. While the store is away it cannot
// be told who was first, and the keys of programs get a receipt alone; sent again later, the link comes.

// link is the page of the conversation that m begins, "" when it is not for whoever sends this.
func (f *Form) link(r *http.Request, p *post, m *message.Message) string {
	if p.trap != "" || p.key == "" || f.isOurs(p) {
		return f.conversation(m, p.trap != "")
	}
	first, err := f.env.Began(r.Context(), m.Thread, limit.Network(r.RemoteAddr).String())
	if err != nil {
		f.env.Log.Debug("it is not known who began the conversation", zap.String("message", m.ID), zap.Error(err))
	}
	if err != nil || !first {
		return ""
	}
	return f.conversation(m, false)
}

// forKey is the purpose of the proof of a key.
const forKey = "key"

// newKey gives a post one of ours. Keys that senders chose are never proved: their proof would make them ours.
func (f *Form) newKey(p *post) {
	p.key = rand.Text()
	p.proof = f.env.Seal(forKey, p.key)
}

func (f *Form) isOurs(p *post) bool {
	return p.proof != "" && hmac.Equal([]byte(p.proof), []byte(f.env.Seal(forKey, p.key)))
}
