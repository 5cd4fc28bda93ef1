package api

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dghubble/go-twitter/twitter"
)

var (
	errNoPost   = errors.New("it has another form than posts have")
	errNoID     = errors.New("it has no id")
	errNoAuthor = errors.New("it does not say who wrote it")
	errNoText   = errors.New("it has no message in it")
)

// PostOf reads a post as v1.1 and its webhooks write it.
func PostOf(t *twitter.Tweet) (Post, error) {
	switch {
	case !IsID(t.IDStr):
		return Post{}, errNoID
	case t.User == nil || !IsID(t.User.IDStr):
		return Post{}, errNoAuthor
	}
	text, entities, media := t.Text, t.Entities, t.ExtendedEntities
	if t.FullText != "" {
		text = t.FullText
	}
	if long := t.ExtendedTweet; long != nil && long.FullText != "" {
		text = long.FullText
		if long.Entities != nil {
			entities = long.Entities
		}
		if long.ExtendedEntities != nil {
			media = long.ExtendedEntities
		}
	}
	p := Post{
		ID: t.IDStr, Author: User{ID: t.User.IDStr, Handle: t.User.ScreenName, Name: t.User.Name}, Text: shown(text, linksIn(entities)),
		Lang: language(t.Lang), ReplyTo: t.InReplyToStatusIDStr, ReplyToUser: t.InReplyToUserIDStr, Quotes: t.QuotedStatusIDStr,
		Repost: t.RetweetedStatus != nil,
	}
	if p.ReplyTo == "" {
		p.Conversation = p.ID
	}
	if at, err := t.CreatedAtTime(); err == nil {
		p.Created = toMillisecond(at.UTC(), p.ID)
	}
	if entities != nil {
		for _, m := range entities.UserMentions {
			p.Mentions = append(p.Mentions, m.IDStr)
		}
	}
	switch {
	case media != nil && len(media.Media) > 0:
		p.Media = files(media.Media)
	case entities != nil:
		p.Media = files(entities.Media)
	}
	return p, nil
}

// DirectOf reads a private message as v1.1 and the webhooks of both write it. users may know its sender.
func DirectOf(e *twitter.DirectMessageEvent, users map[string]User) (Direct, error) {
	if !IsID(e.ID) {
		return Direct{}, errNoID
	}
	m := e.Message
	switch {
	case m == nil || m.Data == nil || m.Target == nil:
		return Direct{}, errNoText
	case !IsID(m.SenderID) || !IsID(m.Target.RecipientID):
		return Direct{}, errNoAuthor
	}
	d := Direct{
		ID: e.ID, Conversation: Conversation(m.SenderID, m.Target.RecipientID), Sender: User{ID: m.SenderID}, Recipient: m.Target.RecipientID,
	}
	if u, ok := users[m.SenderID]; ok {
		d.Sender = u
	}
	written, links := m.Data.Text, linksIn(m.Data.Entities)
	if ms, err := strconv.ParseInt(e.CreatedAt, 10, 64); err == nil {
		d.Created = time.UnixMilli(ms).UTC()
	}
	if a := m.Data.Attachment; a != nil && a.Type == "media" {
		d.Media = files([]twitter.MediaEntity{a.Media})
		links = append(links, link{short: a.Media.URL})
		written = withoutMedia(written, links)
	}
	d.Text = shown(written, links)
	return d, nil
}

// X counts ids by time: milliseconds since this instant, and 22 bits below.
const (
	idEpoch = 1288834974657
	idShift = 22
)

// IDAt is an id below all that X gave out after at.
func IDAt(at time.Time) string {
	return strconv.FormatInt(max(1, (at.UnixMilli()-idEpoch)<<idShift), 10)
}

// IDBefore is an id that is as much older than id.
func IDBefore(id string, d time.Duration) string {
	return strconv.FormatInt(max(1, number(id)-d.Milliseconds()<<idShift), 10)
}

// toMillisecond makes an instant of whole seconds exact by what the id says: answers come within the second.
func toMillisecond(at time.Time, id string) time.Time {
	exact := time.UnixMilli(number(id)>>idShift + idEpoch).UTC()
	if d := exact.Sub(at); d < 0 || d >= time.Second {
		return at
	}
	return exact
}

var (
	mediaPage = regexp.MustCompile(`^https?://(www\.|mobile\.)?(twitter|x)\.com/(i/)?messages/media/\d+$`)
	lastLink  = regexp.MustCompile(`\s*https?://t\.co/\w+\s*$`)
)

// A link is one that X wrote into a text instead of the full address; that is "" where it is for a picture.
type link struct{ short, full string }

func linksIn(e *twitter.Entities) (links []link) {
	if e == nil {
		return nil
	}
	for _, u := range e.Urls {
		links = append(links, link{u.URL, firstOf(u.ExpandedURL, u.URL)})
	}
	for _, m := range e.Media {
		links = append(links, link{short: m.URL})
	}
	return links
}

// shown is a text as people see it.
func shown(text string, links []link) string {
	for _, l := range links {
		if l.short != "" {
			text = strings.ReplaceAll(text, l.short, l.full)
		}
	}
	return strings.TrimSpace(unescape.Replace(text))
}

// withoutMedia is the text of a private message that has a picture or film, without the link that X writes behind it for
// that. links are those that X lists: what somebody wrote themselves is among them.
func withoutMedia(text string, links []link) string {
	for _, l := range links {
		if mediaPage.MatchString(l.full) {
			text = strings.ReplaceAll(text, l.short, "")
		}
	}
	last := lastLink.FindString(text)
	if slices.ContainsFunc(links, func(l link) bool { return l.short == strings.TrimSpace(last) && l.full != "" }) {
		return text
	}
	return strings.TrimSuffix(text, last)
}

func files(entities []twitter.MediaEntity) (out []Media) {
	for _, m := range entities {
		file, best := Media{URL: firstOf(m.MediaURLHttps, m.MediaURL), Kind: m.Type}, -1
		for _, v := range m.VideoInfo.Variants {
			if v.ContentType == "video/mp4" && v.Bitrate > best {
				file.URL, best = v.URL, v.Bitrate
			}
		}
		if file.URL != "" {
			out = append(out, file)
		}
	}
	return out
}
