// Package youtubetest is a stand-in for YouTube on this machine: threads of comments, answers and tokens, as far as loket uses them. Tests
// tell it what goes wrong.
package youtubetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"loket/connectors/connectortest"
)

// What our channel is called, what proves that it is us, and who else there is.
const (
	Channel = "UC0000000000000000000our"
	Kate    = "UC000000000000000000kate"
	Piet    = "UC000000000000000000piet"
	Client  = "client-of-the-project"
	Secret  = "secret-of-the-client"
	Refresh = "refresh-token-of-the-owner"
)

// A Fault is what goes wrong with one call.
type Fault struct {
	Status int    // of the answer; 0 breaks the connection
	Reason string // of the refusal; "" answers HTML
	Taken  bool   // an answer is taken all the same
}

// A Comment is one that somebody wrote.
type Comment struct {
	ID, Author, Text string
	At, Edited       time.Time // Edited is zero when it was not
	More             map[string]any
}

// A Thread is a comment with its answers.
type Thread struct {
	Top     Comment
	Answers []Comment
	Held    bool
	Raw     map[string]any // instead of what it would be
}

// A Server is the stand-in. Its methods may be called concurrently.
type Server struct {
	connectortest.StandIn

	mu      sync.Mutex
	next    int
	threads []*Thread // oldest first
	tokens  int       // given out; the last is valid
	faults  map[string][]Fault
	asked   map[string]int
	units   int
}

// Start starts the stand-in; it ends with the test.
func Start(tb testing.TB) *Server {
	s := &Server{next: 100, faults: map[string][]Fault{}, asked: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", s.token)
	for path, handler := range map[string]http.HandlerFunc{
		"GET /youtube/v3/commentThreads": s.list, "GET /youtube/v3/comments": s.answers, "POST /youtube/v3/comments": s.answer,
		"GET /youtube/v3/channels": func(w http.ResponseWriter, _ *http.Request) {
			connectortest.Answer(w, http.StatusOK, map[string]any{"items": []any{map[string]any{"id": Channel, "snippet": map[string]any{"title": "Example"}}}})
		},
	} {
		mux.HandleFunc(path, s.authorised(handler))
	}
	s.StandIn = connectortest.Serve(tb, mux)
	return s
}

func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	if r.FormValue("refresh_token") != Refresh || r.FormValue("client_id") != Client || r.FormValue("client_secret") != Secret {
		connectortest.Answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens++
	connectortest.Answer(w, http.StatusOK, map[string]any{"access_token": fmt.Sprint("access-", s.tokens), "expires_in": 3600, "token_type": "Bearer"})
}

func (s *Server) authorised(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		call := r.Method + " " + strings.TrimPrefix(r.URL.Path, "/youtube/v3")
		s.mu.Lock()
		right := r.Header.Get("Authorization") == fmt.Sprint("Bearer access-", s.tokens)
		s.asked[call]++
		s.units++
		if r.Method == http.MethodPost {
			s.units += 49
		}
		var fault *Fault
		if all := s.faults[call]; len(all) > 0 && right {
			fault, s.faults[call] = &all[0], all[1:]
		}
		s.mu.Unlock()
		switch {
		case !right:
			refuse(w, Fault{Status: http.StatusUnauthorized, Reason: "authError"})
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
	case f.Reason == "":
		connectortest.AnswerText(w, f.Status)
	default:
		connectortest.Answer(w, f.Status, map[string]any{"error": map[string]any{"code": f.Status, "message": "no", "errors": []any{map[string]any{"reason": f.Reason, "domain": "youtube.quota"}}}})
	}
}

// Fail lets the next calls go wrong, one for each fault: "GET /commentThreads".
func (s *Server) Fail(call string, faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[call] = append(s.faults[call], faults...)
}

// Asked counts calls; Units is what they cost.
func (s *Server) Asked(call string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[call]
}

// Units is what all calls cost so far.
func (s *Server) Units() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.units
}

// Expire lets the access token be refused from now on.
func (s *Server) Expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens++
}

// Say begins a thread, and gives its id.
func (s *Server) Say(author, text string) string {
	return s.Begin(&Thread{Top: Comment{Author: author, Text: text}})
}

// Begin begins a thread; what is left out of it is filled in.
func (s *Server) Begin(t *Thread) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	if id, ok := t.Raw["id"].(string); ok {
		t.Top.ID = id
	}
	if t.Top.ID == "" {
		t.Top.ID = fmt.Sprint("Ugx", s.next)
	}
	if t.Top.At.IsZero() {
		t.Top.At = time.Now()
	}
	s.threads = append(s.threads, t)
	return t.Top.ID
}

// Reply answers in a thread, and gives the id of the answer.
func (s *Server) Reply(thread, author, text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reply(thread, author, text)
}

