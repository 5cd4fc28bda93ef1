package youtube

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
		List: func(ctx context.Context, position string) (threads []vendor.Item, err error) {
			since := back(position, overlap)
			query := url.Values{"part": {"snippet,replies"}, "allThreadsRelatedToChannelId": {c.cfg.ChannelID}, "order": {"time"}, "moderationStatus": {status}}
			err = c.pages(ctx, "/commentThreads", query, func(t vendor.Item) bool {
				if when := at(t.Under("snippet.topLevelComment")); when != "" && when < since {
					return false
				}
				threads = append(threads, t)
				return true
			})
			return threads, err
		},
		Take: func(ctx context.Context, t vendor.Item) error {
			state, err := c.takeThread(ctx, t, "", status == "heldForReview")
			if err != nil || state == "" {
				return err
			}
			return c.watched.Add(ctx, ref(author(t.Under("snippet.topLevelComment")), t.Fields["id"]), state)
		},
	}
}

// pages reads a list within the day's budget, until take has enough.
func (c *Channel) pages(ctx context.Context, path string, query url.Values, take func(vendor.Item) bool) error {
	query.Set("textFormat", "plainText")
	if query.Get("id") == "" {
		query.Set("maxResults", "100")
	}
	return c.budget.Pages(ctx, maxPages, func(page string) (string, int, error) {
		if page != "" {
			query.Set("pageToken", page)
		}
		items, rest, err := c.api.List(ctx, vendor.Call{Path: path, Query: query}, "items")
		next := rest["nextPageToken"]
		for _, item := range items {
			if !take(item) {
				next = ""
			}
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
		return "", c.env.Accept(ctx, t.Unreadable(c.env, "youtube", "this comment of YouTube cannot be read: it has no id or no time"))
	}
	answers := slices.Collect(t.Each("replies.comments"))
	whole := t.Int("snippet.totalReplyCount") <= int64(len(answers))
	if !whole {
		answers = nil
		if err := c.pages(ctx, "/comments", url.Values{"part": {"snippet"}, "parentId": {t.Fields["id"]}}, func(one vendor.Item) bool {
			answers = append(answers, one.Fields)
			return true
		}); err != nil {
			return "", err
		}
	}
	slices.SortFunc(answers, func(a, b vendor.Fields) int { return strings.Compare(at(a), at(b)) })
	refs := []string{}
	for _, one := range append([]vendor.Fields{top}, answers...) {
		if err := c.take(ctx, one, t.Fields, held); err != nil {
			return "", err
		}
		refs = append(refs, ref(author(one), one["id"]))
	}
	for _, gone := range strings.Fields(before)[min(1, len(strings.Fields(before))):] {
		if !slices.Contains(refs, gone) {
			if err := c.takeDeleted(ctx, gone); err != nil {
				return "", err
			}
		}
	}
	first := digest(t.Fields)
	if held {
		first = heldBack
	}
	return strings.Join(append([]string{first}, refs[max(1, len(refs)-kept):]...), " "), nil
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
	err := c.pages(ctx, "/commentThreads", url.Values{"part": {"snippet,replies"}, "id": {strings.Join(ids, ",")}}, func(t vendor.Item) bool {
		now[t.Fields["id"]] = t
		return true
	})
	for i := 0; i < len(due) && err == nil; i++ {
		w := due[i]
		t, there := now[ids[i]]
		known, _, _ := strings.Cut(w.State, " ")
		switch {
		case !there && known == heldBack: // it may be shown by its id only when it is let through
			states[w.ID] = w.State
		case !there:
			if err = c.takeDeleted(ctx, w.ID); err == nil {
				states[w.ID] = ""
			}
		case digest(t.Fields) == known:
			states[w.ID] = w.State
		default:
			var state string
			if state, err = c.takeThread(ctx, t, w.State, false); err == nil {
				states[w.ID] = state
			}
		}
	}
	return states, err
}

// take takes responsibility for a comment.
func (c *Channel) take(ctx context.Context, one, thread vendor.Fields, held bool) error {
	m := c.read(one, thread)
	if author(one) == c.cfg.ChannelID {
		return c.takeOwn(ctx, m, one, thread)
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
	if _, handle, ok := strings.Cut(one["snippet.authorChannelUrl"], "youtube.com/@"); ok && len(m.From) > 0 {
		m.AddFrom("yt.handle", "", unescaped(handle), message.Attested)
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

// takeOwn takes in what somebody of ours answered on YouTube itself: it is to whoever began the thread.
func (c *Channel) takeOwn(ctx context.Context, m *message.Message, one, thread vendor.Fields) error {
	ours, err := c.sent.Recognise(ctx, sentAs(thread["id"], m.Text), one["id"])
	top := thread.Under("snippet.topLevelComment")
	if err != nil || ours || author(top) == c.cfg.ChannelID {
		return err
	}
	to := c.read(top, thread)
	m.Direction, m.From, m.Name, m.To, m.Marks = message.Out, nil, "", to.From, nil
	m.Own, m.References = ref(author(top), one["id"]), []string{ref(author(top), thread["id"])}
	if err := c.env.Accept(ctx, m); err != nil {
		return err
	}
	c.Took("own", "polling")
	return nil
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
