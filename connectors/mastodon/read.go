package mastodon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"loket/connectors/email/quote"
	"loket/connectors/fetch"
	"loket/connectors/hook"
	"loket/connectors/poll"
	"loket/connectors/vendor"
	"loket/internal/message"
)

// Warnings for the agent.
const (
	MarkEdited    = "edited: it replaces what was said before"
	MarkWarning   = "behind a content warning"
	MarkMachine   = "from an account that says that it is a machine"
	MarkFollowers = "for their followers: not everybody can read it"
	MarkMedia     = "a file could not be fetched: see it on Mastodon"
	MarkDisguised = "a file is not what it says it is"
)

// References of posts bear the customer's account before the post, so that each of many who answer one post of ours has a
// conversation of their own. What we wrote for everybody is under forAll, what is for one person alone also under private and their name.
const (
	forAll   = "post"
	private  = "direct"
	fileWait = 2 * time.Minute // how long a message waits for its files
	// fileKnown is how long it is known that one was tried before, longer than it can go on being listed.
	fileKnown = 24 * time.Hour
	maxFiles  = 8
)

func ref(parts ...string) string { return strings.Join(parts, "/") }

// takeMention takes responsibility for a post that names us.
func (a *Account) takeMention(ctx context.Context, e vendor.Item) error {
	if kind := e.Fields["type"]; kind != "mention" && kind != "quote" && kind != "" {
		a.Refused("other", nil)
		return nil
	}
	s := e.Under("status")
	m, files := a.read(s)
	if s["id"] == "" || len(m.From) == 0 {
		a.Refused(hook.Unreadable, nil)
		return e.Quarantine(ctx, a.env, "mastodon", "this post of Mastodon cannot be read: it has no id, or nobody wrote it")
	}
	if at := instant(e.Fields["created_at"]); !at.IsZero() && at.Before(time.Now()) {
		m.Received = at // by our server's clock; when it was written is said by the server of who wrote it
	}
	if err := a.files.AttachWhile(ctx, m, files, fetch.FromFirstTry(a.env.Cursor.Once, m.ID, fileWait, fileKnown)); err != nil {
		return err
	}
	if err := a.env.Accept(ctx, m); err != nil {
		return err
	}
	a.Took("mention", "polling")
	return a.watched.Add(ctx, m.Own, state(s))
}

// read makes the message of a post of somebody else.
func (a *Account) read(s vendor.Fields) (*message.Message, []fetch.File) {
	now := time.Now().UTC()
	m := &message.Message{
		ID: a.id(s["id"]), Connector: a.env.Name, Channel: "mastodon", Public: s["visibility"] != "direct", Own: ref(s["account.id"], s["id"]),
		Name: message.Head(message.CleanLine(cmp.Or(s["account.display_name"], s["account.username"])), 200), Subject: message.Head(message.CleanLine(s["spoiler_text"]), 500),
		Text: text(s), Language: message.Head(message.CleanLine(s["language"]), 10), Link: s["url"], Sent: instant(s["created_at"]), Received: now,
	}
	if m.Sent.IsZero() || m.Sent.After(now) {
		m.Sent = now
	}
	m.Received = m.Sent // however late we ask: they have waited since
	m.From = a.people(s.Under("account"))
	if parent := s["in_reply_to_id"]; parent != "" {
		m.References, m.Answers = []string{ref(s["account.id"], parent)}, []string{ref(forAll, parent)}
	}
	if !m.Public {
		m.References = append(m.References, ref(private, a.name(s["account.acct"])))
	}
	for mark, holds := range map[string]bool{MarkWarning: m.Subject != "", MarkMachine: s["account.bot"] == "true", MarkFollowers: s["visibility"] == "private"} {
		if holds {
			m.Mark(mark)
		}
	}
	slices.Sort(m.Marks)
	files := a.filesOf(s, m)
	if m.Text == "" && len(files) == 0 {
		m.Text = "(only Mastodon shows it)"
	}
	return m, files
}

func (a *Account) id(parts ...string) string {
	all := [][]byte{[]byte("mastodon"), []byte(a.cfg.Server)}
	for _, part := range parts {
		all = append(all, []byte(part))
	}
	return message.NewID(all...)
}

// people are the identifiers of an account, of which the servers know who they are: its address stays, its name need not.
func (a *Account) people(account vendor.Fields) []message.Identifier {
	var m message.Message
	m.AddFrom("fedi", "", cmp.Or(account["url"], account["uri"]), message.Attested)
	m.AddFrom("fedi.user", "", a.name(account["acct"]), message.Attested)
	return m.From
}

// name is what everybody calls an account that its own server calls kate alone.
func (a *Account) name(acct string) string {
	if acct != "" && !strings.Contains(acct, "@") {
		acct += "@" + a.known.Load().domain
	}
	return strings.ToLower(acct)
}

