// Package telegramtest is a stand-in for Telegram on this machine: the Bot API as far as loket uses it, which posts updates to a
// webhook or keeps them until they are confirmed. Tests tell it what goes wrong.
package telegramtest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"loket/connectors/connectortest"
)

// What the bot is called, and what proves who is who.
const (
	Bot    = "424242"
	Token  = Bot + ":AAE-a_token_that_BotFather_gave_1234"
	Secret = "a-secret_token-of-the-webhook"
)

// A Fault is what goes wrong with one call.
type Fault struct {
	Status      int    // of the answer; 0 breaks the connection
	Description string // of the refusal; "" answers HTML
	RetryAfter  int    // seconds
	Taken       bool   // what was sent is taken all the same
	Hang        bool   // no answer comes
}

// A Sent message is one that was taken from us.
type Sent struct {
	Method string
	Form   url.Values
	File   string // its name
	Data   string
	ID     int
}

// An Update is what somebody did.
type Update struct {
	ID   int
	JSON []byte
}

// A Server is the stand-in. Its methods may be called concurrently.
type Server struct {
	connectortest.StandIn

	mu      sync.Mutex
	hook    string // where updates are posted, "" when they are polled
	next    int    // update_id
	pending []Update
	sent    []Sent
	files   map[string]string
	faults  map[string][]Fault // by method
	asked   []string           // methods
	more    chan struct{}      // closed when an update comes
}

// Start starts the stand-in; it ends with the test.
func Start(tb testing.TB) *Server {
	s := &Server{next: 100, files: map[string]string{}, faults: map[string][]Fault{}, more: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("/bot"+Token+"/{method}", s.call)
	mux.HandleFunc("GET /file/bot"+Token+"/files/{name}", s.file)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, Fault{Status: http.StatusNotFound, Description: "Not Found"})
	})
	s.StandIn = connectortest.Serve(tb, mux)
	return s
}

// Point sets the webhook, http://127.0.0.1:8080/in/bot/; "" takes it away.
func (s *Server) Point(hook string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = hook
}

// Fail lets the next calls of a method go wrong, one for each fault; "file" is the fetching of files, which alone can hang.
func (s *Server) Fail(method string, faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[method] = append(s.faults[method], faults...)
}

// Skip lets the next update have a number that is n higher, or lower, than it would be.
func (s *Server) Skip(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next += n
}

// Keep puts a file at Telegram, to be had by its id.
func (s *Server) Keep(id, data string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[id] = data
}

// Sent are the messages that were taken from us, oldest first.
func (s *Server) Sent() []Sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// Asked counts the calls of a method.
func (s *Server) Asked(method string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.asked {
		if m == method {
			n++
		}
	}
	return n
}

// Said is a message that a person of that number writes to the bot; more adds to it, or replaces what is there.
func Said(from, id int, more map[string]any) map[string]any {
	m := map[string]any{
		"message_id": id, "date": time.Now().Unix(), "chat": map[string]any{"id": from, "type": "private"},
		"from": map[string]any{"id": from, "is_bot": false, "first_name": "Kate", "last_name": "Jansen", "username": "Kate_J", "language_code": "nl-NL"},
	}
	for k, v := range more {
		m[k] = v
	}
	return m
}

// Make gives an update its number: kind is message, edited_message, my_chat_member…
func (s *Server) Make(kind string, what any) Update {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := Update{ID: s.next}
	s.next++
	u.JSON, _ = json.Marshal(map[string]any{"update_id": u.ID, kind: what}) // it can be written
	return u
}

// Queue keeps an update until it is confirmed; keeping one twice repeats it.
func (s *Server) Queue(u Update) Update {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending = append(s.pending, u)
	close(s.more)
	s.more = make(chan struct{})
	return u
}

// Waiting tells whether an update is not confirmed yet.
func (s *Server) Waiting(id int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.pending, func(u Update) bool { return u.ID == id })
}

// Request is an update as it is posted.
func Request(at, secret string, u Update) *http.Request {
	r := httptest.NewRequest(http.MethodPost, at, bytes.NewReader(u.JSON))
	r.Header.Set("Content-Type", "application/json")
	if secret != "" {
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
	}
	return r
}

// Post posts an update to the webhook and gives the status of its answer; 0 is none.
func (s *Server) Post(secret string, u Update) int {
	s.mu.Lock()
	r := Request(s.hook, secret, u)
	s.mu.Unlock()
	status, _ := connectortest.Post(r, 20*time.Second)
	return status
}
