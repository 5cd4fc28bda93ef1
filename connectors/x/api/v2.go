package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"

	"loket/connectors/vendor"
)

// V2 is the API v2. Its methods may be called concurrently.
type V2 struct{ *caller }

// NewV2 gives the client; it connects to nothing yet.
func NewV2(o Options) (*V2, error) {
	c, err := newCaller(o)
	return &V2{c}, err
}

const (
	postFields   = "attachments,author_id,conversation_id,created_at,edit_history_tweet_ids,entities,in_reply_to_user_id,lang,note_tweet,referenced_tweets"
	directFields = "attachments,created_at,dm_conversation_id,entities,event_type,id,sender_id,text"
	mediaFields  = "media_key,type,url,variants"
	userFields   = "name,username"
)

// A v2List is a page of a listing.
type v2List struct {
	Data     []json.RawMessage `json:"data"`
	Includes v2Includes        `json:"includes"`
	Meta     *struct {
		Next string `json:"next_token"`
	} `json:"meta"`
}

func (v *V2) list(ctx context.Context, path, page string, q url.Values) (got v2List, err error) {
	if page != "" {
		q.Set("pagination_token", page)
	}
	err = v.Call(ctx, vendor.Call{Path: path, Query: q}, &got)
	if err == nil && got.Meta == nil { // which stands beside an empty list, too
		err = errors.New("X gave no list where one is expected")
	}
	return got, err
}

// Mentions gives a page of posts that name the account, newest first: those above since, or when that is empty, those
// since from. next is the page after it, "" for the last one.
func (v *V2) Mentions(ctx context.Context, since string, from time.Time, page string) (posts []Post, next string, err error) {
	q := url.Values{"max_results": {"100"}}
	if since != "" {
		q.Set("since_id", since)
	} else {
		q.Set("start_time", from.UTC().Format(time.RFC3339))
	}
	return v.posts(ctx, "/2/users/"+v.self+"/mentions", q, page)
}

// Own gives a page of the account's posts, newest first.
func (v *V2) Own(ctx context.Context, page string) (posts []Post, next string, err error) {
	return v.posts(ctx, "/2/users/"+v.self+"/tweets", url.Values{"max_results": {"100"}}, page)
}

func (v *V2) posts(ctx context.Context, path string, q url.Values, page string) (posts []Post, next string, err error) {
	q.Set("tweet.fields", postFields)
	q.Set("expansions", "author_id,attachments.media_keys")
	q.Set("user.fields", userFields)
	q.Set("media.fields", mediaFields)
	got, err := v.list(ctx, path, page, q)
	if err != nil {
		return nil, "", err
	}
	for _, raw := range got.Data {
		if p := v2Post(vendor.Flatten(raw), got.Includes); IsID(p.ID) && IsID(p.Author.ID) { // what has no id can't be told from another
			posts = append(posts, p)
		}
	}
	return posts, got.Meta.Next, nil
}

// Directs gives a page of private messages from and to the account, newest first.
func (v *V2) Directs(ctx context.Context, page string) (directs []Direct, next string, err error) {
	q := url.Values{
		"max_results": {"100"}, "event_types": {"MessageCreate"}, "dm_event.fields": {directFields},
		"expansions": {"sender_id,attachments.media_keys"}, "user.fields": {userFields}, "media.fields": {mediaFields},
	}
	got, err := v.list(ctx, "/2/dm_events", page, q)
	if err != nil {
		return nil, "", err
	}
	for _, raw := range got.Data {
		f := vendor.Flatten(raw)
		kind, d := f["event_type"], v2Direct(f, got.Includes)
		if IsID(d.ID) && IsID(d.Sender.ID) && isConversation(d.Conversation) && (kind == "" || kind == "MessageCreate") {
			directs = append(directs, d)
		}
	}
	return directs, got.Meta.Next, nil
}

// Reply posts an answer to a post and gives its id.
func (v *V2) Reply(ctx context.Context, to, text string, media []string) (string, error) {
	body := object{"reply": object{"in_reply_to_tweet_id": to}}
	if text != "" {
		body["text"] = text
	}
	if len(media) > 0 {
		body["media"] = object{"media_ids": media}
	}
	return v.create(ctx, vendor.Call{Path: "/2/tweets", JSON: body})
}

// Write sends a private message to a user or, if conversation is a group's, to that; it gives the id of the message.
func (v *V2) Write(ctx context.Context, conversation, recipient, text string, media []string) (string, error) {
	body := object{}
	if text != "" {
		body["text"] = text
	}
	if len(media) > 0 { // X takes one
		body["attachments"] = []object{{"media_id": media[0]}}
	}
	path := "/2/dm_conversations/with/" + recipient + "/messages"
	if conversation != "" && !strings.Contains(conversation, "-") {
		path = "/2/dm_conversations/" + conversation + "/messages"
	}
	return v.create(ctx, vendor.Call{Path: path, JSON: body})
}