func (s *Server) reply(thread, author, text string) string {
	t := s.find(thread)
	if t == nil {
		return ""
	}
	s.next++
	id := fmt.Sprintf("%s.%d", thread, s.next)
	t.Answers = append(t.Answers, Comment{ID: id, Author: author, Text: text, At: time.Now()})
	return id
}

func (s *Server) find(id string) *Thread {
	i := slices.IndexFunc(s.threads, func(t *Thread) bool { return t.Top.ID == id })
	if i < 0 {
		return nil
	}
	return s.threads[i]
}

// Change changes a thread.
func (s *Server) Change(id string, change func(*Thread)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s.find(id))
}

// Delete takes a thread away.
func (s *Server) Delete(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.threads = slices.DeleteFunc(s.threads, func(t *Thread) bool { return t.Top.ID == id })
}

// Ours are our answers, as thread and text.
func (s *Server) Ours() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.threads {
		for _, a := range t.Answers {
			if a.Author == Channel {
				all = append(all, t.Top.ID+" "+a.Text)
			}
		}
	}
	return all
}

func shown(c Comment, thread string) map[string]any {
	edited := c.At
	if !c.Edited.IsZero() {
		edited = c.Edited
	}
	snippet := map[string]any{
		"authorDisplayName": "@" + strings.Trim(c.Author[10:], "0"), "authorChannelUrl": "http://www.youtube.com/@" + strings.Trim(c.Author[10:], "0"),
		"authorChannelId": map[string]any{"value": c.Author}, "textDisplay": c.Text, "textOriginal": c.Text, "videoId": "dQw4w9WgXcQ", "likeCount": 0,
		"publishedAt": c.At.UTC().Format(time.RFC3339), "updatedAt": edited.UTC().Format(time.RFC3339),
	}
	if thread != "" {
		snippet["parentId"] = thread
	}
	for k, v := range c.More {
		snippet[k] = v
	}
	return map[string]any{"kind": "youtube#comment", "id": c.ID, "snippet": snippet}
}

func (t *Thread) shown() map[string]any {
	if t.Raw != nil {
		return t.Raw
	}
	answers := []any{}
	for _, a := range t.Answers[max(0, len(t.Answers)-2):] { // YouTube shows up to five
		answers = append(answers, shown(a, t.Top.ID))
	}
	return map[string]any{"kind": "youtube#commentThread", "id": t.Top.ID, "replies": map[string]any{"comments": answers}, "snippet": map[string]any{
		"channelId": Channel, "videoId": "dQw4w9WgXcQ", "canReply": true, "isPublic": true, "totalReplyCount": len(t.Answers), "topLevelComment": shown(t.Top, ""),
	}}
}

func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	ids, held := strings.Split(query.Get("id"), ","), query.Get("moderationStatus") == "heldForReview"
	s.mu.Lock()
	items, newest := []any{}, slices.Clone(s.threads)
	slices.Reverse(newest)
	slices.SortStableFunc(newest, func(a, b *Thread) int { return b.Top.At.Compare(a.Top.At) })
	for _, t := range newest {
		if query.Get("id") != "" && slices.Contains(ids, t.Top.ID) && !t.Held || query.Get("id") == "" && t.Held == held {
			items = append(items, t.shown())
		}
	}
	s.mu.Unlock()
	page(w, query, items)
}

func page(w http.ResponseWriter, query url.Values, items []any) {
	from, _ := strconv.Atoi(query.Get("pageToken"))
	most, _ := strconv.Atoi(query.Get("maxResults"))
	if most == 0 {
		most = 20
	}
	answer := map[string]any{"items": items[min(from, len(items)):min(from+most, len(items))]}
	if from+most < len(items) {
		answer["nextPageToken"] = fmt.Sprint(from + most)
	}
	connectortest.Answer(w, http.StatusOK, answer)
}

func (s *Server) answers(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	s.mu.Lock()
	t := s.find(query.Get("parentId"))
	items := []any{}
	if t != nil {
		for _, a := range t.Answers {
			items = append(items, shown(a, t.Top.ID))
		}
	}
	s.mu.Unlock()
	if t == nil {
		refuse(w, Fault{Status: http.StatusNotFound, Reason: "commentNotFound"})
		return
	}
	page(w, query, items)
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Snippet struct{ ParentID, TextOriginal string }
	}
	_ = json.NewDecoder(r.Body).Decode(&in) // what is wrong has no thread
	s.mu.Lock()
	id := s.reply(in.Snippet.ParentID, Channel, in.Snippet.TextOriginal)
	s.mu.Unlock()
	if id == "" {
		refuse(w, Fault{Status: http.StatusNotFound, Reason: "parentCommentNotFound"})
		return
	}
	connectortest.Answer(w, http.StatusOK, map[string]any{"id": id})
}
