package api

import (
	"time"
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

func (p v2Post) post(in v2Includes) Post {
	text, entities := p.Text, p.Entities
	if p.Note != nil && p.Note.Text != "" {
		text, entities = p.Note.Text, p.Note.Entities
		entities.URLs = append(entities.URLs, p.Entities.URLs...)
	}
	out := Post{
		ID: p.ID, Author: in.user(p.AuthorID), Text: shown(text, entities.links()), Lang: language(p.Lang), Conversation: p.ConversationID,
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
	links := d.Entities.links()
	if len(d.Attachments.MediaKeys) > 0 {
		d.Text = withoutMedia(d.Text, links)
	}
	return Direct{
		ID: d.ID, Conversation: d.ConversationID, Sender: in.user(d.SenderID), Recipient: Other(d.ConversationID, d.SenderID),
		Text: shown(d.Text, links), Media: in.media(d.Attachments.MediaKeys), Created: d.CreatedAt.UTC(),
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

func (e v2Entities) links() (links []link) {
	for _, u := range e.URLs {
		if u.MediaKey != "" {
			u.Expanded = ""
		}
		links = append(links, link{u.URL, u.Expanded})
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
