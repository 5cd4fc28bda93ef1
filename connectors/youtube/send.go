package youtube

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"loket/connectors"
	"loket/connectors/poll"
	"loket/connectors/vendor"
	"loket/internal/message"
)

const overQuota = "the day's quota of the project at Google is used up"

// reasons put refusals in words of ours.
func reasons() []vendor.Reason {
	return []vendor.Reason{
		{Status: 401, Means: "YouTube does not take the access token", Verdict: vendor.Retry},
		{Status: 403, Says: "quotaexceeded", Means: overQuota, Verdict: vendor.Retry},
		{Status: 403, Says: "dailylimitexceeded", Means: overQuota, Verdict: vendor.Retry},
		{Status: 403, Says: "ratelimitexceeded", Means: "YouTube is asked too often", Verdict: vendor.Retry},
		{Status: 403, Says: "accessnotconfigured", Means: "the YouTube Data API is not enabled in the project at Google", Verdict: vendor.Retry},
		{Status: 403, Says: "insufficientpermissions", Means: "the refresh_token is not for the scope youtube.force-ssl", Verdict: vendor.Retry},
		{Status: 403, Says: "commentsdisabled", Means: "comments are switched off under this video"},
		{Status: 403, Says: "ineligibleaccount", Means: "the owner's account must be joined with Google+, or with a channel, to comment"},
		{Status: 403, Means: "YouTube does not let us do this"},
		{Status: 404, Means: "the comment that is answered is gone"},
		{Status: 400, Says: "commenttexttoolong", Means: "the answer is longer than YouTube allows"},
		{Status: 400, Says: "parentcommentisprivate", Means: "the comment that is answered is not public"},
		{Status: 400, Says: "processingfailure", Means: "YouTube could not take the answer"},
	}
}

// answered is the comment that m answers, and whose conversation it is.
func answered(m *message.Message) (who, id string) {
	if len(m.References) == 0 {
		return "", ""
	}
	parts := strings.Split(m.References[len(m.References)-1], "/")
	if len(parts) < 2 {
		return "", ""
	}
	return parts[0], parts[1]
}

// thread is that of a comment: ids of answers are those of their thread, a dot and the rest.
func thread(id string) string {
	top, _, _ := strings.Cut(id, ".")
	return top
}

// Check says in words for people why YouTube would not take m.
func (c *Channel) Check(m *message.Message) error {
	_, id := answered(m)
	switch n := len([]rune(says(m))); {
	case !m.Public:
		return connectors.Refuse("YouTube has no private messages: answer by another channel, or in public")
	case id == "":
		return connectors.Refuse("there is no comment to answer")
	case n > c.cfg.MaxLength:
		return connectors.Refuse("an answer on YouTube must be at most %d characters (with the name of whom it answers), not %d", c.cfg.MaxLength, n)
	case len(m.Attachments) > 0:
		return connectors.Refuse("YouTube takes no files with comments")
	case strings.TrimSpace(m.Text) == "":
		return connectors.Refuse("there is nothing to send")
	}
	return nil
}

// says is the text of an answer: who answered in a thread of somebody else is named.
func says(m *message.Message) string {
	_, id := answered(m)
	i := slices.IndexFunc(m.To, func(to message.Identifier) bool { return to.Kind == "yt.handle" })
	if !strings.Contains(id, ".") || i < 0 || strings.Contains(strings.ToLower(m.Text), "@"+m.To[i].Value) {
		return m.Text
	}
	return "@" + m.To[i].Value + " " + m.Text
}

// sentAs names what is sent by what of it YouTube shows again.
func sentAs(thread, text string) string {
	return message.NewID([]byte(thread), []byte(strings.Join(strings.Fields(text), " ")))
}

