package mastodon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"loket/connectors"
	"loket/connectors/poll"
	"loket/connectors/vendor"
	"loket/internal/message"
)

// recipient is what whom m is for is called; "" when they are not on Mastodon.
func recipient(m *message.Message) string {
	i := slices.IndexFunc(m.To, func(id message.Identifier) bool { return id.Kind == "fedi.user" })
	if i < 0 {
		return ""
	}
	return m.To[i].Value
}

// answered is the post that m answers: the last that it refers to.
func answered(m *message.Message) string {
	for _, r := range slices.Backward(m.References) {
		if parts := strings.Split(r, "/"); len(parts) > 1 && parts[0] != private && parts[0] != forAll {
			return parts[1]
		}
	}
	return ""
}

// Reaches gives the channel for names: a post that only its reader sees can go to anybody.
func (a *Account) Reaches(to message.Identifier) string {
	if known := a.known.Load(); to.Kind != "fedi.user" || known != nil && to.Value == a.name(known.name) {
		return ""
	}
	return "mastodon"
}

// References is the conversation with whom m is for alone.
func (a *Account) References(m *message.Message) []string {
	if to := recipient(m); to != "" && !m.Public {
		return []string{ref(private, to)}
	}
	return nil
}

var links = regexp.MustCompile(`https?://[^\s<>"]+`)

// Check says in words for people why the server would not take m. A name counts without its server.
func (a *Account) Check(m *message.Message) error {
	known := cmp.Or(a.known.Load(), &instance{longest: 500, link: 23, files: 4})
	to, _, _ := strings.Cut(recipient(m), "@")
	n := message.Graphemes(links.ReplaceAllString(m.Text+warning(m), strings.Repeat("x", known.link))) + len(to) + len("@ ")
	isPicture := func(f message.Attachment) bool { return strings.HasPrefix(f.Type, "image/") }
	switch {
	case m.Public && answered(m) == "":
		return connectors.Refuse("there is no post to answer")
	case to == "" && answered(m) == "":
		return connectors.Refuse("there is nobody on Mastodon to answer to")
	case !m.Public && to != "" && len(a.others(m.Text, recipient(m))) > 0:
		return a.refuseOthers(m.Text, recipient(m))
	case n > known.longest:
		return connectors.Refuse("a post on this server must be at most %d characters (with the name of whom it answers; a link counts %d), not %d", known.longest, known.link, n)
	case len(m.Attachments) > known.files:
		return connectors.Refuse("a post takes at most %d pictures: send the others in further answers", known.files)
	case slices.ContainsFunc(m.Attachments, func(f message.Attachment) bool { return !isPicture(f) }):
		return connectors.Refuse("only pictures can be sent to Mastodon")
	case strings.TrimSpace(m.Text) == "" && len(m.Attachments) == 0:
		return connectors.Refuse("there is nothing to send")
	}
	return nil
}

// warning is the content warning of what m answers, which stays on the answer.
func warning(m *message.Message) string { return strings.TrimPrefix(m.Subject, "Re: ") }

// Send posts an answer. With the same key the server posts it once within an hour; after that Find has looked.
func (a *Account) Send(ctx context.Context, m *message.Message) (connectors.Receipt, error) {
	if _, err := a.instance(ctx); err != nil {
		return connectors.Receipt{}, err
	}
	if err := a.Check(m); err != nil {
		return connectors.Receipt{}, connectors.Permanent(err)
	}
	form, customer, err := a.compose(ctx, m)
	if err != nil {
		return connectors.Receipt{}, err
	}
	for _, f := range m.Attachments {
		id, err := a.api.Field(ctx, vendor.Call{Path: "/api/v2/media", Form: url.Values{}, File: &vendor.File{Field: "file", Attachment: f, Blobs: a.env.Blobs}}, "id")
		if err != nil {
			return connectors.Receipt{}, err
		}
		form.Add("media_ids[]", id)
	}
	s, err := a.api.Fields(ctx, vendor.Call{Path: "/api/v1/statuses", Form: form, Key: m.ID})
	switch {
	case err != nil:
		return connectors.Receipt{}, err
	case s["id"] == "":
		return connectors.Receipt{}, connectors.InDoubt(errors.New("the server did not say what it made of the answer"))
	}
	who := a.named(s, customer, recipient(m))
	if who == "" {
		return connectors.Receipt{}, connectors.Permanent(connectors.Refuse("the server names nobody of this name in what was posted: they are not told of it, and see it only if it is public"))
	}
	return a.took(ctx, m, who, s["id"]), nil
}

