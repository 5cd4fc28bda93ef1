package meta

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"loket/connectors"
	"loket/connectors/fetch"
	"loket/connectors/hook"
	"loket/connectors/vendor"
	"loket/internal/message"
)

// References of public conversations have the customer before the comment: many answer one post of ours, and each of them is a
// conversation of their own. What we wrote for everybody belongs to nobody's.
const (
	public = "public"
	forAll = "post"
)

func ref(parts ...string) string { return strings.Join(parts, "/") }

// takeChange takes what happened in public at a Page or an Instagram account.
func (a *App) takeChange(ctx context.Context, of *asset, raw json.RawMessage) error {
	change := vendor.Flatten(raw)
	v, c := change.Under("value"), comment{}
	switch field := change["field"]; {
	case len(v) == 0 && (field == "feed" || field == "comments" || field == "mention"):
		return a.takeBroken(ctx, of.public, "nothing is in it", raw)
	case of.object == objectPage && field == "feed" && (v["item"] == "comment" || v["item"] == "reply"):
		c = comment{
			id: v["comment_id"], post: v["post_id"], parent: v["parent_id"], from: v["from.id"], name: v["from.name"], verb: v["verb"],
			text: v["message"], link: cmp.Or(v["post.permalink_url"], facebookLink(v["comment_id"])), at: v["created_time"], files: picturesOf(v),
		}
	case of.object == objectPage && field == "mention": // in a comment or a post anywhere
		c = comment{
			id: cmp.Or(v["comment_id"], v["post_id"]), post: v["post_id"], from: firstOf(v, "from.id", "sender_id"), name: firstOf(v, "from.name", "sender_name"),
			verb: cmp.Or(v["verb"], "add"), text: v["message"], at: v["created_time"], unsaid: v["message"] == "",
		}
		c.link = facebookLink(c.id)
	case of.object == objectPage && field == "feed" && v["post_id"] != "" && v["item"] != "reaction" && v["item"] != "like":
		c = comment{id: v["post_id"], from: v["from.id"], name: v["from.name"], verb: v["verb"], text: v["message"], link: facebookLink(v["post_id"]), at: v["created_time"]}
	case of.object == objectInstagram && (field == "comments" || field == "live_comments"):
		c = comment{
			id: v["id"], post: v["media.id"], parent: v["parent_id"], from: v["from.id"], user: v["from.username"], text: v["text"], verb: "add",
			at: firstOf(v, "created_time", "timestamp"),
		}
	case of.object == objectInstagram && field == "mentions" && (isID(v["media_id"]) || isID(v["comment_id"])):
		return a.takeMention(ctx, of, v)
	default:
		a.Refused(hook.Unknown, nil)
		return nil
	}
	if c.id == "" {
		return a.takeBroken(ctx, of.public, "a comment without an id", raw)
	}
	return a.takeComment(ctx, of, c, byWebhook)
}

// A comment is one, or a post, as far as whoever tells of it says.
type comment struct {
	id, post, parent string
	from, name, user string
	verb, text, link string
	at               string
	files            []fetch.File
	unsaid           bool // what it says must be asked
}

// picturesOf are those that a comment shows, as webhooks and lists tell.
func picturesOf(v vendor.Fields) (files []fetch.File) {
	urls := []string{v["photo"], v["video"]}
	if v["attachment.type"] != "share" { // whose picture is of the page that it leads to
		urls = append(urls, firstOf(v, "attachment.media.source", "attachment.media.image.src"))
	}
	for i, u := range urls {
		if u != "" && !slices.Contains(urls[:i], u) {
			files = append(files, fetch.File{URL: u, Name: "picture"})
		}
	}
	return files
}

// writer names who wrote it, in references. Whoever is not known shares no conversation.
func (c *comment) writer() string { return cmp.Or(c.from, c.user, "by-"+c.id) }

// isOurs tells whether somebody is the Page or account itself. On Instagram Meta tells at times by their username alone.
func (a *App) isOurs(ctx context.Context, of *asset, from, user string) (bool, error) {
	if from != "" || user == "" || of.object != objectInstagram {
		return from == of.id, nil
	}
	us, err := a.username(ctx, of)
	return us != "" && strings.EqualFold(us, user), err
}

// username is what an account of ours on Instagram is called, "" when we may not know.
func (a *App) username(ctx context.Context, of *asset) (string, error) {
	if us, ok := a.names.get(of.id); ok {
		return us.username, nil
	}
	is, err := of.api.Fields(ctx, vendor.Call{Path: "/" + of.id, Query: url.Values{"fields": {"username"}}})
	if err != nil && !isFinal(err) {
		return "", fmt.Errorf("look up our username: %w", err)
	}
	a.names.keep(of.id, called{username: is["username"]}, time.Now().Add(nameLasts))
	return is["username"], nil
}

