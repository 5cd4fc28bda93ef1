// Package mastodontest is a stand-in for a server of Mastodon on this machine: notifications, posts, files and the stream, as far as loket
// uses them. Tests tell it what goes wrong.
package mastodontest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"loket/connectors/connectortest"
)

// What proves who asks, and who that is.
const (
	Token  = "token-of-the-application"
	Self   = "108" // our account
	App    = "loket"
	Domain = "social.example"
)

// A Fault is what goes wrong with one call.
type Fault struct {
	Status  int    // of the answer; 0 breaks the connection
	Says    string // the refusal; "" answers HTML
	Reset   time.Time
	Taken   bool // what was posted is taken all the same
	Garbage string
}

type object = map[string]any

// A Server is the stand-in. Its methods may be called concurrently.
type Server struct {
	connectortest.StandIn

	mu      sync.Mutex
	next    int
	notices []object // oldest first
	posts   []object // of everybody, oldest first
	forms   []url.Values
	keys    map[string]string // posts by Idempotency-Key
	files   map[string]string
	faults  map[string][]Fault // by path
	asked   map[string]int
	newest  string        // the highest min_id that was asked for
	more    chan struct{} // closed when there is something to stream
	cut     chan struct{} // closed when streams are cut
}

// Start starts the stand-in; it ends with the test.
func Start(tb testing.TB) *Server {
	s := &Server{next: 1000, keys: map[string]string{}, files: map[string]string{}, faults: map[string][]Fault{}, asked: map[string]int{}, more: make(chan struct{}), cut: make(chan struct{})}
	mux := http.NewServeMux()
	for path, handler := range map[string]http.HandlerFunc{
		"GET /api/v1/accounts/verify_credentials": func(w http.ResponseWriter, _ *http.Request) {
			connectortest.Answer(w, http.StatusOK, object{"id": Self, "acct": "care", "username": "care", "url": "https://" + Domain + "/@care"})
		},
		"GET /api/v1/apps/verify_credentials": func(w http.ResponseWriter, _ *http.Request) {
			connectortest.Answer(w, http.StatusOK, object{"name": App})
		},
		"GET /api/v2/instance": func(w http.ResponseWriter, _ *http.Request) {
			connectortest.Answer(w, http.StatusOK, object{"domain": Domain, "configuration": object{
				"statuses": object{"max_characters": 600, "max_media_attachments": 2, "characters_reserved_per_url": 23}, "urls": object{"streaming": "ws" + s.URL[len("http"):]},
			}})
		},
		"GET /api/v1/notifications":                  func(w http.ResponseWriter, r *http.Request) { s.list(w, r, s.listed()) },
		"GET /api/v1/accounts/" + Self + "/statuses": func(w http.ResponseWriter, r *http.Request) { s.list(w, r, s.own()) },
		"GET /api/v1/statuses/{id}":                  s.one,
		"POST /api/v1/statuses":                      s.post,
		"POST /api/v2/media":                         s.upload,
		"GET /api/v1/streaming/user/notification":    s.stream,
	} {
		mux.HandleFunc(path, s.authorised(handler))
	}
	mux.HandleFunc("GET /media/{name}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, s.files[r.PathValue("name")]) })
	s.StandIn = connectortest.Serve(tb, mux)
	return s
}

func (s *Server) authorised(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+Token {
			refuse(w, Fault{Status: http.StatusUnauthorized, Says: "The access token is invalid"})
			return
		}
		s.mu.Lock()
		key := r.Method + " " + r.URL.Path
		s.asked[key]++
		var fault *Fault
		if all := s.faults[key]; len(all) > 0 {
			fault, s.faults[key] = &all[0], all[1:]
		}
		s.mu.Unlock()
		if fault == nil {
			next(w, r)
			return
		}
		if fault.Taken {
			connectortest.Lose(next, r)
		}
		refuse(w, *fault)
	}
}

func refuse(w http.ResponseWriter, f Fault) {
	if !f.Reset.IsZero() {
		w.Header().Set("X-RateLimit-Remaining", "0")
		w.Header().Set("X-RateLimit-Reset", f.Reset.UTC().Format("2006-01-02T15:04:05.000000Z"))
	}
	switch {
	case f.Status == 0:
		connectortest.Break()
	case f.Garbage != "":
		w.WriteHeader(f.Status)
		fmt.Fprint(w, f.Garbage)
	case f.Says == "":
		connectortest.AnswerText(w, f.Status)
	default:
		connectortest.Answer(w, f.Status, object{"error": f.Says})
	}
}

