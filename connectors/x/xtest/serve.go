package xtest

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"time"

	"loket/connectors/connectortest"
)

type object map[string]any

// mux shows every call that there is.
func (x *X) mux() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /1.1/statuses/mentions_timeline.json", x.legacyPosts)
	mux.HandleFunc("GET /1.1/statuses/user_timeline.json", x.legacyPosts)
	mux.HandleFunc("POST /1.1/statuses/update.json", x.legacyReply)
	mux.HandleFunc("GET /1.1/direct_messages/events/list.json", x.legacyDirects)
	mux.HandleFunc("POST /1.1/direct_messages/events/new.json", x.legacyWrite)
	mux.HandleFunc("GET /1.1/users/lookup.json", x.legacyUsers)
	mux.HandleFunc("GET /2/users/{id}/mentions", x.newPosts)
	mux.HandleFunc("GET /2/users/{id}/tweets", x.newPosts)
	mux.HandleFunc("GET /2/dm_events", x.newDirects)
	mux.HandleFunc("POST /2/tweets", x.newReply)
	mux.HandleFunc("POST /2/dm_conversations/with/{id}/messages", x.newWrite)
	mux.HandleFunc("POST /2/media/upload", x.upload)
	app := http.NewServeMux()
	app.HandleFunc("POST /oauth2/token", x.token)
	app.HandleFunc("GET /2/webhooks", x.listHooks)
	app.HandleFunc("PUT /2/webhooks/{id}", x.validateHook)
	files := http.HandlerFunc(x.file)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f := x.meet(r.URL.Path); f != nil {
			x.fail(w, r, f, mux)
			return
		}
		if strings.HasPrefix(r.URL.Path, "/media/") {
			files(w, r)
			return
		}
		if _, known := app.Handler(r); known != "" {
			app.ServeHTTP(w, r)
			return
		}
		if why := x.unsigned(r); why != "" {
			refuse(w, http.StatusUnauthorized, "Unauthorized: "+why)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func (x *X) fail(w http.ResponseWriter, r *http.Request, f *Fault, mux http.Handler) {
	if f.Meanwhile != nil {
		answer := httptest.NewRecorder()
		mux.ServeHTTP(answer, r)
		f.Meanwhile()
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
		return
	}
	if f.Keep {
		mux.ServeHTTP(httptest.NewRecorder(), r)
	} else {
		_, _ = io.Copy(io.Discard, r.Body)
	}
	if f.Drop {
		connectortest.Break()
	}
	for k, v := range f.Header {
		w.Header().Set(k, v)
	}
	w.WriteHeader(f.Status)
	_, _ = io.WriteString(w, f.Body)
}

// refuse answers as v2 does.
func refuse(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	connectortest.Answer(w, status, object{"title": http.StatusText(status), "detail": detail, "type": "about:blank", "status": status})
}

func less(a, b string) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}

// find gives posts, newest first: the account's own, or those of others that name it.
func (x *X) find(own bool, above, atMost string, since time.Time) (found []Post) {
	for _, p := range slices.Backward(x.posts) {
		if (p.Author.ID == Self) != own || !own && !p.Names || above != "" && !less(above, p.ID) || atMost != "" && less(atMost, p.ID) || p.At.Before(since) {
			continue
		}
		found = append(found, p)
	}
	slices.SortStableFunc(found, func(p, q Post) int {
		if less(q.ID, p.ID) {
			return -1
		}
		return 1
	})
	return found
}

func (x *X) newPosts(w http.ResponseWriter, r *http.Request) {
	x.mu.Lock()
	defer x.mu.Unlock()
	q := r.URL.Query()
	if r.PathValue("id") != Self {
		refuse(w, http.StatusForbidden, "not your account")
		return
	}
	var since time.Time
	if s := q.Get("start_time"); s != "" {
		since, _ = time.Parse(time.RFC3339, s)
	}
	all := x.find(strings.HasSuffix(r.URL.Path, "/tweets"), q.Get("since_id"), "", since)
	page, next := x.page(len(all), q.Get("pagination_token"))
	body := object{"meta": meta(page.to-page.from, next)}
	var data, users []object
	var media []object
	for _, p := range all[page.from:page.to] {
		one, with := newPost(p)
		data, users, media = append(data, one), append(users, newUser(p.Author)), append(media, with...)
	}
	if len(data) > 0 {
		body["data"], body["includes"] = data, object{"users": users, "media": media}
	}
	connectortest.Answer(w, http.StatusOK, body)
}

type span struct{ from, to int }

// page cuts a page out of n: its token is how many were before it.
func (x *X) page(n int, token string) (span, string) {
	from, _ := strconv.Atoi(strings.TrimPrefix(token, "p"))
	from = min(from, n)
	to := min(from+x.pageSize, n)
	if to == n {
		return span{from, to}, ""
	}
	return span{from, to}, "p" + strconv.Itoa(to)
}

