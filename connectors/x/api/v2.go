package api

import (
	"context"
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

type v2User struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Username string `json:"username"`
}

type v2Media struct {
	Key      string `json:"media_key"`
	Type     string `json:"type"`
	URL      string `json:"url"`
	Variants []struct {
		ContentType string `json:"content_type"`
		BitRate     int    `json:"bit_rate"`
		URL         string `json:"url"`
	} `json:"variants"`
}

type v2Entities struct {
	URLs []struct {
		URL      string `json:"url"`
		Expanded string `json:"expanded_url"`
		MediaKey string `json:"media_key"`
	} `json:"urls"`
	Mentions []struct {
		ID string `json:"id"`
	} `json:"mentions"`
}

type v2Includes struct {
	Users []v2User  `json:"users"`
	Media []v2Media `json:"media"`
}

type v2Attachments struct {
	MediaKeys []string `json:"media_keys"`
}

type v2Post struct {
	ID              string        `json:"id"`
	Text            string        `json:"text"`
	AuthorID        string        `json:"author_id"`
	ConversationID  string        `json:"conversation_id"`
	CreatedAt       time.Time     `json:"created_at"`
	InReplyToUserID string        `json:"in_reply_to_user_id"`
	Lang            string        `json:"lang"`
	Versions        []string      `json:"edit_history_tweet_ids"`
	Entities        v2Entities    `json:"entities"`
	Attachments     v2Attachments `json:"attachments"`
	Referenced      []struct {
		Type string `json:"type"`
		ID   string `json:"id"`
	} `json:"referenced_tweets"`
	Note *struct {
		Text     string     `json:"text"`
		Entities v2Entities `json:"entities"`
	} `json:"note_tweet"`
}

type v2Direct struct {
	ID             string        `json:"id"`
	EventType      string        `json:"event_type"`
	Text           string        `json:"text"`
	ConversationID string        `json:"dm_conversation_id"`
	SenderID       string        `json:"sender_id"`
	CreatedAt      time.Time     `json:"created_at"`
	Entities       v2Entities    `json:"entities"`
	Attachments    v2Attachments `json:"attachments"`
}

// A v2List is a page of a listing.
type v2List[T any] struct {
	Data     []T        `json:"data"`
	Includes v2Includes `json:"includes"`
	Meta     struct {
		Next string `json:"next_token"`
	} `json:"meta"`
}

func list[T any](ctx context.Context, v *V2, path, page string, q url.Values) (got v2List[T], err error) {
	if page != "" {
		q.Set("pagination_token", page)
	}
	err = v.Call(ctx, vendor.Call{Path: path, Query: q}, &got)
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

// Own gives the newest posts of the account, newest first.
func (v *V2) Own(ctx context.Context) ([]Post, error) {
	posts, _, err := v.posts(ctx, "/2/users/"+v.self+"/tweets", url.Values{"max_results": {"100"}}, "")
	return posts, err
}

func (v *V2) posts(ctx context.Context, path string, q url.Values, page string) (posts []Post, next string, err error) {
	q.Set("tweet.fields", postFields)
	q.Set("expansions", "author_id,attachments.media_keys")
	q.Set("user.fields", userFields)
	q.Set("media.fields", mediaFields)
	got, err := list[v2Post](ctx, v, path, page, q)
	for _, p := range got.Data {
		if IsID(p.ID) && IsID(p.AuthorID) { // what has no id can't be told from another
			posts = append(posts, p.post(got.Includes))
		}
	}
	return posts, got.Meta.Next, err
}

// Directs gives a page of private messages from and to the account, newest first.
func (v *V2) Directs(ctx context.Context, page string) (directs []Direct, next string, err error) {
	q := url.Values{
		"max_results": {"100"}, "event_types": {"MessageCreate"}, "dm_event.fields": {directFields},
		"expansions": {"sender_id,attachments.media_keys"}, "user.fields": {userFields}, "media.fields": {mediaFields},
	}
	got, err := list[v2Direct](ctx, v, "/2/dm_events", page, q)
	for _, d := range got.Data {
		if IsID(d.ID) && IsID(d.SenderID) && isConversation(d.ConversationID) && (d.EventType == "" || d.EventType == "MessageCreate") {
			directs = append(directs, d.direct(got.Includes))
		}
	}
	return directs, got.Meta.Next, err
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

func (p v2Post) post(in v2Includes) Post {
	text, entities := p.Text, p.Entities
	if p.Note != nil && p.Note.Text != "" {
		text, entities = p.Note.Text, p.Note.Entities
		entities.URLs = append(entities.URLs, p.Entities.URLs...)
	}
	out := Post{
		ID: p.ID, Author: in.user(p.AuthorID), Text: entities.plain(text), Lang: language(p.Lang), Conversation: p.ConversationID,
		ReplyToUser: p.InReplyToUserID, Media: in.media(p.Attachments.MediaKeys), Created: p.CreatedAt.UTC(),
	}
	for _, id := range p.Versions {
		if id != p.ID && Less(id, p.ID) {
			out.Versions = append(out.Versions, id)
		}
	}
	for _, m := range entities.Mentions {
		out.Mentions = append(out.Mentions, m.ID)
	}
	for _, r := range p.Referenced {
		switch r.Type {
		case "replied_to":
			out.ReplyTo = r.ID
		case "quoted":
			out.Quotes = r.ID
		case "retweeted":
			out.Repost = true
		}
	}
	return out
}

func (d v2Direct) direct(in v2Includes) Direct {
	if len(d.Attachments.MediaKeys) > 0 {
		links := map[string]string{}
		for _, u := range d.Entities.URLs {
			links[u.URL] = u.Expanded
		}
		d.Text = withoutMedia(d.Text, links)
	}
	return Direct{
		ID: d.ID, Conversation: d.ConversationID, Sender: in.user(d.SenderID), Recipient: Other(d.ConversationID, d.SenderID),
		Text: d.Entities.plain(d.Text), Media: in.media(d.Attachments.MediaKeys), Created: d.CreatedAt.UTC(),
	}
}

func (in v2Includes) user(id string) User {
	for _, u := range in.Users {
		if u.ID == id {
			return User{ID: id, Handle: u.Username, Name: u.Name}
		}
	}
	return User{ID: id}
}

func (in v2Includes) media(keys []string) (out []Media) {
	for _, key := range keys {
		for _, m := range in.Media {
			if m.Key != key {
				continue
			}
			file, best := Media{URL: m.URL, Kind: m.Type}, -1
			for _, v := range m.Variants {
				if v.ContentType == "video/mp4" && v.BitRate > best {
					file.URL, best = v.URL, v.BitRate
				}
			}
			out = append(out, file)
			break
		}
	}
	return out
}

// plain is the text as people see it.
func (e v2Entities) plain(text string) string {
	for _, u := range e.URLs {
		full := u.Expanded
		if u.MediaKey != "" || full == "" {
			full = ""
		}
		text = strings.ReplaceAll(text, u.URL, full)
	}
	return strings.TrimSpace(unescape.Replace(text))
}

// language is what X takes a text to be in; und, qme and others of its own say that it is in none.
func language(s string) string {
	if len(s) != 2 {
		return ""
	}
	return s
}
