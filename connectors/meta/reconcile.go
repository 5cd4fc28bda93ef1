package meta

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"loket/connectors/poll"
	"loket/connectors/vendor"
)

const (
	// settleTime is how long a webhook has, with its repetitions: it says more than a list, and goes before.
	settleTime = 2 * time.Minute
	// overlap is how far each look goes back behind the last, farthest how far at most after an outage.
	overlap  = 30 * time.Minute
	farthest = 6 * 24 * time.Hour
)

// newWindow lists, for each Page and Instagram account, what no webhook brought: private messages, and comments on the last posts. For
// WhatsApp there is nothing to be asked.
func (a *App) newWindow() *poll.Window {
	w := &poll.Window{
		Cursor: a.env.Cursor, Key: "position", Settle: settleTime, Overlap: overlap, Farthest: farthest, Now: func() time.Time { return a.now() },
		Single: func(err error) bool {
			e := vendor.As(err)
			return errors.Is(err, errFileLate) || e != nil && e.Status/100 == 4 && e.Status != http.StatusTooManyRequests && !isLimit(e.Code) && e.Code != 190
		},
	}
	for _, p := range a.cfg.Pages {
		for _, of := range []*asset{a.assets[objectPage+" "+p.ID], a.assets[objectInstagram+" "+p.Instagram]} {
			if of != nil {
				w.Lists = append(w.Lists, a.privates(of), a.comments(of))
			}
		}
	}
	return w
}

// maxPages bounds one listing of conversations, the last first.
const maxPages = 40

// privates lists what was said in private since an instant.
func (a *App) privates(of *asset) poll.List {
	return func(ctx context.Context, since time.Time) (found []poll.Listed, err error) {
		err = poll.Pages(ctx, maxPages, func(page string) (string, error) {
			query := url.Values{
				"platform": {of.private}, "limit": {"50"}, "fields": {"updated_time,messages.limit(20){id,created_time,from,to,message,attachments,sticker}"},
			}
			if page != "" {
				query.Set("after", page)
			}
			has, err := of.api.Fields(ctx, vendor.Call{Path: "/" + of.page + "/conversations", Query: query})
			if err != nil {
				return "", fmt.Errorf("list conversations: %w", err)
			}
			next := has["paging.cursors.after"]
			for talk := range has.Each("data") {
				for one := range talk.Each("messages.data") {
					found = append(found, a.listedPrivate(of, one))
				}
				if instant(talk["updated_time"], a.now().UTC()).Before(since) {
					next = ""
				}
			}
			return next, nil
		})
		return newestFirst(found), err
	}
}

// listedPrivate is a private message of a list, in the form of a webhook.
func (a *App) listedPrivate(of *asset, one vendor.Fields) poll.Listed {
	s := vendor.Fields{"timestamp": one["created_time"], "message.mid": one["id"], "message.text": cmp.Or(one["message"], one["sticker"])}
	theirs := one["from.id"]
	if theirs == of.id || theirs == of.page {
		s["message.is_echo"], theirs = "true", one["to.data.0.id"]
	}
	n := 0
	for file := range one.Each("attachments.data") {
		at := fmt.Sprintf("message.attachments.%d.", n)
		s[at+"type"], s[at+"payload.url"] = "file", firstOf(file, "image_data.url", "video_data.url", "file_url")
		s[at+"name"], s[at+"mime_type"] = file["name"], file["mime_type"]
		n++
	}
	at := instant(one["created_time"], a.now().UTC())
	return poll.Listed{ID: one["id"], Began: at, Ended: at, Take: func(ctx context.Context) (bool, error) {
		if theirs == "" || theirs == of.id {
			return true, nil
		}
		return true, a.takePrivate(ctx, of, theirs, s, byListing)
	}}
}

// comments lists what was said in public since an instant, on the posts that are last.
func (a *App) comments(of *asset) poll.List {
	return func(ctx context.Context, since time.Time) (found []poll.Listed, err error) {
		path, fields := "/"+of.id+"/feed", "id,comments.limit(50).order(reverse_chronological).filter(stream){id,message,created_time,from,parent{id},permalink_url}"
		if of.object == objectInstagram {
			path, fields = "/"+of.id+"/media", "id,comments.limit(50){id,text,timestamp,username,from,replies.limit(20){id,text,timestamp,username,from}}"
		}
		has, err := of.api.Fields(ctx, vendor.Call{Path: path, Query: url.Values{"fields": {fields}, "limit": {"25"}}})
		if err != nil {
			return nil, fmt.Errorf("list comments: %w", err)
		}
		for post := range has.Each("data") {
			for one := range post.Each("comments.data") {
				found = append(found, a.listedComment(of, post["id"], one["parent.id"], one))
				for reply := range one.Each("replies.data") {
					found = append(found, a.listedComment(of, post["id"], one["id"], reply))
				}
			}
		}
		return newestFirst(found), nil
	}
}

func (a *App) listedComment(of *asset, post, parent string, one vendor.Fields) poll.Listed {
	c := comment{
		id: one["id"], post: post, parent: parent, from: one["from.id"], name: one["from.name"], user: firstOf(one, "from.username", "username"), verb: "add",
		text: firstOf(one, "message", "text"), link: one["permalink_url"], at: firstOf(one, "created_time", "timestamp"),
	}
	at := instant(c.at, a.now().UTC())
	return poll.Listed{ID: c.id, Began: at, Ended: at, Take: func(ctx context.Context) (bool, error) {
		return true, a.takeComment(ctx, of, c, byListing)
	}}
}

func newestFirst(found []poll.Listed) []poll.Listed {
	slices.SortStableFunc(found, func(a, b poll.Listed) int { return b.Began.Compare(a.Began) })
	return found
}
