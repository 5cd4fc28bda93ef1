package meta

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"loket/connectors/poll"
	"loket/connectors/vendor"
)

const (
	// settleTime is how long a webhook has, with its repetitions: it says more than a list, and goes before.
	settleTime = 2 * time.Minute
	// overlap is how far each look goes back behind the last, farthest how far at most after an outage.
	overlap  = 30 * time.Minute
	farthest = 6 * day
	// postsFor is how old a post may be whose comments are looked for, and answersFor a comment on Instagram whose answers are.
	postsFor   = 90 * day
	answersFor = 7 * day
	ever       = 1000 * day
	passPages  = 40 // of each list, until the others have their turn
)

// newWalks look, for each Page and Instagram account, for what no webhook brought: private messages, posts and comments. For WhatsApp there
// is nothing to be asked.
func (a *App) newWalks() (all []*poll.Walk) {
	for _, p := range a.cfg.Pages {
		for _, of := range []*asset{a.assets[objectPage+" "+p.ID], a.assets[objectInstagram+" "+p.Instagram]} {
			if of == nil {
				continue
			}
			l := listing{a, of}
			all = append(all, a.newWalk(of.private+" "+of.id, l.reader(l.talks())), a.newWalk("public "+of.id, l.reader(l.posts())))
		}
	}
	return all
}

func (a *App) newWalk(name string, read func(context.Context, poll.Edge, time.Time) (poll.Page, error)) *poll.Walk {
	return &poll.Walk{
		Reach: poll.Reach{
			Cursor: a.env.Cursor, Key: "position " + name, Settle: settleTime, Overlap: overlap, Farthest: farthest, Now: func() time.Time { return a.now() },
			Single: func(err error) bool {
				e := vendor.As(err)
				return errors.Is(err, errFileLate) || e != nil && e.Status/100 == 4 && e.Status != http.StatusTooManyRequests && !isLimit(e.Code) && e.Code != 190
			},
		},
		Read: read, Pages: passPages, GaveUp: func(err error) { a.Refused(reasonError, err) },
	}
}

// A listing is what Meta lists of one of ours, in the form of webhooks.
type listing struct {
	*App
	of *asset
}

// errNoList keeps the walk where it is: what an answer without a list leaves out would be taken for looked at.
var errNoList = errors.New("no list where one of Meta is expected")

// A level is a list of Meta's, the newest first, and the list that stands in each of its items.
type level struct {
	name   string
	fields string // of an item
	query  url.Values
	inside string                                              // how it is asked for with what it stands in
	back   time.Duration                                       // how much further than since it is read
	listed func(above []string, one vendor.Fields) poll.Listed // nil where an item is nothing by itself
	below  *level
}

const (
	messageFields = "id,created_time,from,to,message,attachments,sticker"
	postFields    = "id,message,created_time,from,permalink_url"
	commentFields = postFields + ",parent{id},attachment"
	mediaFields   = "id,text,timestamp,username,from"
)

// talks are conversations, and what was said in each.
func (l listing) talks() *level {
	return &level{
		name: l.of.page + "/conversations", fields: "id,updated_time", query: url.Values{"platform": {l.of.private}},
		below: &level{name: "messages", inside: ".limit(20)", fields: messageFields, listed: l.private},
	}
}

// posts are those of a Page and on it, or of an Instagram account, and the comments on each. On Instagram an answer may be new although its
// comment is not, and in which order answers stand is not known.
func (l listing) posts() *level {
	if l.of.object == objectInstagram {
		return &level{name: l.of.id + "/media", fields: "id,timestamp", query: url.Values{"limit": {"25"}}, back: postsFor, below: &level{
			name: "comments", inside: ".limit(25)", fields: mediaFields, back: answersFor, listed: l.comment,
			below: &level{name: "replies", inside: ".limit(20)", fields: mediaFields, back: ever, listed: l.comment},
		}}
	}
	return &level{name: l.of.id + "/feed", fields: postFields, query: url.Values{"limit": {"25"}}, back: postsFor, listed: l.comment, below: &level{
		name: "comments", inside: ".limit(25).order(reverse_chronological).filter(stream)", fields: commentFields, listed: l.comment,
		query: url.Values{"order": {"reverse_chronological"}, "filter": {"stream"}},
	}}
}

// asked are the fields of an item, with the list in it.
func (v *level) asked() string {
	if v.below == nil {
		return v.fields
	}
	return v.fields + "," + v.below.name + v.below.inside + "{" + v.below.asked() + "}"
}

