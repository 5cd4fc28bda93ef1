package bluesky

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"loket/connectors/hook"
	"loket/connectors/poll"
	"loket/connectors/vendor"
	"loket/internal/message"
)

// MarkMedia marks a post with a picture, a film, or another post in it.
const MarkMedia = "there is more than text: see it on Bluesky"

const (
	overlap   = 10 * time.Minute // behind the newest: posts are not always listed in the order of their instants
	maxPages  = 40
	forAll    = "post" // begins the ids of what we wrote for everybody
	there     = "there"
	missing   = "missing" // once; a server that lists too little says that of all
	postsOf   = "/app.bsky.feed.post/"
	separator = " "
)

// A place is what a post is known by: did:plc:kate/3l6o…, out of at://did:plc:kate/app.bsky.feed.post/3l6o….
func place(uri string) string {
	return strings.Replace(strings.TrimPrefix(uri, "at://"), postsOf, "/", 1)
}

func uri(place string) string { return "at://" + strings.Replace(place, "/", postsOf, 1) }

// References bear the customer before the post, so that each of many who answer one post of ours has a conversation of their own.
func ref(who, post string) string { return who + separator + post }

func link(place string) string {
	who, key, ok := strings.Cut(place, "/")
	if !ok {
		return ""
	}
	return "https://bsky.app/profile/" + url.PathEscape(who) + "/post/" + url.PathEscape(key)
}

// A source gives one page of what there is, the newest first.
type source func(ctx context.Context, page string) (items []vendor.Item, next string, err error)

// feed takes in what is new; Bluesky lists the newest first, and there is no since.
func (a *Account) feed(key string, list source, take func(context.Context, vendor.Item) error) *poll.Feed[vendor.Item] {
	id := func(p vendor.Item) string { return at(p) + " " + p.Fields["uri"] + p.Fields["post.uri"] }
	back := func(position string, by time.Duration) string {
		t, err := time.Parse(time.RFC3339, strings.SplitN(position, " ", 2)[0])
		if err != nil {
			t = time.Now().Add(-a.cfg.First).Add(by)
		}
		return t.Add(-by).UTC().Format(sortable)
	}
	return &poll.Feed[vendor.Item]{
		Cursor: a.env.Cursor, Key: key, ID: id, Compare: strings.Compare, Take: take, Forget: func(position string) string { return back(position, 2*overlap) },
		Pages: maxPages, Page: func(ctx context.Context, position, page string) ([]vendor.Item, string, error) {
			since := back(position, overlap)
			items, next, err := list(ctx, page)
			for i, p := range items {
				if when := at(p); when != "" && when < since {
					return items[:i], "", err
				}
			}
			return items, next, err
		},
	}
}

const sortable = "2006-01-02T15:04:05.000Z07:00"

// at is when Bluesky came to know a post, as a text that later ones come after.
func at(p vendor.Item) string {
	t, err := time.Parse(time.RFC3339, cmp.Or(p.Fields["indexedAt"], p.Fields["post.indexedAt"]))
	if err != nil {
		return ""
	}
	return t.UTC().Format(sortable)
}

func (a *Account) listPosts(ctx context.Context, page string) ([]vendor.Item, string, error) {
	query := url.Values{"reasons": {"mention", "reply", "quote"}, "limit": {"100"}, "cursor": {page}}
	return a.list(ctx, "/app.bsky.notification.listNotifications", query, "notifications")
}

func (a *Account) listOwn(ctx context.Context, page string) ([]vendor.Item, string, error) {
	self, _ := a.session.did(ctx) // the loop has looked
	items, next, err := a.list(ctx, "/app.bsky.feed.getAuthorFeed", url.Values{"actor": {self}, "filter": {"posts_with_replies"}, "limit": {"50"}, "cursor": {page}}, "feed")
	// What was said again, or kept at the top, is as old as it is, and stands before what is newer.
	return slices.DeleteFunc(items, func(p vendor.Item) bool { return p.Fields["reason.$type"] != "" }), next, err
}

func (a *Account) list(ctx context.Context, path string, query url.Values, name string) ([]vendor.Item, string, error) {
	if query.Get("cursor") == "" {
		query.Del("cursor")
	}
	items, rest, err := a.api.List(ctx, vendor.Call{Path: path, Query: query}, name)
	return items, rest["cursor"], err
}

// takePost takes responsibility for a post to us.
func (a *Account) takePost(ctx context.Context, p vendor.Item) error {
	switch p.Fields["reason"] {
	case "mention", "reply", "quote", "":
	default: // of a server that does not know what to leave out
		return nil
	}
	m := a.read(p.Fields)
	if !strings.Contains(p.Fields["uri"], postsOf) || len(m.From) == 0 {
		a.Refused(hook.Unreadable, nil)
		return p.Quarantine(ctx, a.env, "bluesky", "this post of Bluesky cannot be read: it has no address, or nobody wrote it")
	}
	if err := a.env.Accept(ctx, m); err != nil {
		return err
	}
	a.Took("post", "polling")
	return a.watched.Add(ctx, place(p.Fields["uri"]), there)
}