// Fail lets the next calls go wrong, one for each fault: "POST /api/v1/statuses".
func (s *Server) Fail(call string, faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[call] = append(s.faults[call], faults...)
}

// Asked counts calls.
func (s *Server) Asked(call string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[call]
}

// Confirmed tells whether what comes after a notification was asked for.
func (s *Server) Confirmed(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return later(s.newest, id) >= 0
}

func later(a, b string) int {
	m, _ := strconv.Atoi(a) // "" is 0
	n, _ := strconv.Atoi(b)
	return m - n
}

// Keep puts a file on the server and gives its address.
func (s *Server) Keep(name, data string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[name] = data
	return s.URL + "/media/" + name
}

// Kate is the account of somebody at another server.
func Kate() map[string]any {
	return object{"id": "77", "username": "Kate", "acct": "Kate@other.example", "display_name": "Kate Jansen", "url": "https://other.example/@Kate"}
}

// Us is our account, as a post mentions it.
func Us() map[string]any {
	return object{"id": Self, "username": "care", "acct": "care", "url": "https://" + Domain + "/@care"}
}

// Say is a post of Kate that names us; more adds to it, or replaces what is there. Its id is given, and that of what tells of it.
func (s *Server) Say(text string, more map[string]any) (post, notice string) {
	p := s.Add(object{"content": "<p>" + text + "</p>", "account": Kate(), "mentions": []object{Us()}}, more)
	return p, s.Tell(object{"type": "mention", "status": s.Post(p)})
}

// Add adds a post, which has what the last of the parts says.
func (s *Server) Add(parts ...map[string]any) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.add(parts...)
}

func (s *Server) add(parts ...object) string {
	s.next++
	id := fmt.Sprint(s.next)
	p := object{"id": id, "created_at": time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), "visibility": "public", "spoiler_text": "", "edited_at": nil, "in_reply_to_id": nil,
		"in_reply_to_account_id": nil, "url": "https://other.example/@Kate/" + id, "media_attachments": []object{}, "application": nil, "language": nil}
	for _, part := range parts {
		for k, v := range part {
			p[k] = v
		}
	}
	s.posts = append(s.posts, p)
	return id
}

// Tell notifies our account.
func (s *Server) Tell(notice map[string]any) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	n := object{"id": fmt.Sprint(s.next), "created_at": time.Now().UTC().Format("2006-01-02T15:04:05.000Z")}
	for k, v := range notice {
		n[k] = v
	}
	s.notices = append(s.notices, n)
	close(s.more)
	s.more = make(chan struct{})
	return n["id"].(string)
}

// Post is a post as it is; nil when there is none.
func (s *Server) Post(id string) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.find(id)
}

func (s *Server) find(id string) object {
	i := slices.IndexFunc(s.posts, func(p object) bool { return p["id"] == id })
	if i < 0 {
		return nil
	}
	return s.posts[i]
}

// Edit replaces a post with what it has now.
func (s *Server) Edit(id string, now map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.posts, func(p object) bool { return p["id"] == id })
	edited := object{"edited_at": time.Now().UTC().Format(time.RFC3339Nano)}
	for _, part := range []object{s.posts[i], now} {
		for k, v := range part {
			if _, has := edited[k]; !has || k != "edited_at" {
				edited[k] = v
			}
		}
	}
	s.posts[i] = edited
}

// Delete takes a post away.
func (s *Server) Delete(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.posts = slices.DeleteFunc(s.posts, func(p object) bool { return p["id"] == id })
}

// Sent are the forms of what was posted by us, each once whatever was repeated.
func (s *Server) Sent() []url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.forms)
}

// Cut ends the streams.
func (s *Server) Cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.cut)
	s.cut = make(chan struct{})
}

func (s *Server) listed() []object {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.notices)
}

func (s *Server) own() (own []object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.posts {
		if account, _ := p["account"].(object); account["id"] == Self {
			own = append(own, p)
		}
	}
	return own
}
