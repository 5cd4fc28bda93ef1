package api

import (
	"time"

	"loket/connectors/vendor"
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

type v2Includes struct {
	Users []v2User  `json:"users"`
	Media []v2Media `json:"media"`
}

// v2Post reads a post as v2 and its webhooks write it.
func v2Post(f vendor.Fields, in v2Includes) Post {
	text, entities, links := f["text"], "entities", v2Links(f, "entities")
	if long := f["note_tweet.text"]; long != "" {
		text, entities = long, "note_tweet.entities"
		links = append(v2Links(f, entities), links...)
	}
	p := Post{
		ID: f["id"], Author: in.user(f["author_id"]), Text: shown(text, links), Lang: language(f["lang"]), Conversation: f["conversation_id"],
		ReplyToUser: f["in_reply_to_user_id"], Media: in.media(f.List("attachments.media_keys")), Created: v2Time(f),
	}
	for _, id := range f.List("edit_history_tweet_ids") {
		if id != p.ID && Less(id, p.ID) {
			p.Versions = append(p.Versions, id)
		}
	}
	for m := range f.Each(entities + ".mentions") {
		p.Mentions = append(p.Mentions, m["id"])
	}
	for r := range f.Each("referenced_tweets") {
		switch r["type"] {
		case "replied_to":
			p.ReplyTo = r["id"]
		case "quoted":
			p.Quotes = r["id"]
		case "retweeted":
			p.Repost = true
		}
	}
	return p
}

// v2Direct reads a private message as v2 writes it.
func v2Direct(f vendor.Fields, in v2Includes) Direct {
	text, links, keys := f["text"], v2Links(f, "entities"), f.List("attachments.media_keys")
	if len(keys) > 0 {
		text = withoutMedia(text, links)
	}
	return Direct{
		ID: f["id"], Conversation: f["dm_conversation_id"], Sender: in.user(f["sender_id"]), Recipient: Other(f["dm_conversation_id"], f["sender_id"]),
		Text: shown(text, links), Media: in.media(keys), Created: v2Time(f),
	}
}

// v2Time is when it was written; the zero time when it does not say.
func v2Time(f vendor.Fields) time.Time {
	at, err := time.Parse(time.RFC3339, f["created_at"])
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
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

// v2Links are those of a text, by its entities.
func v2Links(f vendor.Fields, entities string) (links []link) {
	for u := range f.Each(entities + ".urls") {
		l := link{u["url"], u["expanded_url"]}
		if u["media_key"] != "" {
			l.full = ""
		}
		links = append(links, l)
	}
	return links
}

// language is what X takes a text to be in; und, qme and others of its own say that it is in none.
func language(s string) string {
	if len(s) != 2 {
		return ""
	}
	return s
}
