package meta

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
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
			read := l.readPosts
			if of.object == objectInstagram {
				read = l.readMedia
			}
			all = append(all, a.newWalk(of.private+" "+of.id, l.readPrivate), a.newWalk("public "+of.id, read))
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
var errNoList = errors.New("Meta gave no list where one is expected")

// list reads a page.
func (l listing) list(ctx context.Context, path, after, limit, fields string, more ...string) (vendor.Fields, error) {
	if err := l.usage.allow(); err != nil {
		return nil, err
	}
	query := url.Values{"fields": {fields}, "limit": {limit}}
	for i := 0; i+1 < len(more); i += 2 {
		query.Set(more[i], more[i+1])
	}
	if after != "" {
		query.Set("after", after)
	}
	var answer json.RawMessage
	if err := l.of.api.Call(ctx, vendor.Call{Path: "/" + path, Query: query}, &answer); err != nil {
		return nil, fmt.Errorf("list what Meta has: %w", err)
	}
	var has struct{ Data []json.RawMessage }
	if json.Unmarshal(answer, &has) != nil || has.Data == nil { // not even an empty list
		return nil, errNoList
	}
	return vendor.Flatten(answer), nil
}

// items adds what a list has, the newest first, and gives the page behind it, "" when that has only what is older than since.
func (l listing) items(page *poll.Page, list vendor.Fields, since time.Time, listed func(vendor.Fields) poll.Listed) (next string) {
	next = nextPage(list.Under("paging"))
	for one := range list.Each("data") {
		page.Found = append(page.Found, listed(one))
		if page.Found[len(page.Found)-1].Began.Before(since) {
			next = ""
		}
	}
	return next
}

// below is items for a list that stands in another.
func (l listing) below(page *poll.Page, list vendor.Fields, path string, since time.Time, listed func(vendor.Fields) poll.Listed) {
	if next := l.items(page, list, since, listed); next != "" {
		page.Below = append(page.Below, poll.Edge{Path: path, After: next})
	}
}

const messageFields = "id,created_time,from,to,message,attachments,sticker"

// readPrivate reads conversations, the last first, with what was said last in each; and a conversation further back.
func (l listing) readPrivate(ctx context.Context, e poll.Edge, since time.Time) (page poll.Page, err error) {
	if e.Path != "" {
		has, err := l.list(ctx, e.Path, e.After, "50", messageFields)
		page.Next = l.items(&page, has, since, l.private)
		return page, err
	}
	has, err := l.list(ctx, l.of.page+"/conversations", e.After, "50", "id,updated_time,messages.limit(20){"+messageFields+"}", "platform", l.of.private)
	page.Next = nextPage(has.Under("paging"))
	for talk := range has.Each("data") {
		if at := l.at(talk["updated_time"]); at.Before(since) || at.Before(e.Until) {
			page.Next = ""
			break
		}
		l.below(&page, talk.Under("messages"), talk["id"]+"/messages", since, l.private)
	}
	return page, err
}

const commentFields = "id,message,created_time,from,parent{id},permalink_url,attachment"

// readPosts reads posts of a Page and on it, the newest first, with the last comments on each; and the comments on one further back.
func (l listing) readPosts(ctx context.Context, e poll.Edge, since time.Time) (page poll.Page, err error) {
	comment := func(post string) func(vendor.Fields) poll.Listed {
		return func(one vendor.Fields) poll.Listed { return l.comment(post, one["parent.id"], one) }
	}
	if post, _, _ := strings.Cut(e.Path, "/"); post != "" {
		has, err := l.list(ctx, e.Path, e.After, "50", commentFields, "order", "reverse_chronological", "filter", "stream")
		page.Next = l.items(&page, has, since, comment(post))
		return page, err
	}
	if !e.Until.IsZero() { // posts don't move
		return page, nil
	}
	has, err := l.list(ctx, l.of.id+"/feed", e.After, "25",
		"id,message,created_time,from,permalink_url,comments.limit(25).order(reverse_chronological).filter(stream){"+commentFields+"}")
	page.Next = l.items(&page, has, since.Add(-postsFor), func(post vendor.Fields) poll.Listed { return l.comment("", "", post) })
	for post := range has.Each("data") {
		l.below(&page, post.Under("comments"), post["id"]+"/comments", since, comment(post["id"]))
	}
	return page, err
}

const mediaFields = "id,text,timestamp,username,from"

// readMedia reads posts of an Instagram account, the newest first, with the last comments on each and answers to those; and either further back.
// An answer may be new although the comment is not, and in which order answers stand is not known.
func (l listing) readMedia(ctx context.Context, e poll.Edge, since time.Time) (page poll.Page, err error) {
	const withReplies = mediaFields + ",replies.limit(20){" + mediaFields + "}"
	comments := func(post string, list vendor.Fields) (next string) {
		next = l.items(&page, list, since.Add(-answersFor), func(one vendor.Fields) poll.Listed { return l.comment(post, "", one) })
		for one := range list.Each("data") {
			l.below(&page, one.Under("replies"), ref(post, one["id"], "replies"), time.Time{}, func(reply vendor.Fields) poll.Listed {
				return l.comment(post, one["id"], reply)
			})
		}
		return next
	}
	switch path := strings.Split(e.Path, "/"); {
	case len(path) == 3:
		has, err := l.list(ctx, ref(path[1:]...), e.After, "50", mediaFields)
		page.Next = l.items(&page, has, time.Time{}, func(one vendor.Fields) poll.Listed { return l.comment(path[0], path[1], one) })
		return page, err
	case len(path) == 2:
		has, err := l.list(ctx, e.Path, e.After, "50", withReplies)
		page.Next = comments(path[0], has)
		return page, err
	case !e.Until.IsZero(): // posts don't move
		return page, nil
	}
	has, err := l.list(ctx, l.of.id+"/media", e.After, "25", "id,timestamp,comments.limit(25){"+withReplies+"}")
	page.Next = nextPage(has.Under("paging"))
	for post := range has.Each("data") {
		if l.at(post["timestamp"]).Before(since.Add(-postsFor)) {
			page.Next = ""
		}
		if next := comments(post["id"], post.Under("comments")); next != "" {
			page.Below = append(page.Below, poll.Edge{Path: post["id"] + "/comments", After: next})
		}
	}
	return page, err
}

func (l listing) at(s string) time.Time { return instant(s, l.now().UTC()) }

// private is a private message of a list, in the form of a webhook.
func (l listing) private(one vendor.Fields) poll.Listed {
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

// comment is a comment of a list, or without a post one itself.
func (l listing) comment(post, parent string, one vendor.Fields) poll.Listed {
	c := comment{
		id: one["id"], post: post, parent: parent, from: one["from.id"], name: one["from.name"], user: firstOf(one, "from.username", "username"), verb: "add",
		text: firstOf(one, "message", "text"), link: one["permalink_url"], at: firstOf(one, "created_time", "timestamp"), files: picturesOf(one),
	}
	return l.listed(c.id, c.at, func(ctx context.Context) error { return l.takeComment(ctx, l.of, c, byListing) })
}

func (l listing) listed(id, when string, take func(context.Context) error) poll.Listed {
	at := l.at(when)
	return poll.Listed{ID: id, Began: at, Ended: at, Take: func(ctx context.Context) (bool, error) { return true, take(ctx) }}
}