// read makes the message of a post.
func (a *Account) read(p vendor.Fields) *message.Message {
	now := time.Now().UTC()
	who, own := p["author.did"], place(p["uri"])
	m := &message.Message{
		ID: message.NewID([]byte("bluesky"), []byte(a.cfg.Handle), []byte(own)), Connector: a.env.Name, Channel: "bluesky", Public: true, Own: ref(who, own),
		Name: message.Head(message.CleanLine(p["author.displayName"]), 200), Text: message.Head(message.CleanText(whole(p)), 64<<10),
		Link: link(own), Language: message.Head(message.CleanLine(p["record.langs.0"]), 10), Sent: now,
	}
	if t, err := time.Parse(time.RFC3339, p["indexedAt"]); err == nil && t.Before(now) {
		m.Sent = t.UTC() // what its author says when it was written may be any time
	}
	m.Received = m.Sent // however late we ask: they have waited since
	for _, earlier := range []string{p["record.reply.root.uri"], p["record.reply.parent.uri"]} {
		if one := ref(who, place(earlier)); earlier != "" && !slices.Contains(m.References, one) {
			m.References, m.Answers, m.AnswersLink = append(m.References, one), append(m.Answers, ref(forAll, place(earlier))), link(place(earlier))
		}
	}
	if quoted := cmp.Or(p["record.embed.record.uri"], p["record.embed.record.record.uri"]); quoted != "" {
		m.Answers, m.AnswersLink = append(m.Answers, ref(forAll, place(quoted))), cmp.Or(m.AnswersLink, link(place(quoted)))
	}
	if kind := p["record.embed.$type"]; kind != "" && kind != "app.bsky.embed.external" {
		m.Mark(MarkMedia)
	}
	m.From = people(p.Under("author"))
	if m.Name == "" && len(m.From) > 1 {
		m.Name = m.From[1].Value
	}
	if m.Text == "" {
		m.Text = "(only Bluesky shows it)"
	}
	return m
}

// people are the identifiers of an account: its DID stays, its name need not.
func people(account vendor.Fields) []message.Identifier {
	var m message.Message
	m.AddFrom("did", "", account["did"], message.Attested)
	if account["handle"] != "handle.invalid" { // which stands for one that does not lead back to the account
		m.AddFrom("bsky", "", account["handle"], message.Attested)
	}
	return m.From
}

// whole is the text of a post with the links that it shows shortened. Where they are counts in bytes.
func whole(p vendor.Fields) string {
	text := p["record.text"]
	type cut struct {
		at   int
		link string
	}
	var cuts []cut
	for f := range p.Each("record.facets") {
		from, to, link := int(f.Int("index.byteStart")), int(f.Int("index.byteEnd")), f["features.0.uri"]
		if link != "" && 0 <= from && from < to && to <= len(text) && !strings.Contains(link, text[from:to]) {
			cuts = append(cuts, cut{to, " (" + link + ")"})
		}
	}
	slices.SortFunc(cuts, func(a, b cut) int { return cmp.Compare(b.at, a.at) })
	for _, c := range cuts {
		text = text[:c.at] + c.link + text[c.at:]
	}
	return text
}

// takeOwn takes in what somebody of ours posted in another program than this.
func (a *Account) takeOwn(ctx context.Context, e vendor.Item) error {
	self, _ := a.session.did(ctx)
	p := e.Under("post")
	own := place(p["uri"])
	_, key, _ := strings.Cut(own, "/")
	ours, err := a.sent.Has(ctx, key)
	if err != nil || ours || p["author.did"] != self {
		return err
	}
	m := a.read(p)
	m.Direction, m.From, m.Name, m.Answers, m.References = message.Out, nil, "", nil, nil
	parent := e.Under("reply.parent.author")
	m.Own = ref(forAll, own)
	if who := parent["did"]; who != "" && who != self {
		m.To, m.Own = people(parent), ref(who, own)
		m.References = []string{ref(who, place(p["record.reply.root.uri"])), ref(who, place(p["record.reply.parent.uri"]))}
		m.References = slices.Compact(m.References)
	}
	if err := a.env.Accept(ctx, m); err != nil {
		return err
	}
	a.Took("own", "polling")
	return nil
}

// posts are those of some places that are there, by their places.
func (a *Account) posts(ctx context.Context, places ...string) (map[string]vendor.Fields, error) {
	query := url.Values{}
	for _, one := range places {
		query.Add("uris", uri(one))
	}
	items, _, err := a.api.List(ctx, vendor.Call{Path: "/app.bsky.feed.getPosts", Query: query}, "posts")
	all := map[string]vendor.Fields{}
	for _, p := range items {
		all[place(p.Fields["uri"])] = p.Fields
	}
	return all, err
}

// lookAgain looks which posts were deleted. There are no edits.
func (a *Account) lookAgain(ctx context.Context, due []poll.Watched) (map[string]string, error) {
	states := map[string]string{}
	var places []string
	for _, w := range due {
		places = append(places, w.ID)
	}
	now, err := a.posts(ctx, places...)
	for i := 0; i < len(places) && err == nil; i++ {
		switch {
		case now[places[i]] != nil:
			states[places[i]] = there
		case due[i].State != missing:
			states[places[i]] = missing
		default:
			if err = a.takeDeleted(ctx, places[i]); err == nil {
				states[places[i]] = ""
			}
		}
	}
	return states, err
}

// takeDeleted notes in the conversation that a post is not there any more.
func (a *Account) takeDeleted(ctx context.Context, place string) error {
	who, _, _ := strings.Cut(place, "/")
	m := &message.Message{
		ID: message.NewID([]byte("bluesky"), []byte(a.cfg.Handle), []byte(place), []byte("deleted")), Connector: a.env.Name, Channel: "bluesky", Public: true,
		Direction: message.Out, Automatic: message.Notice, Text: "A post of this conversation is gone: its author deleted it, or shows it to us no more.",
		References: []string{ref(who, place)}, Received: time.Now().UTC(),
	}
	a.Took("deleted", "polling")
	return a.env.Accept(ctx, m)
}
