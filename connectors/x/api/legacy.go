package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/dghubble/go-twitter/twitter"

	"loket/connectors/vendor"
)

// V1 is the API v1.1 by go-twitter, for accounts that still have it. Its methods may be called concurrently.
type V1 struct{ *caller }

// NewV1 gives the client; it connects to nothing yet.
func NewV1(o Options) (*V1, error) {
	c, err := newCaller(o)
	return &V1{c}, err
}

const (
	extended     = "extended" // else text is cut
	postsOnce    = 200
	messagesOnce = 50
)

func (v *V1) twitter(ctx context.Context) *twitter.Client {
	return twitter.NewClient(&http.Client{Transport: bound{v.caller, ctx}})
}

// Mentions is as that of V2. A page is the id below which it begins; there is no beginning in time, so whoever wants one
// stops reading there.
func (v *V1) Mentions(ctx context.Context, since string, from time.Time, page string) (posts []Post, next string, err error) {
	p := &twitter.MentionTimelineParams{Count: postsOnce, SinceID: number(since), MaxID: number(page), TweetMode: extended}
	tweets, _, err := v.twitter(ctx).Timelines.MentionTimeline(p)
	if err != nil {
		return nil, "", unwrap(err)
	}
	old := false
	for i := range tweets {
		next = strconv.FormatInt(tweets[i].ID-1, 10)
		post, err := PostOf(&tweets[i])
		if err != nil {
			continue // what has no id can't be told from another; the webhook keeps such as it came
		}
		if since == "" && post.Created.Before(from) {
			old = true
			continue
		}
		posts = append(posts, post)
	}
	if old {
		next = ""
	}
	return posts, next, nil
}

// Own is as that of V2. A page is the id below which it begins.
func (v *V1) Own(ctx context.Context, page string) (posts []Post, next string, err error) {
	replies := false
	p := &twitter.UserTimelineParams{UserID: number(v.self), Count: postsOnce, MaxID: number(page), ExcludeReplies: &replies, TweetMode: extended}
	tweets, _, err := v.twitter(ctx).Timelines.UserTimeline(p)
	if err != nil {
		return nil, "", unwrap(err)
	}
	for i := range tweets {
		next = strconv.FormatInt(tweets[i].ID-1, 10)
		if post, err := PostOf(&tweets[i]); err == nil {
			posts = append(posts, post)
		}
	}
	return posts, next, nil
}

// Directs gives a page of private messages from and to the account, newest first. Names are asked for: the list has none.
func (v *V1) Directs(ctx context.Context, page string) (directs []Direct, next string, err error) {
	got, _, err := v.twitter(ctx).DirectMessages.EventsList(&twitter.DirectMessageEventsListParams{Cursor: page, Count: messagesOnce})
	if err != nil {
		return nil, "", unwrap(err)
	}
	for i := range got.Events {
		if d, err := DirectOf(&got.Events[i], nil); err == nil {
			directs = append(directs, d)
		}
	}
	return v.named(ctx, directs), got.NextCursor, nil
}

// named fills in who the senders are. Without it their ids will do.
func (v *V1) named(ctx context.Context, directs []Direct) []Direct {
	users, ids := map[string]User{}, []int64(nil)
	for _, d := range directs {
		if _, asked := users[d.Sender.ID]; !asked && d.Sender.ID != v.self && len(ids) < 100 {
			users[d.Sender.ID] = d.Sender
			ids = append(ids, number(d.Sender.ID))
		}
	}
	if len(ids) == 0 {
		return directs
	}
	got, _, err := v.twitter(ctx).Users.Lookup(&twitter.UserLookupParams{UserID: ids})
	if err != nil {
		return directs
	}
	for _, u := range got {
		users[u.IDStr] = User{ID: u.IDStr, Handle: u.ScreenName, Name: u.Name}
	}
	for i, d := range directs {
		if u, ok := users[d.Sender.ID]; ok {
			directs[i].Sender = u
		}
	}
	return directs
}

// Reply posts an answer to a post and gives its id.
func (v *V1) Reply(ctx context.Context, to, text string, media []string) (string, error) {
	addressed := true
	p := &twitter.StatusUpdateParams{InReplyToStatusID: number(to), AutoPopulateReplyMetadata: &addressed, TweetMode: extended}
	for _, id := range media {
		p.MediaIds = append(p.MediaIds, number(id))
	}
	t, _, err := v.twitter(ctx).Statuses.Update(text, p)
	if err != nil {
		return "", unwrap(err)
	}
	return given(t.IDStr)
}

// Write sends a private message to a user and gives its id. There are no groups in v1.1. go-twitter would write the whole
// of a picture's description where only its id belongs, so messages with one are written here.
func (v *V1) Write(ctx context.Context, _, recipient, text string, media []string) (string, error) {
	event := &twitter.DirectMessageEvent{Type: "message_create", Message: &twitter.DirectMessageEventMessage{
		Target: &twitter.DirectMessageTarget{RecipientID: recipient}, Data: &twitter.DirectMessageData{Text: text},
	}}
	if len(media) == 0 {
		made, _, err := v.twitter(ctx).DirectMessages.EventsNew(&twitter.DirectMessageEventsNewParams{Event: event})
		if err != nil {
			return "", unwrap(err)
		}
		if made == nil {
			return given("")
		}
		return given(made.ID)
	}
	body := object{"event": object{"type": event.Type, "message_create": object{
		"target":       object{"recipient_id": recipient},
		"message_data": object{"text": text, "attachment": object{"type": "media", "media": object{"id": media[0]}}},
	}}}
	return v.create(ctx, vendor.Call{Path: "/1.1/direct_messages/events/new.json", JSON: body})
}

// number is an id as go-twitter wants it; 0 for none.
func number(id string) int64 {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
