package portal

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"loket/internal/form"
	"loket/internal/message"
	"loket/internal/page"
	"loket/router/thread"
)

const (
	// maxMessages of a thread are shown, the newest, and no more than fit in maxShown bytes.
	maxMessages = 200
	maxShown    = 2 << 20
	readTimeout = 5 * time.Second
	awayWait    = 30 * time.Second
)

// conversation is the page of one thread.
func (p *Portal) conversation(w http.ResponseWriter, r *http.Request, id string) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		p.show(w, r, id)
	case http.MethodPost:
		p.write(w, r, id)
	default:
		p.wrongMethod(w, r, "GET, HEAD, POST")
	}
}

func (p *Portal) show(w http.ResponseWriter, r *http.Request, id string) {
	if wait := p.reads.Take(r.RemoteAddr); wait > 0 {
		p.refuse(w, r, tooMany(wait))
		return
	}
	said, err := p.read(r.Context(), id)
	if errors.Is(err, thread.ErrForgotten) {
		p.refuse(w, r, gone())
		return
	}
	if page.JSONWanted(r.Header) {
		w.Header().Add("Vary", "Accept")
		if err != nil {
			unavailable(awayWait).asProblem().Write(w)
			return
		}
		writeJSON(w, http.StatusOK, form.JSON, p.threadJSON(r, said))
		return
	}
	v := p.view(r, said, err)
	v.Sent = r.URL.Query().Has("sent")
	v.Key = rand.Text()
	status := http.StatusOK
	if err != nil {
		status = http.StatusServiceUnavailable
		unavailable(awayWait).asProblem().RetryAfter(w.Header())
	}
	p.pages.render(w, "thread.html", status, v)
}

// A threadView is what there is of a thread: nothing yet while its first message is on its way through the house.
type threadView struct {
	id       string
	subject  string
	messages []*message.Message
	older    bool
	matter   Matter
}

// read gives what a thread's customer may see. An error that is not thread.ErrForgotten may pass.
func (p *Portal) read(ctx context.Context, id string) (*threadView, error) {
	return p.readNewest(ctx, id, maxMessages, maxShown)
}

// readNewest is read, with the newest messages, so many and no more than fit in so many bytes.
func (p *Portal) readNewest(ctx context.Context, id string, messages, bytes int) (*threadView, error) {
	client := ctx
	ctx, cancel := context.WithTimeout(client, readTimeout)
	defer cancel()
	said := &threadView{id: id, matter: Matter{Zone: time.UTC}}
	th, err := p.threads.Find(ctx, id)
	if errors.Is(err, thread.ErrForgotten) {
		return said, err
	}
	if errors.Is(err, thread.ErrNone) {
		return said, nil
	}
	var entries []thread.Entry
	if err == nil {
		said.subject, said.matter = th.Subject, p.matter(ctx, th)
		entries, said.older, err = p.threads.Newest(ctx, th.ID, messages, bytes)
	}
	p.reading.Note(client, err)
	if err != nil {
		return said, fmt.Errorf("read thread: %w", err)
	}
	said.show(th, entries)
	return said, nil
}

// show adds those of the entries that the thread's customer may see.
func (s *threadView) show(th *thread.Thread, entries []thread.Entry) {
	for _, e := range entries {
		if shown(th, e.Message) {
			s.messages = append(s.messages, e.Message)
		}
	}
}

// shown tells whether m was said by or to whoever began the thread, or whose message it took up. Others may have joined it: who knows the id of a mail
// can make its answers come into a thread of their own, and must not read there what they say.
func shown(th *thread.Thread, m *message.Message) bool {
	if m.Kind != message.Said {
		return false
	}
	who := m.From
	if m.Direction == message.Out {
		who = slices.Concat(m.To, m.Cc)
	}
	if m.ID == cmp.Or(th.Absorbed, th.ID) {
		return true
	}
	if th.Absorbed == "" && (len(th.From) == 0 || m.Direction == message.Out && len(who) == 0) {
		return true // in a thread that took up somebody's message this may be for any of them
	}
	return slices.ContainsFunc(who, func(id message.Identifier) bool {
		return slices.ContainsFunc(th.From, func(began message.Identifier) bool {
			return began.Kind == id.Kind && began.Scope == id.Scope && began.Value == id.Value
		})
	})
}

func at(m *message.Message) time.Time {
	if m.Sent.IsZero() {
		return m.Received
	}
	return m.Sent
}

// view is what the template of the page shows.
type view struct {
	frame
	Heading    string
	Messages   []said
	Matter     matterView
	Clock      string // whose times they are
	Older      bool
	Pending    bool // nothing is stored yet
	Away       bool // it cannot be told now
	Sent       bool
	Problem    string
	AtField    string // whose problem it is
	HadFiles   bool   // that have to be chosen again
	Key        string
	Text       string
	Max        int
	MaxFiles   int
	Hint       string // how many and how large files may be
	Other      *words
	Script     string // its address
	Rating     string // the address that takes a rating
	Live       string // the address of the stream that tells of changes
	Transcript string // the address of it
	Version    string // of what is shown; "" when that can't be told
}