// reader reads a page of a list, or of one below it: the path of that has the ids of what it stands in.
func (l listing) reader(top *level) func(context.Context, poll.Edge, time.Time) (poll.Page, error) {
	return func(ctx context.Context, e poll.Edge, since time.Time) (page poll.Page, err error) {
		if err := l.usage.allow(); err != nil {
			return page, err
		}
		v, path, above := top, top.name, strings.Split(e.Path, "/")
		if above = above[:len(above)-1]; len(above) > 0 {
			for range above {
				v = v.below
			}
			path = ref(above[len(above)-1], v.name)
		}
		query := url.Values{"fields": {v.asked()}, "limit": {"50"}}
		maps.Copy(query, v.query)
		if e.After != "" {
			query.Set("after", e.After)
		}
		var answer json.RawMessage
		if err := l.of.api.Call(ctx, vendor.Call{Path: "/" + path, Query: query}, &answer); err != nil {
			return page, fmt.Errorf("list what Meta has: %w", err)
		}
		var has struct{ Data []json.RawMessage }
		if json.Unmarshal(answer, &has) != nil || has.Data == nil { // not even an empty list
			return page, errNoList
		}
		page.Next = l.add(&page, v, above, vendor.Flatten(answer), since, e.Until)
		return page, nil
	}
}

// add adds what a list has, and gives the page behind it, "" when that has only what is older.
func (l listing) add(page *poll.Page, v *level, above []string, list vendor.Fields, since, until time.Time) (next string) {
	for one := range list.Each("data") {
		if at := l.at(firstOf(one, "updated_time", "created_time", "timestamp")); at.Before(since.Add(-v.back)) || at.Before(until) {
			return ""
		}
		if v.listed != nil {
			page.Found = append(page.Found, v.listed(above, one))
		}
		if v.below == nil {
			continue
		}
		in := append(slices.Clone(above), one["id"])
		if next := l.add(page, v.below, in, one.Under(v.below.name), since, time.Time{}); next != "" {
			page.Below = append(page.Below, poll.Edge{Path: ref(append(in, v.below.name)...), After: next})
		}
	}
	return nextPage(list.Under("paging"))
}

func (l listing) at(s string) time.Time { return instant(s, l.now().UTC()) }

// private is a private message of a list, in the form of a webhook.
func (l listing) private(_ []string, one vendor.Fields) poll.Listed {
	s := vendor.Fields{"timestamp": one["created_time"], "message.mid": one["id"], "message.text": cmp.Or(one["message"], one["sticker"])}
	theirs := one["from.id"]
	if theirs == l.of.id || theirs == l.of.page {
		s["message.is_echo"], theirs = "true", one["to.data.0.id"]
	}
	n := 0
	for file := range one.Each("attachments.data") {
		at := fmt.Sprintf("message.attachments.%d.", n)
		s[at+"type"], s[at+"payload.url"] = "file", firstOf(file, "image_data.url", "video_data.url", "file_url")
		s[at+"name"], s[at+"mime_type"] = file["name"], file["mime_type"]
		n++
	}
	return l.listed(one["id"], one["created_time"], func(ctx context.Context) error {
		if theirs == "" || theirs == l.of.id {
			return nil
		}
		return l.takePrivate(ctx, l.of, theirs, s, byListing)
	})
}

// comment is a comment of a list, or a post: what is above it is the post, and the comment that it answers.
func (l listing) comment(above []string, one vendor.Fields) poll.Listed {
	c := comment{
		id: one["id"], parent: one["parent.id"], from: one["from.id"], name: one["from.name"], user: firstOf(one, "from.username", "username"), verb: "add",
		text: firstOf(one, "message", "text"), link: one["permalink_url"], at: firstOf(one, "created_time", "timestamp"), files: picturesOf(one),
	}
	if len(above) > 0 {
		c.post = above[0]
	}
	if len(above) > 1 {
		c.parent = above[1]
	}
	return l.listed(c.id, c.at, func(ctx context.Context) error { return l.takeComment(ctx, l.of, c, byListing) })
}

func (l listing) listed(id, when string, take func(context.Context) error) poll.Listed {
	at := l.at(when)
	return poll.Listed{ID: id, Began: at, Ended: at, Take: func(ctx context.Context) (bool, error) { return true, take(ctx) }}
}
