package chat

import (
	"crypto/hmac"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"loket/internal/form"
	"loket/internal/message"
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

	typed time.Time // when the addresses were; zero is not said

	key    string // the same key and text are one message
	proof  string // that the key was made by us; needed to begin a conversation
	thread string // the last part of the address of the conversation's page
	// visitor is a token of whoever is signed in to the page around the chat; or user is their id there, and userHash its MAC.
	visitor, user, userHash string
}

// readPost gives what could be read, never nil, and what is wrong with it. The caller closes the post.
func (c *Chat) readPost(r *http.Request, dropFiles bool) (*post, *problem.Problem) {
	fields := []string{"text", "key", "proof", "thread", "name", "email", "phone", "address_at", "visitor", "user", "user_hash"}
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
	p.typed = c.typedAt(got.Get("address_at"))
	var bad *form.Error
	if errors.As(err, &bad) {
		return p, bad.Problem()
	}
	return p, nil
}

// typedAt is an instant as browsers count, in ms; zero for what is none, and for what is to come.
func (c *Chat) typedAt(ms string) time.Time {
	n, err := strconv.ParseInt(ms, 10, 64)
	if err != nil || n <= 0 || n > c.now().UnixMilli() {
		return time.Time{}
	}
	return time.UnixMilli(n).UTC()
}

// forKey is the purpose of the proof of a key.
const forKey = "key"

// isOurs tells whether a page of ours made the key. It has 130 random bits, so who sends it again is who sent it first.
func (c *Chat) isOurs(p *post) bool {
	return p.proof != "" && hmac.Equal([]byte(p.proof), []byte(c.env.Seal(forKey, p.key)))
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
