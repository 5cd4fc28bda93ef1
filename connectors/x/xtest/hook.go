package xtest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"loket/connectors/connectortest"
)

// Signature is that of a body under the app's secret.
func Signature(body []byte) string {
	mac := hmac.New(sha256.New, []byte(ConsumerSecret))
	mac.Write(body)
	return "sha256=" + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

const patience = 10 * time.Second // as long as X waits

// Challenge asks a webhook to prove that it knows the secret, and gives what is wrong with its answer.
func Challenge(hook string) error {
	const token = "MzQ1Njc4OTAtYWJj+/_-x.y="
	req, err := http.NewRequest(http.MethodGet, hook+"?crc_token="+url.QueryEscape(token), nil)
	if err != nil {
		return err
	}
	status, answer := connectortest.Post(req, patience)
	var got struct {
		Token string `json:"response_token"`
	}
	if err := json.Unmarshal([]byte(answer), &got); status != http.StatusOK || err != nil || got.Token != Signature([]byte(token)) {
		return fmt.Errorf("the webhook answers %d and %q", status, answer)
	}
	return nil
}

// Request is a signed delivery.
func Request(hook string, body []byte) *http.Request {
	req, err := http.NewRequest(http.MethodPost, hook, bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Twitter-Webhooks-Signature", Signature(body))
	return req
}

// Deliver sends a body to a webhook and gives the status of its answer.
func Deliver(hook string, body []byte) (int, error) {
	status, answer := connectortest.Post(Request(hook, body), patience)
	if status == 0 {
		return 0, errors.New(answer)
	}
	return status, nil
}

func body(o object) []byte {
	b, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	return b
}

// PostCreated is the delivery of posts by the Account Activity API.
func (x *X) PostCreated(posts ...Post) []byte {
	var tweets []object
	for _, p := range posts {
		tweets = append(tweets, x.tweet(p))
	}
	return body(object{"for_user_id": Self, "user_has_blocked": false, "tweet_create_events": tweets})
}

// PostDeleted is the delivery of a deletion by the Account Activity API.
func PostDeleted(p Post) []byte {
	return body(object{"for_user_id": Self, "tweet_delete_events": []object{{"status": object{"id": p.ID, "user_id": p.Author.ID}, "timestamp_ms": "1"}}})
}

// DirectCreated is the delivery of private messages by the Account Activity API.
func (x *X) DirectCreated(directs ...Direct) []byte {
	var events []object
	users := object{}
	for _, d := range directs {
		events = append(events, event(d))
		users[d.From.ID] = object{"id": d.From.ID, "name": d.From.Name, "screen_name": d.From.Handle}
	}
	return body(object{"for_user_id": Self, "direct_message_events": events, "apps": object{}, "users": users})
}

// DirectRead is the delivery of what the one who got a private message has read, by the Account Activity API.
func DirectRead(d Direct) []byte {
	return body(object{"for_user_id": Self, "direct_message_mark_read_events": []object{{
		"created_timestamp": "1", "sender_id": d.To, "target": object{"recipient_id": d.From.ID}, "last_read_event_id": d.ID,
	}}})
}

// PostActivity is the delivery of a post by the X Activity API; kind is such as post.mention.create.
func (x *X) PostActivity(kind string, p Post) []byte {
	data, media := newPost(p)
	return activity(kind, p.ID, data, object{"users": []object{newUser(p.Author)}, "media": media})
}

// DirectActivity is the delivery of a private message by the X Activity API; kind is dm.received or dm.sent.
func (x *X) DirectActivity(kind string, d Direct) []byte {
	return activity(kind, d.ID, object{
		"direct_message_events": []object{event(d)}, "users": object{d.From.ID: object{"data": newUser(d.From)}},
	}, object{})
}

// Activity is a delivery of the X Activity API.
func Activity(kind, uuid string, payload map[string]any) []byte {
	return activity(kind, uuid, payload, object{})
}

func activity(kind, uuid string, payload map[string]any, includes object) []byte {
	return body(object{"data": object{
		"event_uuid": "-" + uuid, "filter": object{"user_id": Self}, "event_type": kind, "tag": "loket", "payload": payload, "includes": includes,
	}})
}

func newUser(u User) object { return object{"id": u.ID, "name": u.Name, "username": u.Handle} }

// newPost is a post as v2 writes it, and its media.
func newPost(p Post) (post object, media []object) {
	text, short := shorten(escape(p.Text))
	var urls []object
	for _, s := range short {
		urls = append(urls, object{"url": s.short, "expanded_url": s.full, "start": 0, "end": 0})
	}
	var keys []string
	for i, u := range p.Media {
		key := fmt.Sprintf("3_%s_%d", p.ID, i)
		if i == 0 {
			text += " https://t.co/pic" + p.ID
		}
		keys = append(keys, key)
		urls = append(urls, object{"url": "https://t.co/pic" + p.ID, "expanded_url": "https://x.com/photo", "media_key": key})
		media = append(media, object{"media_key": key, "type": "photo", "url": u})
	}
	var mentions []object
	if p.Names {
		mentions = []object{{"id": Self, "username": Handle, "start": 0, "end": 8}}
	}
	var refs []object
	if p.ReplyTo != "" {
		refs = append(refs, object{"type": "replied_to", "id": p.ReplyTo})
	}
	if p.Quotes != "" {
		refs = append(refs, object{"type": "quoted", "id": p.Quotes})
	}
	post = object{
		"id": p.ID, "text": text, "author_id": p.Author.ID, "conversation_id": p.Conversation, "created_at": p.At.Format("2006-01-02T15:04:05.000Z"),
		"lang": p.Lang, "edit_history_tweet_ids": append(append([]string{}, p.Versions...), p.ID), "entities": object{"urls": urls, "mentions": mentions},
		"attachments": object{"media_keys": keys}, "referenced_tweets": refs,
	}
	if p.ReplyToUser != "" {
		post["in_reply_to_user_id"] = p.ReplyToUser
	}
	return post, media
}

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

type link struct{ short, full string }

// shorten puts links of X's own in the place of all others.
func shorten(text string) (string, []link) {
	words := strings.Split(text, " ")
	var links []link
	for i, w := range words {
		if strings.HasPrefix(w, "https://") || strings.HasPrefix(w, "http://") {
			l := link{fmt.Sprintf("https://t.co/l%010d", i), w}
			links = append(links, l)
			words[i] = l.short
		}
	}
	return strings.Join(words, " "), links
}