var hashtag = regexp.MustCompile(`#(\S+) \(https?://[^\s)]+/tags?/[^\s)]+\)`)

// text is what a post says. The names of people and tags are links there, which say nothing more.
func text(s vendor.Fields) string {
	whole, _ := quote.FromHTML(s["content"])
	for one := range s.Each("mentions") {
		whole = strings.ReplaceAll(whole, "@"+one["username"]+" ("+one["url"]+")", "@"+one["acct"])
	}
	return message.Head(message.CleanText(hashtag.ReplaceAllString(whole, "#$1")), 64<<10)
}

// filesOf gives the files of a post. One that the server has not got yet has no address.
func (a *Account) filesOf(s vendor.Fields, m *message.Message) (files []fetch.File) {
	for one := range s.Each("media_attachments") {
		if len(files) == maxFiles || a.cfg.MaxMedia == 0 {
			m.Mark(MarkMedia)
			break
		}
		u, _ := url.Parse(one["url"]) // of what is none, the client says so
		f := fetch.File{URL: one["url"], Name: "file", Blob: fmt.Sprintf("%s/%d", m.ID, len(files)+1), Sorts: []string{"image/", "video/", "audio/"}}
		if u != nil && u.Path != "" {
			f.Name = message.CleanFileName(path.Base(u.Path))
		}
		if one["url"] == "" {
			f.Locate = func(context.Context) (string, error) { return "", errors.New("the server has not got it yet") }
		}
		files = append(files, f)
	}
	return files
}

// takeOwn takes in what somebody of ours posted in another program than this.
func (a *Account) takeOwn(ctx context.Context, e vendor.Item) error {
	me, s := a.known.Load(), e.Fields
	if ours, err := a.sent.Has(ctx, s["id"]); err != nil || ours || me.app != "" && s["application.name"] == me.app {
		return err
	}
	m, files := a.read(s)
	m.Direction, m.From, m.Name, m.Answers, m.References = message.Out, nil, "", nil, nil
	to := s["in_reply_to_account_id"]
	for one := range s.Each("mentions") {
		if one["id"] == to || to == "" && !m.Public && len(m.To) == 0 {
			to, m.To = one["id"], a.people(one)
			if parent := s["in_reply_to_id"]; parent != "" {
				m.References = []string{ref(to, parent)}
			}
			if !m.Public {
				m.References = append(m.References, ref(private, a.name(one["acct"])))
			}
		}
	}
	switch {
	case len(m.To) > 0:
		m.Own = ref(to, s["id"])
	case m.Public:
		m.Own = ref(forAll, s["id"])
	default: // a note to themselves
		return nil
	}
	if err := a.files.AttachUntil(ctx, m, files, time.Time{}); err != nil {
		return err
	}
	a.Took("own", "polling")
	return a.env.Accept(ctx, m)
}

// state is what of a post is watched.
func state(s vendor.Fields) string { return cmp.Or(s["edited_at"], "as it was written") }

// lookAgain looks whether a post was edited or deleted, of which servers tell only who follows its author.
func (a *Account) lookAgain(ctx context.Context, w poll.Watched) (string, error) {
	customer, id, _ := strings.Cut(w.ID, "/")
	s, err := a.status(ctx, id)
	switch {
	case vendor.Gone(err):
		return "", a.takeDeleted(ctx, customer, id)
	case err != nil:
		return w.State, err
	case state(s) == w.State || s["account.id"] != customer:
		return w.State, nil
	}
	m, files := a.read(s)
	m.ID, m.Own, m.References = a.id(id, s["edited_at"]), ref(w.ID, s["edited_at"]), append([]string{w.ID}, m.References...)
	m.Sent, m.Received = time.Now().UTC(), time.Now().UTC()
	m.Mark(MarkEdited)
	for i := range files {
		files[i].Blob = fmt.Sprintf("%s/%d", m.ID, i+1)
	}
	if err := a.files.AttachUntil(ctx, m, files, time.Time{}); err != nil {
		return w.State, err
	}
	if err := a.env.Accept(ctx, m); err != nil {
		return w.State, err
	}
	a.Took("edited", "polling")
	return state(s), nil
}

// takeDeleted notes in the conversation that a post is not there any more.
func (a *Account) takeDeleted(ctx context.Context, customer, id string) error {
	m := &message.Message{
		ID: a.id(id, "deleted"), Connector: a.env.Name, Channel: "mastodon", Direction: message.Out, Automatic: message.Notice, Public: true,
		Text: "A post of this conversation is gone: its author deleted it, or shows it to us no more.", References: []string{ref(customer, id)}, Received: time.Now().UTC(),
	}
	a.Took("deleted", "polling")
	return a.env.Accept(ctx, m)
}
