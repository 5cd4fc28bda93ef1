package chat

import (
	"cmp"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"loket/internal/form"
	"loket/internal/message"
	"loket/internal/page"
	"loket/internal/problem"
)

const (
	maxText  = 10_000
	maxKey   = 200
	maxTyped = 320 // the longest e-mail address there can be
	// maxTypedBytes bounds what is typed, which waits in memory. The longest text is shorter, however it is encoded.
	maxTypedBytes = 256 << 10
)

// A post is what a visitor says: the first message of a conversation, or with its thread a further one.
type post struct {
	*form.Post
	text, name, email, phone string

	key    string // the same key and text are one message
	proof  string // that the key was made by us; needed to begin a conversation
	thread string // the last part of the address of the conversation's page
	// visitor is a token of whoever is signed in to the page around the chat; or user is their id there, and userHash its MAC.
	visitor, user, userHash string
}

type receiptBody struct {
	Message string `json:"message"` // its id, by which it is found on the page
	Thread  string `json:"thread"`  // the address of the page
}

// take takes one message of a visitor.
func (c *Chat) take(w http.ResponseWriter, r *http.Request) {
	kind, _ := form.Kind(r.Header)
	html := kind != form.JSON && page.Wanted(r.Header)
	wait := c.limit.Take(r.RemoteAddr)
	p, bad := c.readPost(r, wait > 0)
	defer p.Close()
	if wait > 0 {
		bad = &problem.Problem{Status: http.StatusTooManyRequests, Detail: "too many messages from this address", Wait: wait}
	}
	var m *message.Message
	if bad == nil {
		m, bad = c.compose(p)
	}
	if bad == nil {
		bad = c.accept(r, p, m)
	}
	switch {
	case bad != nil && html:
		// A browser shows no answer before it is rid of the whole body.
		_, _ = io.CopyN(io.Discard, r.Body, 4*c.cfg.MaxBytes)
		c.showAgain(w, r, p, bad)
	case bad != nil:
		bad.Write(w)
	case html:
		to := url.Values{"sent": {"1"}, "lang": {c.pages.languages.Of(r)}}
		w.Header().Set("Location", "../../t/"+path.Base(c.env.ThreadURL(m.Thread))+"?"+to.Encode()+"#sent")
		w.WriteHeader(http.StatusSeeOther)
	default:
		w.Header().Set("Content-Type", form.JSON)
		w.WriteHeader(http.StatusAccepted)
		_ = json.NewEncoder(w).Encode(receiptBody{m.ID, c.env.ThreadURL(m.Thread)}) // who went away sends it again
	}
}

// accept hands the message over, its files first.
func (c *Chat) accept(r *http.Request, p *post, m *message.Message) *problem.Problem {
	err := p.Store(r.Context(), m.ID, c.env.Blobs.Put)
	if err == nil {
		err = c.env.Accept(r.Context(), m)
	}
	c.storing.Note(r.Context(), err)
	if err != nil {
		return &problem.Problem{Status: http.StatusServiceUnavailable, Detail: "cannot take the message now; send it again", Wait: 5 * time.Second}
	}
	return nil
}

// showAgain renders the frame with what was typed and that it was not sent.
func (c *Chat) showAgain(w http.ResponseWriter, r *http.Request, p *post, bad *problem.Problem) {
	v := c.frame(r)
	v.Text, v.Problem = p.text, v.W.problem(bad.Status)
	if c.isOurs(p) {
		v.Key, v.Proof = p.key, p.proof
	}
	bad.RetryAfter(w.Header())
	c.pages.render(w, bad.Status, v)
}

// forKey is the purpose of the proof of a key.
const forKey = "key"

// isOurs tells whether a page of ours made the key. It has 130 random bits, so who sends it again is who sent it first.
func (c *Chat) isOurs(p *post) bool {
	return p.proof != "" && hmac.Equal([]byte(p.proof), []byte(c.env.Seal(forKey, p.key)))
}

// readPost gives what could be read, never nil, and what is wrong with it. The caller closes the post.
func (c *Chat) readPost(r *http.Request, dropFiles bool) (*post, *problem.Problem) {
	fields := []string{"text", "key", "proof", "thread", "name", "email", "phone", "visitor", "user", "user_hash"}
	rd := form.Reader{
		Bytes: c.cfg.MaxBytes, Typed: maxTypedBytes, Fields: 50, Files: c.cfg.MaxAttachments, FilesIn: "attachments", DropFiles: dropFiles,
		Known: fields, Members: fields,
	}
	got, err := rd.Read(r.Header, r.Body)
	p := &post{
		Post: got, text: message.CleanText(got.Get("text")), name: message.CleanLine(got.Get("name")), email: message.CleanLine(got.Get("email")),
		phone: message.CleanLine(got.Get("phone")), key: got.Get("key"), proof: got.Get("proof"), thread: got.Get("thread"),
		visitor: got.Get("visitor"), user: got.Get("user"), userHash: got.Get("user_hash"),
	}
	var bad *form.Error
	if errors.As(err, &bad) {
		return p, bad.Problem()
	}
	return p, nil
}

