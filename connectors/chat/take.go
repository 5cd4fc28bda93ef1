package chat

import (
	"cmp"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"loket/internal/body"
	"loket/internal/limit"
	"loket/internal/message"
	"loket/internal/page"
	"loket/internal/problem"
)

const (
	maxText  = 10_000
	maxBytes = 64 << 10
	maxKey   = 200
	maxTyped = 320 // the longest e-mail address there can be

	typeJSON = "application/json"
	typeForm = "application/x-www-form-urlencoded"
)

// A post is what a visitor says: the first message of a conversation, or with its Thread a further one.
type post struct {
	Text   string `json:"text"`
	Key    string `json:"key"`    // the same key and text are one message
	Proof  string `json:"proof"`  // that the key was made by us; needed to begin a conversation
	Thread string `json:"thread"` // the last part of the address of the conversation's page
	Name   string `json:"name"`
	Email  string `json:"email"`
	Phone  string `json:"phone"`
	// Visitor is a token of whoever is signed in to the page around the chat; or User is their id there, and UserHash its MAC.
	Visitor  string `json:"visitor"`
	User     string `json:"user"`
	UserHash string `json:"user_hash"`
}

type receiptBody struct {
	Message string `json:"message"` // its id, by which it is found on the page
	Thread  string `json:"thread"`  // the address of the page
}

// take takes one message of a visitor.
func (c *Chat) take(w http.ResponseWriter, r *http.Request) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // what is none is refused by its emptiness
	html := kind != typeJSON && page.Wanted(r.Header)
	p, bad := readPost(kind, r)
	if wait := c.limit.Take(r.RemoteAddr); wait > 0 {
		bad = &problem.Problem{Status: http.StatusTooManyRequests, Detail: "too many messages from this address", Wait: wait}
	}
	var m *message.Message
	if bad == nil {
		m, bad = c.compose(p)
	}
	if bad == nil {
		bad = c.accept(r, m)
	}
	switch {
	case bad != nil && html:
		c.showAgain(w, r, p, bad)
	case bad != nil:
		bad.Write(w)
	case html:
		to := url.Values{"sent": {"1"}, "lang": {c.pages.languages.Of(r)}}
		w.Header().Set("Location", "../../t/"+path.Base(c.env.ThreadURL(m.Thread))+"?"+to.Encode()+"#sent")
		w.WriteHeader(http.StatusSeeOther)
	default:
		w.Header().Set("Content-Type", typeJSON)
		w.WriteHeader(http.StatusAccepted)
		_ = json.NewEncoder(w).Encode(receiptBody{m.ID, c.env.ThreadURL(m.Thread)}) // who went away sends it again
	}
}

func (c *Chat) accept(r *http.Request, m *message.Message) *problem.Problem {
	err := c.env.Accept(r.Context(), m)
	c.storing.Note(r.Context(), err)
	if err != nil {
		return &problem.Problem{Status: http.StatusServiceUnavailable, Detail: "cannot take the message now; send it again", Wait: 5 * time.Second}
	}
	return nil
}

// showAgain renders the frame with what was typed and that it was not sent.
func (c *Chat) showAgain(w http.ResponseWriter, r *http.Request, p *post, bad *problem.Problem) {
	v := c.frame(r)
	v.Text, v.Problem = p.Text, v.W.problem(bad.Status)
	if c.isOurs(p) {
		v.Key, v.Proof = p.Key, p.Proof
	}
	bad.RetryAfter(w.Header())
	c.pages.render(w, bad.Status, v)
}

// forKey is the purpose of the proof of a key.
const forKey = "key"

// isOurs tells whether a page of ours made the key. It has 130 random bits, so who sends it again is who sent it first.
func (c *Chat) isOurs(p *post) bool {
	return p.Proof != "" && hmac.Equal([]byte(p.Proof), []byte(c.env.Seal(forKey, p.Key)))
}

// readPost gives what could be read, never nil, and what is wrong with it.
func readPost(kind string, r *http.Request) (*post, *problem.Problem) {
	p := &post{}
	var err error
	switch kind {
	case typeJSON:
		var b []byte
		if b, err = body.JSON(r.Body, body.Limits{Bytes: maxBytes, Depth: 8, Values: 100, Each: 50}); err == nil {
			err = json.Unmarshal(b, p)
		}
	case typeForm:
		var b []byte
		if b, err = body.Form(r.Body, body.Limits{Bytes: maxBytes, Each: 50}); err == nil {
			err = p.readForm(string(b))
		}
	default:
		return p, problem.New(http.StatusUnsupportedMediaType, "the content type must be %s or %s", typeJSON, typeForm)
	}
	p.Text = message.CleanText(p.Text)
	for _, line := range []*string{&p.Name, &p.Email, &p.Phone} {
		*line = message.CleanLine(*line)
	}
	return p, unreadable(err)
}