// Send answers beneath a comment.
func (c *Channel) Send(ctx context.Context, m *message.Message) (connectors.Receipt, error) {
	if err := c.Check(m); err != nil {
		return connectors.Receipt{}, connectors.Permanent(err)
	}
	if err := c.budget.Draw(ctx, answerUnits); err != nil {
		return connectors.Receipt{}, c.budget.UntilMidnight(err)
	}
	_, id := answered(m)
	what := sentAs(thread(id), says(m))
	if err := c.sent.Add(ctx, what); err != nil {
		return connectors.Receipt{}, err
	}
	body := map[string]any{"snippet": map[string]any{"parentId": thread(id), "textOriginal": says(m)}}
	made, err := c.api.Field(ctx, vendor.Call{Path: "/comments", Query: url.Values{"part": {"snippet"}}, JSON: body}, "id")
	if err != nil {
		if connectors.IsPermanent(err) {
			_ = c.sent.Drop(ctx, what) // somebody may write the same on YouTube itself now
		}
		return connectors.Receipt{}, c.budget.UntilMidnight(c.overQuota(err))
	}
	return c.took(ctx, m, made), nil
}

// took notes what an answer is called. Without the note it is found by its words.
func (c *Channel) took(ctx context.Context, m *message.Message, made string) connectors.Receipt {
	who, id := answered(m)
	c.sent.Sent(ctx, sentAs(thread(id), says(m)), made)
	c.noting.Lock()
	defer c.noting.Unlock()
	_ = c.taken.Took(ctx, thread(id), m.ID, made)
	return connectors.Receipt{ID: ref(who, made), State: connectors.Sent}
}

// Find looks whether YouTube has m among the answers in the thread. Another one with the same words is not it: of that it is known which it is.
func (c *Channel) Find(ctx context.Context, m *message.Message) (receipt connectors.Receipt, found bool, err error) {
	_, id := answered(m)
	what := sentAs(thread(id), says(m))
	var own []string
	err = poll.Pages(ctx, maxPages, func(page string) (string, error) {
		if err := c.budget.Draw(ctx, pageUnits); err != nil { // of the part for answers
			return "", err
		}
		items, next, err := c.page(ctx, "/comments", url.Values{"part": {"snippet"}, "parentId": {thread(id)}}, page)
		for _, one := range items {
			s := one.Fields
			for _, text := range []string{s["snippet.textOriginal"], s["snippet.textDisplay"]} {
				if author(s) == c.cfg.ChannelID && sentAs(thread(id), text) == what && !slices.Contains(own, s["id"]) {
					own = append(own, s["id"])
				}
			}
		}
		return next, err
	})
	if err != nil {
		return receipt, false, c.budget.UntilMidnight(fmt.Errorf("look for the answer: %w", c.overQuota(err)))
	}
	for _, one := range own {
		other, err := c.taken.IsOther(ctx, thread(id), m.ID, one)
		if err != nil {
			return receipt, false, err
		}
		if !other {
			return c.took(ctx, m, one), true, nil
		}
	}
	return receipt, false, nil
}

// Setup says what must be set at Google, and whether the tokens are right.
func (c *Channel) Setup(ctx context.Context) ([]string, error) {
	lines := []string{
		"console.cloud.google.com: a project with the YouTube Data API v3 enabled, and an OAuth client of the type desktop or web.",
		"Publish its consent screen: while it is in testing, refresh tokens end after seven days.",
		"The channel's owner signs in once for the scope " + scope + " with access_type=offline; what comes is the refresh_token.",
	}
	mine, err := c.api.Fields(ctx, vendor.Call{Path: "/channels", Query: url.Values{"part": {"snippet"}, "mine": {"true"}}})
	if err != nil {
		return lines, fmt.Errorf("ask YouTube whose token it is: %w", err)
	}
	for one := range mine.Each("items") { // there is no such list where there is no channel
		if one["id"] == c.cfg.ChannelID {
			return append(lines, fmt.Sprintf("right    the token is that of the owner of %q", one["snippet.title"])), nil
		}
	}
	return append(lines, "WRONG    the token is not that of the owner of channel_id"), nil
}

var _ = []any{
	connectors.Sender((*Channel)(nil)), connectors.Finder((*Channel)(nil)), connectors.Checker((*Channel)(nil)), connectors.Guide((*Channel)(nil)),
	connectors.Troubled((*Channel)(nil)), connectors.Metered((*Channel)(nil)),
}
