// Package webhooktest is a stand-in for a system that speaks HTTP, on this machine: it posts signed JSON, and takes answers by a
// call. Tests tell it what goes wrong.
package webhooktest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"loket/connectors/connectortest"
)

// What proves who is who.
const (
	Secret = "a-secret-that-signs-webhooks"
	Token  = "a-token-that-calls-the-api"
)

// Settings are those of a webhook for the system at url, in YAML.
func Settings(url string) string {
	return fmt.Sprintf(`{
  channel: pager, files: ["%[1]s"],
  verify: {hmac: {header: X-Signature, prefix: "sha256=", secret: "%[2]s"}},
  message: {each: body.events, when: item.type == "message", id: item.id, from: [{kind: phone, value: item.from, level: attested}],
    name: item.name, text: item.text, sent: item.at, answers: item.answers, attachments: item.files},
  report: {each: body.events, when: item.type == "report", of: item.id, state: item.state, reason: item.reason},
  reply: {url: "%[1]s/messages", secrets: {token: "%[3]s"}, headers: {Authorization: "Bearer {{secret.token}}"},
    body: {to: "{{to}}", text: "{{text}}", answered: "{{answered}}"}, to: phone, max_text: 500, id: body.id, permanent: body.code == "blocked"}}`, url, Secret, Token)
}

// A Fault is what goes wrong with one call.
type Fault struct {
	Status int    // of the answer; 0 breaks the connection
	Body   string // "" answers HTML
	After  string // Retry-After
	Taken  bool   // what was sent is taken all the same
	Hang   bool   // no answer comes
}

// A Sent message is one that was taken from us.
type Sent struct{ ID, To, Text, Answered string }

// A Server is the stand-in. Its methods may be called concurrently.
type Server struct {
	connectortest.StandIn

	mu     sync.Mutex
	faults []Fault
	sent   []Sent
	asked  int
	files  map[string]string
	absent int
}

// Start starts the stand-in; it ends with the test.
func Start(tb testing.TB) *Server {
	s := &Server{files: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /messages", s.take)
	mux.HandleFunc("GET /files/{name}", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.absent > 0 {
			s.absent--
			connectortest.AnswerText(w, http.StatusNotFound)
			return
		}
		_, _ = io.WriteString(w, s.files[r.PathValue("name")]) // who asked may go away
	})
	s.StandIn = connectortest.Serve(tb, mux)
	return s
}

func (s *Server) take(w http.ResponseWriter, r *http.Request) {
	var m Sent
	if err := json.NewDecoder(r.Body).Decode(&m); err != nil || r.Header.Get("Authorization") != "Bearer "+Token {
		connectortest.Answer(w, http.StatusBadRequest, map[string]string{"code": "bad"})
		return
	}
	s.mu.Lock()
	s.asked++
	var f *Fault
	if len(s.faults) > 0 {
		f, s.faults = &s.faults[0], s.faults[1:]
	}
	if f == nil || f.Taken {
		m.ID = fmt.Sprint("out-", len(s.sent)+1)
		s.sent = append(s.sent, m)
	}
	s.mu.Unlock()
	switch {
	case f == nil:
		connectortest.Answer(w, http.StatusCreated, map[string]string{"id": m.ID})
	case f.Hang:
		s.Hang(r)
	case f.Status == 0:
		connectortest.Break()
	case f.Body == "":
		connectortest.AnswerText(w, f.Status)
	default:
		w.Header().Set("Retry-After", f.After)
		w.WriteHeader(f.Status)
		_, _ = io.WriteString(w, f.Body)
	}
}

// Fail lets the next calls go wrong, one after the other.
func (s *Server) Fail(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// Keep keeps a file, and gives its address.
func (s *Server) Keep(name, content string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[name] = content
	return s.URL + "/files/" + name
}

// Lose answers the next n times that a file is asked for that it is not there.
func (s *Server) Lose(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.absent = n
}

// Sent gives what was taken from us so far.
func (s *Server) Sent() []Sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Sent(nil), s.sent...)
}

// Asked tells how many calls were made.
func (s *Server) Asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// Said is the event of a message.
func Said(id, from, text string) map[string]any {
	return map[string]any{"type": "message", "id": id, "from": from, "name": "Kate Jansen", "text": text, "at": time.Now().Unix()}
}

// Body is the body of a webhook with these events.
func Body(events ...map[string]any) []byte {
	b, err := json.Marshal(map[string]any{"events": events})
	if err != nil {
		panic(err) // maps of texts always encode
	}
	return b
}

// Request is a webhook signed with a secret; path is / for a connector by itself, or a whole address.
func Request(path, secret string, body []byte) *http.Request {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Signature", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	return r
}

// Post posts a webhook to an address and gives the status; 0 is no answer.
func Post(url, secret string, body []byte) int {
	status, _ := connectortest.Post(Request(url, secret, body), 10*time.Second)
	return status
}