// takeComment takes what somebody wrote in public, changed or took down.
func (a *App) takeComment(ctx context.Context, of *asset, c comment, by string) error {
	isMention := strings.HasPrefix(c.id, "mention:")
	if (c.from == "" && c.user == "" || c.unsaid) && c.verb != "remove" && !isMention {
		if err := a.ask(ctx, of, &c); err != nil {
			return err
		}
	}
	byUs, err := a.isOurs(ctx, of, c.from, c.user)
	if err != nil {
		return err
	}
	words := ""
	if byUs || c.from == "" && c.user == "" { // else a customer says what we say
		words = sentAs(ref(public, c.parent), c.text)
	}
	ours, err := a.own.Recognise(ctx, words, c.id)
	switch {
	case err != nil || ours:
		return err
	case byUs:
		return a.takeOwn(ctx, of, c, by)
	}
	customer := c.writer()
	m := a.message(of.public, instant(c.at, a.now().UTC()), "comment", c.id)
	m.Public, m.To, m.Own, m.Link = true, of.ours(), ref(public, customer, c.id), c.link
	for _, id := range []string{c.post, c.parent} {
		if id != "" && id != c.id && !slices.Contains(m.Answers, ref(forAll, id)) {
			m.References, m.Answers = append(m.References, ref(public, customer, id)), append(m.Answers, ref(forAll, id))
		}
	}
	m.AddFrom(of.kind, of.id, c.from, message.Attested)
	m.AddFrom("ig.user", "", c.user, message.Attested)
	m.Name, m.Text = message.Head(message.CleanLine(cmp.Or(c.name, c.user)), 200), said(c.text)
	switch c.verb {
	case "remove":
		m.ID = message.NewID([]byte(m.ID), []byte(c.verb))
		return a.takeDeleted(ctx, m, m.Own)
	case "hide", "unhide":
		m.ID = message.NewID([]byte(m.ID), []byte(c.verb), []byte(c.at))
		return a.notice(ctx, m, m.Own, map[string]string{"hide": "A comment was hidden from others.", "unhide": "A comment is shown to others again."}[c.verb])
	case "edited", "edit":
		m.ID = message.NewID([]byte(m.ID), []byte(c.text))
		m.References, m.Own = append(m.References, m.Own), m.Own+"/"+m.ID[:8]
		m.Mark(MarkEdited)
	case "add":
	default:
		a.Refused(hook.Unknown, nil)
		return nil
	}
	if m.Text == "" && len(c.files) == 0 {
		m.Text = "(" + MarkUnshown + ")"
		m.Mark(MarkUnshown)
	}
	for i := range c.files {
		c.files[i].Blob = fmt.Sprintf("%s/%d", m.ID, i+1)
	}
	if err := a.accept(ctx, of, m, c.files); err != nil {
		return err
	}
	a.Took("comment", by)
	return nil
}

// ask asks who wrote a comment, and what, where the webhook does not say. Who may not be known stays nobody, also where the token lacks
// a right: the comment itself is not to wait for that. What passes, such as a limit or a token that expired, is an error.
func (a *App) ask(ctx context.Context, of *asset, c *comment) error {
	if !isID(c.id) {
		return nil
	}
	fields := map[string]string{objectPage: "from,message,created_time,permalink_url", objectInstagram: "from,text,timestamp,username"}[of.object]
	if of.object == objectPage && c.post != "" && c.id != c.post {
		fields += ",attachment" // posts have no such field, and asking for one that is not there is refused
	}
	has, err := of.api.Fields(ctx, vendor.Call{Path: "/" + c.id, Query: url.Values{"fields": {fields}}})
	if isFinal(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look who wrote: %w", err)
	}
	c.from, c.name, c.user = cmp.Or(c.from, has["from.id"]), cmp.Or(c.name, has["from.name"]), cmp.Or(c.user, has["from.username"], has["username"])
	if len(c.files) == 0 {
		c.files = picturesOf(has)
	}
	c.text, c.link, c.at = cmp.Or(c.text, has["message"], has["text"]), cmp.Or(has["permalink_url"], c.link), cmp.Or(c.at, has["created_time"], has["timestamp"])
	return nil
}

// takeOwn takes in what one of us wrote in public at Meta itself: an answer, or a post for those who answer it. What loket sent is in its
// conversation already.
func (a *App) takeOwn(ctx context.Context, of *asset, c comment, by string) error {
	if c.verb != "add" || c.text == "" {
		return nil
	}
	m := a.message(of.public, instant(c.at, a.now().UTC()), "comment", c.id)
	m.Public, m.Direction, m.From, m.Text, m.Link = true, message.Out, of.ours(), said(c.text), c.link
	m.Own = ref(forAll, c.id)
	if c.post != "" && c.parent != "" && c.parent != c.post {
		to := comment{id: c.parent}
		if err := a.ask(ctx, of, &to); err != nil {
			return err
		}
		customer := to.writer()
		m.Own, m.References = ref(public, customer, c.id), []string{ref(public, customer, c.parent)}
		if id, err := message.NewIdentifier(of.kind, of.id, to.from, message.Attested); err == nil {
			m.To = []message.Identifier{id}
		}
	}
	if err := a.env.Accept(ctx, m); err != nil {
		return err
	}
	a.Took("echo", by)
	return nil
}

// takeMention takes in that somebody names our account on Instagram, where Meta tells only where.
func (a *App) takeMention(ctx context.Context, of *asset, v vendor.Fields) error {
	what, asked := "mentioned_media", "mentioned_media.media_id("+v["media_id"]+"){caption,timestamp,username,permalink}"
	if isID(v["comment_id"]) {
		what, asked = "mentioned_comment", "mentioned_comment.comment_id("+v["comment_id"]+"){text,timestamp,username,media{permalink}}"
	}
	has, err := of.api.Fields(ctx, vendor.Call{Path: "/" + of.id, Query: url.Values{"fields": {asked}}})
	if err != nil && !connectors.IsPermanent(err) {
		return fmt.Errorf("look up mention: %w", err)
	}
	is := has.Under(what)
	return a.takeComment(ctx, of, comment{
		id: "mention:" + v["media_id"] + ":" + v["comment_id"], user: is["username"], text: firstOf(is, "text", "caption"), verb: "add",
		link: firstOf(is, "permalink", "media.permalink"), at: is["timestamp"],
	}, byWebhook)
}

func facebookLink(id string) string {
	if !isID(id) {
		return ""
	}
	return "https://www.facebook.com/" + id
}
