// Package blueskytest is a stand-in for a server of Bluesky on this machine: sessions, notifications, posts and records, as far as loket uses
// them. Tests tell it what goes wrong.
package blueskytest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"loket/connectors/connectortest"
)

// Who there is, and what proves that it is us.
const (
	Self     = "did:plc:our"
	Handle   = "care.example.org"
	Password = "abcd-efgh-ijkl-mnop"
	Kate     = "did:plc:kate"
)

// A Fault is what goes wrong with one call.
type Fault struct {
	Status int    // of the answer; 0 breaks the connection
	Says   string // the refusal; "" answers HTML
	Taken  bool   // what was posted is taken all the same
}

type object = map[string]any

// A Server is the stand-in. Its methods may be called concurrently.
type Server struct {
	connectortest.StandIn

	mu      sync.Mutex
	next    int
	life    time.Duration // of access tokens
	valid   string
	signed  int // how often somebody signed in with the password
	notices []object
	again   []object // of our feed, what we posted again
	posts   []object // as they are shown, oldest first
	records map[string]object
	faults  map[string][]Fault
	asked   map[string]int
}

// Start starts the stand-in; it ends with the test.
func Start(tb testing.TB) *Server {
	s := &Server{life: time.Hour, records: map[string]object{}, faults: map[string][]Fault{}, asked: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /xrpc/com.atproto.server.createSession", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Identifier, Password string }
		if json.NewDecoder(r.Body).Decode(&in) != nil || in.Identifier != Handle || in.Password != Password {
			refuse(w, Fault{Status: http.StatusUnauthorized, Says: "AuthenticationRequired"})
			return
		}
		s.mu.Lock()
		s.signed++
		s.mu.Unlock()
		s.session(w)
	})
	mux.HandleFunc("POST /xrpc/com.atproto.server.refreshSession", func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer refresh.") {
			refuse(w, Fault{Status: http.StatusBadRequest, Says: "InvalidToken"})
			return
		}
		s.session(w)
	})
	for name, handler := range map[string]http.HandlerFunc{
		"GET app.bsky.notification.listNotifications": func(w http.ResponseWriter, r *http.Request) {
			s.list(w, r, "notifications", s.notified(r.URL.Query()["reasons"]))
		},
		"GET app.bsky.feed.getAuthorFeed": func(w http.ResponseWriter, r *http.Request) { s.list(w, r, "feed", s.own()) },
		"GET app.bsky.feed.getPosts":      s.get, "POST com.atproto.repo.createRecord": s.create, "GET com.atproto.repo.getRecord": s.record,
	} {
		method, path, _ := strings.Cut(name, " ")
		mux.HandleFunc(method+" /xrpc/"+path, s.authorised(path, handler))
	}
	s.StandIn = connectortest.Serve(tb, mux)
	return s
}

func (s *Server) session(w http.ResponseWriter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	token := func(kind string, life time.Duration) string {
		b, _ := json.Marshal(object{"exp": time.Now().Add(life).Unix(), "jti": s.next}) // it can be written
		return kind + "." + base64.RawURLEncoding.EncodeToString(b) + ".x"
	}
	s.valid = token("access", s.life)
	connectortest.Answer(w, http.StatusOK, object{"accessJwt": s.valid, "refreshJwt": token("refresh", 24*time.Hour), "did": Self, "handle": Handle})
}

func (s *Server) authorised(name string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		right := s.valid != "" && r.Header.Get("Authorization") == "Bearer "+s.valid
		s.asked[name]++
		var fault *Fault
		if all := s.faults[name]; right && len(all) > 0 {
			fault, s.faults[name] = &all[0], all[1:]
		}
		s.mu.Unlock()
		switch {
		case !right:
			refuse(w, Fault{Status: http.StatusBadRequest, Says: "ExpiredToken"})
		case fault == nil:
			next(w, r)
		default:
			if fault.Taken {
				connectortest.Lose(next, r)
			}
			refuse(w, *fault)
		}
	}
}

func refuse(w http.ResponseWriter, f Fault) {
	switch {
	case f.Status == 0:
		connectortest.Break()
	case f.Says == "":
		connectortest.AnswerText(w, f.Status)
	default:
		connectortest.Answer(w, f.Status, object{"error": f.Says, "message": "no"})
	}
}

// Fail lets the next calls go wrong, one for each fault: "com.atproto.repo.createRecord".
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

// Signed counts how often somebody signed in with the password.
func (s *Server) Signed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.signed
}

// Live is how long access tokens last from now on; those that were given out are refused.
func (s *Server) Live(life time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.life, s.valid = life, ""
}

// Records are our posts, by their keys.
func (s *Server) Records() map[string]map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]map[string]any{}
	for k, r := range s.records {
		all[k] = r
	}
	return all
}