type said struct {
	ID        string
	Ours      bool
	Read      bool // by one of us
	Who, When string
	Stamp     string
	Text      []page.Piece
	Files     []download
}

type download struct{ Name, Size, URL string }

func (p *Portal) view(r *http.Request, s *threadView, err error) *view {
	say := p.pages.language(r)
	v := &view{
		Heading: s.subject, Older: s.older, Away: err != nil, Pending: err == nil && len(s.messages) == 0, Max: maxText, MaxFiles: p.maxFiles,
	}
	v.Hint = fmt.Sprintf(say.FilesHint, p.maxFiles, page.Size(p.maxBytes))
	v.Matter = say.matter(s.matter, p.now())
	if v.Heading == "" {
		v.Heading = say.Conversation
	}
	v.frame = p.pages.frame(say, v.Heading)
	for _, w := range p.pages.words {
		if w != say {
			v.Other = w
		}
	}
	for _, m := range s.messages {
		one := said{ID: m.ID, Ours: m.Direction == message.Out, Read: s.matter.hasRead(m), Who: say.You, Text: page.Links(m.Text), Stamp: stamp(at(m)), When: say.when(at(m).In(s.matter.Zone))}
		if one.Ours {
			one.Who = cmp.Or(p.pages.look.Name, say.Us)
		}
		for i, a := range m.Attachments {
			one.Files = append(one.Files, download{a.Name, page.Size(a.Size), attachmentURL(r, m.ID, i)})
		}
		v.Messages = append(v.Messages, one)
	}
	v.Clock = fmt.Sprintf(say.Clock, s.matter.Zone)
	v.Script, v.Live = "../s/"+scriptHash+"/thread.js", "./"+r.PathValue("token")+"/live"
	v.Rating = "./" + r.PathValue("token") + "/rating?" + url.Values{"lang": {say.Lang}}.Encode()
	v.Transcript = "./" + r.PathValue("token") + "/transcript?" + url.Values{"lang": {say.Lang}}.Encode()
	if err == nil {
		v.Version = s.version()
	}
	return v
}

// attachmentURL is relative to the page, so that it holds behind a proxy that adds a path of its own.
func attachmentURL(r *http.Request, id string, index int) string {
	return fmt.Sprintf("./%s/a/%s/%d", r.PathValue("token"), id, index+1)
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

type threadBody struct {
	Thread   string        `json:"thread"`
	Subject  string        `json:"subject,omitempty"`
	State    State         `json:"state,omitempty"`     // received, looking, answered, closed
	AnswerBy string        `json:"answer_by,omitempty"` // until when an answer is promised, also when that is over
	Before   *int          `json:"before,omitempty"`    // how many wait before them, where they wait for their turn
	Rating   Rating        `json:"rating,omitempty"`    // what they said of the closing: good, bad
	Ratable  bool          `json:"ratable,omitempty"`   // they may say it now
	Messages []messageBody `json:"messages"`
	Older    bool          `json:"older,omitempty"` // there are messages before these
}

type messageBody struct {
	ID          string           `json:"id"`
	Direction   string           `json:"direction"`
	Name        string           `json:"name,omitempty"`
	Text        string           `json:"text"`
	Sent        string           `json:"sent"`
	Read        bool             `json:"read,omitempty"` // one of us had it on screen
	Attachments []attachmentBody `json:"attachments,omitempty"`
}

type attachmentBody struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Size int64  `json:"size"`
	URL  string `json:"url"` // relative to the address that was asked
}

func (p *Portal) threadJSON(r *http.Request, s *threadView) threadBody {
	body := threadBody{Thread: s.id, Subject: s.subject, State: s.matter.State, Rating: s.matter.Rating, Ratable: s.matter.Ratable, Messages: []messageBody{}, Older: s.older}
	if !s.matter.AnswerBy.IsZero() {
		body.AnswerBy = stamp(s.matter.AnswerBy)
	}
	if s.matter.InLine {
		body.Before = &s.matter.Before
	}
	for _, m := range s.messages {
		one := messageBody{ID: m.ID, Direction: "in", Name: m.Name, Text: m.Text, Sent: stamp(at(m)), Read: s.matter.hasRead(m)}
		if m.Direction == message.Out {
			one.Direction, one.Name = "out", "" // who of us wrote it is ours to know
		}
		for i, a := range m.Attachments {
			one.Attachments = append(one.Attachments, attachmentBody{a.Name, a.Type, a.Size, attachmentURL(r, m.ID, i)})
		}
		body.Messages = append(body.Messages, one)
	}
	return body
}