// named is the account among those that a post of ours names for whom it is: by its id, or where that is not known by its name.
func (a *Account) named(s vendor.Fields, id, name string) string {
	for one := range s.Each("mentions") {
		if id != "" && one["id"] == id || id == "" && a.name(one["acct"]) == name {
			return one["id"]
		}
	}
	return ""
}

// mention is a name in a text, as servers find them (app/models/account.rb, MENTION_RE).
var mention = regexp.MustCompile(`(?:^|[^=/\pL\pM\p{Nd}\p{Pc}])@([A-Za-z0-9_]+(?:[.-]+[A-Za-z0-9_]+)*(?:@[\pL\pM\p{Nd}\p{Pc}]+(?:[.-]+[\pL\pM\p{Nd}\p{Pc}]+)*)?)`)

// names are those that a text names, as they are written there.
func names(text string) (all []string) {
	for _, found := range mention.FindAllStringSubmatch(text, -1) {
		all = append(all, found[1])
	}
	return all
}

// isName tells whether an account is meant by a name that stands in a text. Until we know which server is ours one without a server may be it.
func (a *Account) isName(written, name string) bool {
	if a.known.Load() == nil && !strings.Contains(written, "@") {
		user, _, _ := strings.Cut(name, "@")
		return strings.EqualFold(written, user)
	}
	return a.name(written) == strings.ToLower(name)
}

// others are those that a text names beside whom it is for, and ourselves.
func (a *Account) others(text, to string) []string {
	known := a.known.Load()
	return slices.DeleteFunc(names(text), func(one string) bool {
		return a.isName(one, to) || known != nil && a.isName(one, a.name(known.name))
	})
}

// refuseOthers says in words for people that what is for one person alone would go to all who are named in it.
func (a *Account) refuseOthers(text, to string) error {
	return connectors.Refuse("a private post goes to everybody whose name stands in it: write @%s without the @", strings.Join(a.others(text, to), ", @"))
}

// took notes what an answer is called. Without the note it is found by its words.
func (a *Account) took(ctx context.Context, m *message.Message, customer, id string) connectors.Receipt {
	_ = a.sent.AddID(ctx, id) // its application says whose it is, too
	a.noting.Lock()
	defer a.noting.Unlock()
	_ = a.taken.Took(ctx, conversation(m), m.ID, id)
	return connectors.Receipt{ID: ref(customer, id), State: connectors.Sent}
}

// conversation is what the answers to one post, or to one person, are noted under; it names nobody.
func conversation(m *message.Message) string {
	return message.NewID([]byte(cmp.Or(answered(m), recipient(m))))
}

// compose makes the form of an answer: beneath what it answers, named to its author, and no wider than that was.
func (a *Account) compose(ctx context.Context, m *message.Message) (form url.Values, customer string, err error) {
	form, to := url.Values{"visibility": {"direct"}}, recipient(m)
	if id := answered(m); id != "" {
		s, err := a.status(ctx, id)
		if vendor.Gone(err) {
			return nil, "", connectors.Permanent(connectors.Refuse("the post that is answered is gone: its author deleted it, or shows it to us no more"))
		}
		if err != nil {
			return nil, "", err
		}
		form.Set("in_reply_to_id", id)
		if m.Public && (s["visibility"] == "public" || s["visibility"] == "unlisted") { // what is for followers would go to ours
			form.Set("visibility", s["visibility"])
		}
		if s["spoiler_text"] != "" {
			form.Set("spoiler_text", s["spoiler_text"])
		}
		customer, to = s["account.id"], s["account.acct"]
	}
	if form.Get("visibility") == "direct" && len(a.others(m.Text, a.name(to))) > 0 {
		return nil, "", connectors.Permanent(a.refuseOthers(m.Text, a.name(to)))
	}
	form.Set("status", m.Text)
	if !slices.ContainsFunc(names(m.Text), func(one string) bool { return a.isName(one, a.name(to)) }) { // else they are not told of it
		form.Set("status", "@"+to+" "+m.Text)
	}
	if m.Language != "" {
		form.Set("language", m.Language)
	}
	return form, customer, nil
}