// compose makes the message of a post. Whoever holds the link of a conversation goes on in it; who is not proven to have begun it says
// nothing there but what its page would take from anybody.
func (c *Chat) compose(p *post) (*message.Message, *problem.Problem) {
	if bad := p.judge(); bad != nil {
		return nil, bad
	}
	from, marks := c.claims(p)
	m := &message.Message{From: from, Name: p.name, Text: p.text, Channel: "chat", Received: c.now().UTC()}
	for _, mark := range marks {
		m.Mark(mark)
	}
	who, bad := c.login.identify(p)
	if bad != nil {
		return nil, bad
	}
	if who != nil {
		m.From, m.Name = slices.Concat(who.from, besides(who.from, from)), cmp.Or(who.name, p.name)
	}
	if p.thread == "" {
		if !c.isOurs(p) {
			return nil, &problem.Problem{Status: http.StatusUnprocessableEntity, Field: "proof", Detail: "must be that of the key, as the frame has it"}
		}
		m.ID = c.id(p, p.key)
		m.Thread, m.Connector = m.ID, c.env.Name
		m.Attachments = p.Attachments(m.ID)
		return m, nil
	}
	thread, err := c.env.Tokens.Thread(p.thread)
	if err != nil {
		return nil, &problem.Problem{Status: http.StatusNotFound, Field: "thread", Detail: "is no conversation"}
	}
	m.ID = c.id(p, thread, p.key)
	m.Attachments = p.Attachments(m.ID)
	m.Thread = thread // which knows its connector and who began it: anybody may bring the link of any
	return m, nil
}

// besides are those typed identifiers whose kind is not proven: what somebody types does not stand beside what their login says.
func besides(proven, typed []message.Identifier) []message.Identifier {
	return slices.DeleteFunc(slices.Clone(typed), func(t message.Identifier) bool {
		return slices.ContainsFunc(proven, func(p message.Identifier) bool { return p.Kind == t.Kind && !p.Claim() })
	})
}

// id is the same for the same key and the same post.
func (c *Chat) id(p *post, key ...string) string {
	parts := [][]byte{[]byte("chat"), []byte(c.env.Name)}
	for _, k := range append(key, p.text) {
		parts = append(parts, []byte(k))
	}
	return message.NewID(append(parts, p.Digest()...)...)
}

func (p *post) judge() *problem.Problem {
	wrong := func(field, format string, args ...any) *problem.Problem {
		return &problem.Problem{Status: http.StatusUnprocessableEntity, Field: field, Detail: fmt.Sprintf(format, args...)}
	}
	switch {
	case strings.TrimSpace(p.text) == "" && len(p.Files) == 0:
		return wrong("text", "must not be empty")
	case utf8.RuneCountInString(p.text) > maxText:
		return wrong("text", "must be at most %d characters", maxText)
	case p.key == "" || len(p.key) > maxKey:
		return wrong("key", "must be 1 to %d characters", maxKey)
	case utf8.RuneCountInString(p.name) > maxTyped:
		return wrong("name", "must be at most %d characters", maxTyped)
	case utf8.RuneCountInString(p.email) > maxTyped:
		return wrong("email", "must be at most %d characters", maxTyped)
	case utf8.RuneCountInString(p.phone) > maxTyped:
		return wrong("phone", "must be at most %d characters", maxTyped)
	}
	return nil
}

// maxMark is how much of what was typed a mark has, in bytes.
const maxMark = 60

// claims reads the addresses that a visitor left. Nobody has checked them, and so they say. One that is none is a mark: browsers take addresses that
// no server does (kate..jansen@example.org), and each message brings it.
func (c *Chat) claims(p *post) (from []message.Identifier, marks []string) {
	if p.email != "" {
		if id, err := message.Email(p.email, message.Claimed); err == nil {
			from = append(from, id)
		} else {
			marks = append(marks, "email as typed: "+message.Head(p.email, maxMark))
		}
	}
	if p.phone != "" {
		id, typed := message.TypedPhone(p.phone, c.env.Region)
		if !id.IsZero() {
			from = append(from, id)
		}
		marks = append(marks, typed)
	}
	return from, marks
}