// Add adds a post of somebody, and gives its place: did:plc:kate/3l6…
func (s *Server) Add(author string, record map[string]any) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.add(author, "", record)
}

func (s *Server) add(author, key string, record object) string {
	s.next++
	if key == "" {
		key = fmt.Sprintf("3l6oveex3ii%02x", s.next)
	}
	uri := "at://" + author + "/app.bsky.feed.post/" + key
	handle := strings.TrimPrefix(author, "did:plc:") + ".bsky.example"
	s.posts = append(s.posts, object{"uri": uri, "cid": "cid-of-" + key, "author": object{"did": author, "handle": handle, "displayName": "Kate Jansen"}, "record": record,
		"indexedAt": time.Now().UTC().Format("2006-01-02T15:04:05.000Z")})
	return author + "/" + key
}

// Say is a post of Kate that we are told of; more is added to its record.
func (s *Server) Say(reason, text string, more map[string]any) string {
	record := object{"$type": "app.bsky.feed.post", "text": text, "createdAt": time.Now().UTC().Format(time.RFC3339), "langs": []string{"nl"}}
	for k, v := range more {
		record[k] = v
	}
	at := s.Add(Kate, record)
	s.mu.Lock()
	defer s.mu.Unlock()
	notice := object{"reason": reason}
	for k, v := range s.posts[len(s.posts)-1] {
		notice[k] = v
	}
	s.notices = append(s.notices, notice)
	return at
}

// Tell notifies us of anything.
func (s *Server) Tell(notice map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notices = append(s.notices, notice)
}

// Ref is how an answer names a post.
func Ref(place string) map[string]any {
	who, key, _ := strings.Cut(place, "/")
	return object{"uri": "at://" + who + "/app.bsky.feed.post/" + key, "cid": "cid-of-" + key}
}

// Delete takes a post away.
func (s *Server) Delete(place string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.posts = slices.DeleteFunc(s.posts, func(p object) bool { return p["uri"] == Ref(place)["uri"] })
}

func (s *Server) notified(reasons []string) []object {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.notices), func(n object) bool { return !slices.Contains(reasons, fmt.Sprint(n["reason"])) && n["reason"] != nil })
}

// Repost puts a post of somebody else into our feed, as the newest.
func (s *Server) Repost(post map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.again = append(s.again, object{"post": post, "reason": object{"$type": "app.bsky.feed.defs#reasonRepost"}})
}

// own is our feed, in which a post shows what it answers.
func (s *Server) own() (feed []object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.posts {
		if !strings.HasPrefix(fmt.Sprint(p["uri"]), "at://"+Self+"/") {
			continue
		}
		entry := object{"post": p}
		if reply, ok := p["record"].(object)["reply"].(object); ok {
			parent, _ := reply["parent"].(object)
			if i := slices.IndexFunc(s.posts, func(o object) bool { return o["uri"] == parent["uri"] }); i >= 0 {
				entry["reply"] = object{"parent": s.posts[i]}
			}
		}
		feed = append(feed, entry)
	}
	return append(feed, s.again...)
}

// list gives a page, newest first.
func (s *Server) list(w http.ResponseWriter, r *http.Request, name string, all []object) {
	slices.Reverse(all)
	from, _ := strconv.Atoi(r.URL.Query().Get("cursor"))
	most, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	answer := object{name: all[min(from, len(all)):min(from+most, len(all))]}
	if len(all) == 0 {
		answer[name] = []object{}
	}
	if from+most < len(all) {
		answer["cursor"] = fmt.Sprint(from + most)
	}
	connectortest.Answer(w, http.StatusOK, answer)
}

func (s *Server) get(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := []object{}
	for _, p := range s.posts {
		if slices.Contains(r.URL.Query()["uris"], fmt.Sprint(p["uri"])) {
			found = append(found, p)
		}
	}
	connectortest.Answer(w, http.StatusOK, object{"posts": found})
}

func (s *Server) create(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Repo, Collection, Rkey string
		Record                 object
	}
	err := json.NewDecoder(r.Body).Decode(&in)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil || in.Repo != Self || in.Collection != "app.bsky.feed.post" || s.records[in.Rkey] != nil || len(in.Rkey) != 13 {
		refuse(w, Fault{Status: http.StatusBadRequest, Says: "InvalidRequest"})
		return
	}
	s.records[in.Rkey] = in.Record
	s.add(Self, in.Rkey, in.Record)
	connectortest.Answer(w, http.StatusOK, Ref(Self+"/"+in.Rkey))
}

func (s *Server) record(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := r.URL.Query().Get("rkey")
	if s.records[key] == nil {
		refuse(w, Fault{Status: http.StatusBadRequest, Says: "RecordNotFound"})
		return
	}
	connectortest.Answer(w, http.StatusOK, object{"uri": Ref(Self + "/" + key)["uri"], "value": s.records[key]})
}