func meta(n int, next string) object {
	m := object{"result_count": n}
	if next != "" {
		m["next_token"] = next
	}
	return m
}

func (x *X) newDirects(w http.ResponseWriter, r *http.Request) {
	x.mu.Lock()
	defer x.mu.Unlock()
	all := slices.Clone(x.directs)
	slices.Reverse(all)
	page, next := x.page(len(all), r.URL.Query().Get("pagination_token"))
	body := object{"meta": meta(page.to-page.from, next)}
	var data, users []object
	for _, d := range all[page.from:page.to] {
		data = append(data, object{
			"id": d.ID, "event_type": "MessageCreate", "text": escape(d.Text), "dm_conversation_id": conversation(d.From.ID, d.To),
			"sender_id": d.From.ID, "created_at": d.At.Format("2006-01-02T15:04:05.000Z"),
		})
		users = append(users, newUser(d.From))
	}
	if len(data) > 0 {
		body["data"], body["includes"] = data, object{"users": users}
	}
	connectortest.Answer(w, http.StatusOK, body)
}

func (x *X) newReply(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Text  string `json:"text"`
		Reply struct {
			To string `json:"in_reply_to_tweet_id"`
		} `json:"reply"`
		Media struct {
			IDs []string `json:"media_ids"`
		} `json:"media"`
	}
	if json.NewDecoder(r.Body).Decode(&in) != nil {
		refuse(w, http.StatusBadRequest, "not JSON")
		return
	}
	p, why := x.reply(in.Reply.To, in.Text, in.Media.IDs)
	if why != nil {
		refuse(w, why.status, why.detail)
		return
	}
	connectortest.Answer(w, http.StatusCreated, object{"data": object{"id": p.ID, "text": p.Text}})
}

type refusal struct {
	status, code int
	detail       string
}

// reply makes a post of the account, as X would: it puts the name of whom it answers in front.
func (x *X) reply(to, text string, media []string) (Post, *refusal) {
	x.mu.Lock()
	defer x.mu.Unlock()
	at := slices.IndexFunc(x.posts, func(p Post) bool { return p.ID == to })
	if at < 0 {
		return Post{}, &refusal{http.StatusForbidden, 385, "You attempted to reply to a Tweet that is deleted or not visible to you."}
	}
	asked := x.posts[at]
	if x.summoned && !asked.Names && asked.Quotes == "" {
		return Post{}, &refusal{http.StatusForbidden, 433, "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author of the post you are replying to."}
	}
	text = "@" + asked.Author.Handle + " " + text
	for _, p := range x.posts {
		if p.Author.ID == Self && p.Text == text && p.ReplyTo == to {
			return Post{}, &refusal{http.StatusForbidden, 187, "You are not allowed to create a Tweet with duplicate content."}
		}
	}
	return x.add(Post{Author: Account(), Text: text, ReplyTo: to, Media: media}), nil
}

func (x *X) newWrite(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Text        string `json:"text"`
		Attachments []struct {
			ID string `json:"media_id"`
		} `json:"attachments"`
	}
	if json.NewDecoder(r.Body).Decode(&in) != nil {
		refuse(w, http.StatusBadRequest, "not JSON")
		return
	}
	d := Direct{From: Account(), To: r.PathValue("id"), Text: in.Text}
	for _, a := range in.Attachments {
		d.Media = append(d.Media, a.ID)
	}
	d = x.AddDirect(d)
	connectortest.Answer(w, http.StatusCreated, object{"data": object{"dm_conversation_id": conversation(Self, d.To), "dm_event_id": d.ID}})
}

func (x *X) upload(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength <= 0 {
		refuse(w, http.StatusLengthRequired, "the length is not told")
		return
	}
	f, _, err := r.FormFile("media")
	if err != nil || r.FormValue("media_category") == "" {
		refuse(w, http.StatusBadRequest, "no media, or no media_category")
		return
	}
	data, _ := io.ReadAll(f)
	x.mu.Lock()
	defer x.mu.Unlock()
	id, _ := x.fresh("", time.Time{})
	x.uploads[id] = data
	connectortest.Answer(w, http.StatusOK, object{"data": object{"id": id, "expires_after_secs": 86400}})
}

func (x *X) file(w http.ResponseWriter, r *http.Request) {
	x.mu.Lock()
	f, ok := x.files[strings.TrimPrefix(r.URL.Path, "/media/")]
	x.mu.Unlock()
	switch {
	case !ok:
		http.NotFound(w, r)
	case strings.HasPrefix(f.kind, "http"):
		http.Redirect(w, r, f.kind, http.StatusFound)
	default:
		w.Header().Set("Content-Type", f.kind)
		_, _ = w.Write(f.data)
	}
}

// conversation is what X calls the conversation of two.
func conversation(a, b string) string {
	if less(b, a) {
		a, b = b, a
	}
	return a + "-" + b
}
