package youtube

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"loket/connectors"
	"loket/connectors/hook"
	"loket/connectors/poll"
	"loket/connectors/vendor"
	"loket/internal/message"
)

// Warnings for the agent.
const (
	MarkEdited = "edited since it was written"
	MarkHeld   = "held for review: nobody else sees it until it is let through on YouTube"
)

const (
	overlap  = time.Hour // how far behind the newest comment is asked again
	maxPages = 20
	kept     = 10 // answers in a thread of which it is noticed when they go
	heldBack = "held"
	missing  = "!"    // before what was not there when it was looked for, once
	lookOnce = "look" // more, whatever the digest
)

// References bear who wrote before the comment, so that each of those who talk in one thread has a conversation of their own.
func ref(parts ...string) string { return strings.Join(parts, "/") }

// at is when a comment was written, as one that later times come after.
func at(c vendor.Fields) string {
	t, err := time.Parse(time.RFC3339, c["snippet.publishedAt"])
	if err != nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// feed takes in new threads; YouTube lists the newest first, and there is no since.
func (c *Channel) feed(key, status string) *poll.Feed[vendor.Item] {
	id := func(t vendor.Item) string { return at(t.Under("snippet.topLevelComment")) + " " + t.Fields["id"] }
	back := func(position string, by time.Duration) string {
		t, err := time.Parse(time.RFC3339, strings.SplitN(position, " ", 2)[0])
		if err != nil {
			t = time.Now().Add(-c.cfg.First).Add(by)
		}
		return t.Add(-by).UTC().Format(time.RFC3339)
	}
	return &poll.Feed[vendor.Item]{
		Cursor: c.env.Cursor, Key: key, ID: id, Compare: strings.Compare,
		Forget: func(position string) string { return back(position, 2*overlap) },
		Pages:  maxPages, Page: func(ctx context.Context, position, page string) ([]vendor.Item, string, error) {
			if err := c.budget.Spend(ctx, 0); err != nil {
				return nil, "", err
			}
			query := url.Values{"part": {"snippet,replies"}, "allThreadsRelatedToChannelId": {c.cfg.ChannelID}, "order": {"time"}, "moderationStatus": {status}}
			threads, next, err := c.page(ctx, "/commentThreads", query, page)
			if err != nil {
				return nil, "", err
			}
			if err := c.budget.Spend(ctx, pageUnits); err != nil && !errors.Is(err, errSpent) { // which the next page is told
				return nil, "", err
			}
			since := back(position, overlap)
			for i, t := range threads {
				if when := at(t.Under("snippet.topLevelComment")); when != "" && when < since {
					return threads[:i], "", nil
				}
			}
			return threads, next, nil
		},
		Take: func(ctx context.Context, t vendor.Item) error {
			state, err := c.takeThread(ctx, t, "", status == "heldForReview")
			if connectors.IsPermanent(err) { // of this thread alone
				c.Refused(hook.Unreadable, err)
				return t.Quarantine(ctx, c.env, "youtube", "the answers to this comment of YouTube cannot be read")
			}
			if err != nil || state == "" {
				return err
			}
			return c.watched.Add(ctx, ref(author(t.Under("snippet.topLevelComment")), t.Fields["id"]), state)
		},
	}
}

// page reads one page of a list.
func (c *Channel) page(ctx context.Context, path string, query url.Values, page string) (items []vendor.Item, next string, err error) {
	query.Set("textFormat", "plainText")
	if query.Get("id") == "" {
		query.Set("maxResults", "100")
	}
	if page != "" {
		query.Set("pageToken", page)
	}
	items, rest, err := c.api.List(ctx, vendor.Call{Path: path, Query: query}, "items")
	return items, rest["nextPageToken"], err
}

// pages reads a list to its end within the day's budget.
func (c *Channel) pages(ctx context.Context, path string, query url.Values, take func(vendor.Item)) error {
	return c.budget.Pages(ctx, maxPages, func(page string) (string, int, error) {
		items, next, err := c.page(ctx, path, query, page)
		for _, item := range items {
			take(item)
		}
		return next, pageUnits, err
	})
}

// author is who wrote a comment; YouTube does not say it of all, and those have nobody else's conversation.
func author(c vendor.Fields) string {
	id, err := message.NewIdentifier("yt", "", c["snippet.authorChannelId.value"], message.Attested)
	if err != nil {
		return "?" + c["id"]
	}
	return id.Value
}

// takeThread takes in what is new in a thread of which this was known before, and gives what is known now; "" when it can't be read.
func (c *Channel) takeThread(ctx context.Context, t vendor.Item, before string, held bool) (string, error) {
	top := t.Under("snippet.topLevelComment")
	if t.Fields["id"] == "" || at(top) == "" {
		c.Refused(hook.Unreadable, nil)
		return "", t.Quarantine(ctx, c.env, "youtube", "this comment of YouTube cannot be read: it has no id or no time")
	}
	answers := slices.Collect(t.Each("replies.comments"))
	whole := t.Int("snippet.totalReplyCount") <= int64(len(answers))
	if !whole {
		answers = nil
		if err := c.pages(ctx, "/comments", url.Values{"part": {"snippet"}, "parentId": {t.Fields["id"]}}, func(one vendor.Item) {
			answers = append(answers, one.Fields)
		}); err != nil {
			return "", err
		}
	}
	slices.SortFunc(answers, func(a, b vendor.Fields) int { return strings.Compare(at(a), at(b)) })
	refs := []string{}
	all := append([]vendor.Fields{top}, answers...)
	for i, one := range all {
		if err := c.take(ctx, one, t.Fields, all[:i], held); err != nil {
			return "", err
		}
		refs = append(refs, ref(author(one), one["id"]))
	}
	lost, err := c.lost(ctx, refs, strings.Fields(before))
	if err != nil {
		return "", err
	}
	first := digest(t.Fields)
	switch {
	case held:
		first = heldBack
	case len(lost) > 0:
		first = lookOnce
	}
	return strings.Join(slices.Concat([]string{first}, refs[max(1, len(refs)-kept):], lost), " "), nil
}

// lost notes which answers that were known before are gone, and gives those that are missing for the first time: a list may be short once.
func (c *Channel) lost(ctx context.Context, refs, before []string) (first []string, err error) {
	for _, one := range before[min(1, len(before)):] {
		known, again := strings.CutPrefix(one, missing)
		switch {
		case slices.Contains(refs, known):
		case !again:
			first = append(first, missing+known)
		default:
			if err := c.takeDeleted(ctx, known); err != nil {
				return nil, err
			}
		}
	}
	return first, nil
}

// digest changes with what is seen of a thread: its comment, how many answers it has, and the newest of them.
func digest(t vendor.Fields) string {
	parts := []string{t["snippet.totalReplyCount"], t["snippet.topLevelComment.snippet.updatedAt"]}
	for one := range t.Each("replies.comments") {
		parts = append(parts, one["id"]+one["snippet.updatedAt"])
	}
	return message.NewID([]byte(strings.Join(parts, " ")))
}

// lookAgain looks at threads that were taken in: new answers stand on no first page.
func (c *Channel) lookAgain(ctx context.Context, due []poll.Watched) (map[string]string, error) {
	states, ids := map[string]string{}, []string{}
	for _, w := range due {
		_, id, _ := strings.Cut(w.ID, "/")
		ids = append(ids, id)
	}
	now := map[string]vendor.Item{}
	err := c.pages(ctx, "/commentThreads", url.Values{"part": {"snippet,replies"}, "id": {strings.Join(ids, ",")}}, func(t vendor.Item) {
		now[t.Fields["id"]] = t
	})
	for i := 0; i < len(due) && err == nil; i++ {
		var state string
		t, there := now[ids[i]]
		if state, err = c.changed(ctx, due[i], t, there); connectors.IsPermanent(err) { // of this thread alone: in its turn
			c.Refused(hook.Unreadable, err)
			state, err = due[i].State, nil
		}
		if err == nil {
			states[due[i].ID] = state
		}
	}
	return states, err
}

// changed takes in what changed in a thread, and gives how it is now.
func (c *Channel) changed(ctx context.Context, w poll.Watched, t vendor.Item, there bool) (string, error) {
	state, again := strings.CutPrefix(w.State, missing)
	known, _, _ := strings.Cut(state, " ")
	switch {
	case !there && known == heldBack: // it may be shown by its id only when it is let through
		return state, nil
	case !there && !again:
		return missing + state, nil
	case !there:
		return "", c.takeDeleted(ctx, w.ID)
	case digest(t.Fields) == known:
		return state, nil
	}
	return c.takeThread(ctx, t, state, false)
}

// take takes responsibility for a comment; before are those in its thread that are older.
func (c *Channel) take(ctx context.Context, one, thread vendor.Fields, before []vendor.Fields, held bool) error {
	m := c.read(one, thread)
	if author(one) == c.cfg.ChannelID {
		return c.takeOwn(ctx, m, one, thread, before)
	}
	event := "comment"
	if held {
		m.Mark(MarkHeld)
	}
	if len(m.Marks) > 0 && m.Marks[0] == MarkEdited {
		event = "edited"
	}
	if err := c.env.Accept(ctx, m); err != nil {
		return err
	}
	c.Took(event, "polling")
	return nil
}

// read makes the message of a comment. One that was edited is another than it was before.
func (c *Channel) read(one, thread vendor.Fields) *message.Message {
	now := time.Now().UTC()
	own, id := ref(author(one), one["id"]), thread["id"]
	m := &message.Message{
		ID: c.id(one["id"]), Connector: c.env.Name, Channel: "youtube", Public: true, Own: own, References: []string{ref(author(one), id)}, Sent: now, Received: now,
		Name: message.Head(message.CleanLine(one["snippet.authorDisplayName"]), 200), Text: message.Head(message.CleanText(cmp.Or(one["snippet.textOriginal"], one["snippet.textDisplay"])), 64<<10),
	}
	if own == m.References[0] {
		m.References = nil
	}
	if video := cmp.Or(one["snippet.videoId"], thread["snippet.videoId"]); video != "" {
		m.AnswersLink = "https://www.youtube.com/watch?v=" + url.QueryEscape(video)
		m.Link = m.AnswersLink + "&lc=" + url.QueryEscape(one["id"])
	}
	if t, err := time.Parse(time.RFC3339, one["snippet.publishedAt"]); err == nil && t.Before(now) {
		m.Sent = t.UTC()
	}
	if edited, err := time.Parse(time.RFC3339, one["snippet.updatedAt"]); err == nil && edited.After(m.Sent) && edited.Before(now) {
		when := edited.UTC().Format(time.RFC3339)
		m.ID, m.Own, m.Sent = c.id(one["id"], when), ref(own, when), edited.UTC()
		m.References = append([]string{own}, m.References...)
		m.Mark(MarkEdited)
	}
	m.Received = m.Sent // however late we ask: they have waited since
	m.AddFrom("yt", "", one["snippet.authorChannelId.value"], message.Attested)
	if handle := handleOf(one); handle != "" && len(m.From) > 0 {
		m.AddFrom("yt.handle", "", handle, message.Attested)
	}
	if m.Text == "" {
		m.Text = "(only YouTube shows it)"
	}
	return m
}

func unescaped(s string) string {
	if plain, err := url.PathUnescape(s); err == nil {
		return plain
	}
	return s
}

func (c *Channel) id(parts ...string) string {
	return message.NewID([]byte("youtube"), []byte(c.cfg.ChannelID), []byte(strings.Join(parts, "\x00")))
}

// takeOwn takes in what somebody of ours answered on YouTube itself.
func (c *Channel) takeOwn(ctx context.Context, m *message.Message, one, thread vendor.Fields, before []vendor.Fields) error {
	ours, err := c.sent.Recognise(ctx, sentAs(thread["id"], m.Text), one["id"])
	to := c.addressee(m.Text, before)
	if err != nil || ours || to == nil {
		return err
	}
	m.Direction, m.From, m.Name, m.To, m.Marks = message.Out, nil, "", c.read(to, thread).From, nil
	m.Own, m.References = ref(author(to), one["id"]), []string{ref(author(to), thread["id"])}
	if err := c.env.Accept(ctx, m); err != nil {
		return err
	}
	c.Took("own", "polling")
	return nil
}

// addressee is the comment that one of ours answers, of those before it: the newest of whom it names first, else the newest of a customer. It is
// nil where no customer wrote.
func (c *Channel) addressee(text string, before []vendor.Fields) (newest vendor.Fields) {
	named, _, _ := strings.Cut(strings.TrimLeft(text, " \u00a0\u200b\ufeff"), " ")
	for _, one := range slices.Backward(before) {
		if author(one) == c.cfg.ChannelID {
			continue
		}
		if handle := handleOf(one); handle != "" && strings.EqualFold(strings.TrimRight(named, ",.:;!?\u00a0\u200b"), "@"+handle) {
			return one
		}
		if newest == nil {
			newest = one
		}
	}
	return newest
}

// handleOf is how who wrote a comment is named in answers; "" when that is not known.
func handleOf(one vendor.Fields) string {
	_, handle, _ := strings.Cut(one["snippet.authorChannelUrl"], "youtube.com/@")
	return unescaped(handle)
}

// takeDeleted notes in the conversation that a comment is not there any more.
func (c *Channel) takeDeleted(ctx context.Context, gone string) error {
	if strings.HasPrefix(gone, c.cfg.ChannelID+"/") {
		return nil
	}
	m := &message.Message{
		ID: c.id(gone, "deleted"), Connector: c.env.Name, Channel: "youtube", Direction: message.Out, Automatic: message.Notice, Public: true,
		Text: "A comment of this conversation is gone: its author deleted it, or it was taken away.", References: []string{gone}, Received: time.Now().UTC(),
	}
	c.Took("deleted", "polling")
	return c.env.Accept(ctx, m)
}