// clocksApart is how far the server's clock may be from ours.
const clocksApart = 10 * time.Minute

// Find looks whether the server has m among what we posted since it was written. What it has not may be posted again.
func (a *Account) Find(ctx context.Context, m *message.Message) (receipt connectors.Receipt, found bool, err error) {
	me, err := a.instance(ctx)
	if err != nil {
		return receipt, false, err
	}
	query := url.Values{"limit": {"40"}, "exclude_reblogs": {"true"}}
	err = poll.Pages(ctx, maxPages, func(before string) (string, error) {
		if before != "" {
			query.Set("max_id", before)
		}
		own, _, err := a.api.List(ctx, vendor.Call{Path: "/api/v1/accounts/" + me.self + "/statuses", Query: query}, "")
		for _, e := range own { // the newest first
			if instant(e.Fields["created_at"]).Before(m.Received.Add(-clocksApart)) {
				return "", err
			}
			who, is, err := a.isIt(ctx, m, e.Fields)
			if err != nil {
				return "", err
			}
			if is {
				receipt, found = a.took(ctx, m, who, e.Fields["id"]), true
				return "", nil
			}
			before = e.Fields["id"]
		}
		if len(own) == 0 {
			before = ""
		}
		return before, err
	})
	if err != nil {
		return receipt, false, fmt.Errorf("look for the answer: %w", err)
	}
	return receipt, found, nil
}

// isIt tells whether a post of ours is m, and whom it is for.
func (a *Account) isIt(ctx context.Context, m *message.Message, s vendor.Fields) (who string, is bool, err error) {
	who = cmp.Or(s["in_reply_to_account_id"], a.named(s, "", recipient(m)))
	if who == "" || s["in_reply_to_id"] != answered(m) || words(text(s)) != words(m.Text) {
		return "", false, nil
	}
	other, err := a.taken.IsOther(ctx, conversation(m), m.ID, s["id"])
	return who, !other, err
}

// words are those of a post, without the names before them.
func words(text string) string {
	all := strings.Fields(text)
	for len(all) > 0 && strings.HasPrefix(all[0], "@") {
		all = all[1:]
	}
	return strings.Join(all, " ")
}

// reasons put refusals in words of ours.
func reasons() []vendor.Reason {
	return []vendor.Reason{
		{Status: 401, Means: "Mastodon does not take the access_token", Verdict: vendor.Retry},
		{Status: 403, Says: "scope", Means: "the application lacks a right: loket connectors setup says which", Verdict: vendor.Retry},
		{Status: 403, Says: "disabled", Means: "the account is disabled", Verdict: vendor.Retry},
		{Status: 403, Means: "Mastodon does not let us do this"},
		{Status: 422, Says: "finished processing", Means: "Mastodon is not done with a picture", Verdict: vendor.Retry},
		{Status: 422, Says: "limit", Means: "the post is longer than this server allows"},
		{Status: 422, Means: "Mastodon does not take this post"},
	}
}

// Setup says what must be set on the server, and whether the token is right.
func (a *Account) Setup(ctx context.Context) ([]string, error) {
	lines := []string{
		"On " + a.cfg.Server + ", as the account: Preferences, Development, New application. Its name is yours, no redirect is needed. Rights (scopes):",
		"  profile or read:accounts, read:notifications, read:statuses, write:statuses, write:media",
		"Then give access_token what its page calls your access token. Nothing must reach loket from outside.",
	}
	me, err := a.instance(ctx)
	if err != nil {
		return lines, fmt.Errorf("ask the server who we are: %w", err)
	}
	return append(lines, fmt.Sprintf("right    the token is that of @%s, by the application %q; a post has up to %d characters", a.name(me.name), me.app, me.longest)), nil
}

var _ = []any{
	connectors.Sender((*Account)(nil)), connectors.Finder((*Account)(nil)), connectors.Checker((*Account)(nil)), connectors.Reacher((*Account)(nil)),
	connectors.Referrer((*Account)(nil)), connectors.Guide((*Account)(nil)), connectors.Troubled((*Account)(nil)), connectors.Metered((*Account)(nil)),
}