func (p *post) readForm(s string) error {
	v, err := url.ParseQuery(s)
	*p = post{Text: v.Get("text"), Key: v.Get("key"), Proof: v.Get("proof"), Thread: v.Get("thread"), Name: v.Get("name"), Email: v.Get("email"), Phone: v.Get("phone")}
	return err
}

func unreadable(err error) *problem.Problem {
	var mistyped *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, body.ErrTooLarge):
		return problem.New(http.StatusRequestEntityTooLarge, "the request is larger than %d bytes", maxBytes)
	case errors.Is(err, limit.ErrBusy):
		return &problem.Problem{Status: http.StatusServiceUnavailable, Detail: "too much comes from this address at the same time", Wait: 5 * time.Second}
	case errors.Is(err, limit.ErrSlow):
		return problem.New(http.StatusRequestTimeout, "%v", err)
	case errors.As(err, &mistyped):
		return &problem.Problem{Status: http.StatusUnprocessableEntity, Field: mistyped.Field, Detail: "must be a string, not " + mistyped.Value}
	}
	return problem.New(http.StatusBadRequest, "the body cannot be read as what its content type says")
}

// compose makes the message of a post. Whoever holds the link of a conversation goes on in it; who is not proven to have begun it says
// nothing there but what its page would take from anybody.
func (c *Chat) compose(p *post) (*message.Message, *problem.Problem) {
	if bad := p.judge(); bad != nil {
		return nil, bad
	}
	from, mark, bad := c.claims(p)
	if bad != nil {
		return nil, bad
	}
	m := &message.Message{From: from, Name: p.Name, Text: p.Text, Received: c.now().UTC()}
	m.Mark(mark)
	who, bad := c.login.identify(p)
	if bad != nil {
		return nil, bad
	}
	if who != nil {
		m.From, m.Name = slices.Concat(who.from, from), cmp.Or(who.name, p.Name)
		m.Connector, m.Channel = c.env.Name, "chat"
	}
	if p.Thread == "" {
		if !c.isOurs(p) {
			return nil, &problem.Problem{Status: http.StatusUnprocessableEntity, Field: "proof", Detail: "must be that of the key, as the frame has it"}
		}
		m.ID = message.NewID([]byte("chat"), []byte(c.env.Name), []byte(p.Key), []byte(p.Text))
		m.Thread, m.Connector, m.Channel = m.ID, c.env.Name, "chat"
		return m, nil
	}
	thread, err := c.env.Tokens.Thread(p.Thread)
	if err != nil {
		return nil, &problem.Problem{Status: http.StatusNotFound, Field: "thread", Detail: "is no conversation"}
	}
	m.ID = message.NewID([]byte("chat"), []byte(c.env.Name), []byte(thread), []byte(p.Key), []byte(p.Text))
	m.Thread = thread // which knows, where the visitor is not proven, connector, channel and who began it
	return m, nil
}

func (p *post) judge() *problem.Problem {
	wrong := func(field, format string, args ...any) *problem.Problem {
		return &problem.Problem{Status: http.StatusUnprocessableEntity, Field: field, Detail: fmt.Sprintf(format, args...)}
	}
	switch {
	case strings.TrimSpace(p.Text) == "":
		return wrong("text", "must not be empty")
	case utf8.RuneCountInString(p.Text) > maxText:
		return wrong("text", "must be at most %d characters", maxText)
	case p.Key == "" || len(p.Key) > maxKey:
		return wrong("key", "must be 1 to %d characters", maxKey)
	case utf8.RuneCountInString(p.Name) > maxTyped:
		return wrong("name", "must be at most %d characters", maxTyped)
	case utf8.RuneCountInString(p.Phone) > maxTyped:
		return wrong("phone", "must be at most %d characters", maxTyped)
	}
	return nil
}

// claims reads the addresses that a visitor left. Nobody has checked them, and so they say. A telephone number that is none is a mark.
func (c *Chat) claims(p *post) (from []message.Identifier, mark string, bad *problem.Problem) {
	if p.Email != "" {
		id, err := message.Email(p.Email, message.Claimed)
		if err != nil {
			return nil, "", &problem.Problem{Status: http.StatusUnprocessableEntity, Field: "email", Detail: err.Error()}
		}
		from = append(from, id)
	}
	if p.Phone != "" {
		id, typed := message.TypedPhone(p.Phone, c.env.Region)
		if mark = typed; !id.IsZero() {
			from = append(from, id)
		}
	}
	return from, mark, nil
}
