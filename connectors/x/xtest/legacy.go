package xtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"loket/connectors/connectortest"
)

// legacyRefuse answers as v1.1 does.
func legacyRefuse(w http.ResponseWriter, r *refusal) {
	connectortest.Answer(w, r.status, object{"errors": []object{{"code": r.code, "message": r.detail}}})
}

func (x *X) legacyPosts(w http.ResponseWriter, r *http.Request) {
	x.mu.Lock()
	defer x.mu.Unlock()
	q := r.URL.Query()
	found := x.find(strings.Contains(r.URL.Path, "user_timeline"), q.Get("since_id"), q.Get("max_id"), time.Time{})
	tweets := []object{}
	for _, p := range found[:min(len(found), x.pageSize)] {
		t := x.tweet(p)
		if q.Get("tweet_mode") == "extended" {
			t["full_text"] = t["text"]
			delete(t, "text")
		}
		tweets = append(tweets, t)
	}
	connectortest.Answer(w, http.StatusOK, tweets)
}

func (x *X) legacyReply(w http.ResponseWriter, r *http.Request) {
	var media []string
	if ids := r.FormValue("media_ids"); ids != "" {
		media = strings.Split(ids, ",")
	}
	p, why := x.reply(r.FormValue("in_reply_to_status_id"), r.FormValue("status"), media)
	if why != nil {
		legacyRefuse(w, why)
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	connectortest.Answer(w, http.StatusOK, x.tweet(p))
}

func (x *X) legacyDirects(w http.ResponseWriter, r *http.Request) {
	x.mu.Lock()
	defer x.mu.Unlock()
	all := slices.Clone(x.directs)
	slices.Reverse(all)
	page, next := x.page(len(all), r.URL.Query().Get("cursor"))
	events := []object{}
	for _, d := range all[page.from:page.to] {
		events = append(events, event(d))
	}
	body := object{"events": events}
	if next != "" {
		body["next_cursor"] = next
	}
	connectortest.Answer(w, http.StatusOK, body)
}

func (x *X) legacyWrite(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Event struct {
			Message struct {
				Target struct {
					ID string `json:"recipient_id"`
				} `json:"target"`
				Data struct {
					Text       string `json:"text"`
					Attachment *struct {
						Media struct {
							ID string `json:"id"`
						} `json:"media"`
					} `json:"attachment"`
				} `json:"message_data"`
			} `json:"message_create"`
		} `json:"event"`
	}
	if json.NewDecoder(r.Body).Decode(&in) != nil {
		legacyRefuse(w, &refusal{http.StatusBadRequest, 214, "not JSON"})
		return
	}
	d := Direct{From: Account(), To: in.Event.Message.Target.ID, Text: in.Event.Message.Data.Text}
	if a := in.Event.Message.Data.Attachment; a != nil {
		d.Media = []string{a.Media.ID}
	}
	connectortest.Answer(w, http.StatusOK, object{"event": event(x.AddDirect(d))})
}

func (x *X) legacyUsers(w http.ResponseWriter, r *http.Request) {
	x.mu.Lock()
	defer x.mu.Unlock()
	users := []object{}
	for _, id := range strings.Split(r.URL.Query().Get("user_id"), ",") {
		if u, ok := x.users[id]; ok {
			users = append(users, legacyUser(u))
		}
	}
	connectortest.Answer(w, http.StatusOK, users)
}

func legacyUser(u User) object {
	n, _ := strconv.ParseInt(u.ID, 10, 64)
	return object{"id": n, "id_str": u.ID, "name": u.Name, "screen_name": u.Handle}
}

// tweet is a post as v1.1 and the webhooks of accounts write it.
func (x *X) tweet(p Post) object {
	n, _ := strconv.ParseInt(p.ID, 10, 64)
	text, urls, media := legacyText(p)
	entities := object{"urls": urls, "user_mentions": []object{}}
	if p.Names {
		entities["user_mentions"] = []object{{"id_str": Self, "screen_name": Handle, "name": "Example Support", "indices": []int{0, 8}}}
	}
	t := object{
		"id": n, "id_str": p.ID, "created_at": p.At.Format(time.RubyDate), "text": text, "lang": p.Lang, "user": legacyUser(p.Author), "entities": entities,
		"user_has_blocked": "false", "truncated": false,
	}
	if p.ReplyTo != "" {
		t["in_reply_to_status_id_str"], t["in_reply_to_user_id_str"] = p.ReplyTo, p.ReplyToUser
	}
	if p.Quotes != "" {
		t["quoted_status_id_str"] = p.Quotes
	}
	if len(media) > 0 {
		t["extended_entities"] = object{"media": media}
		entities["media"] = media[:1]
	}
	return t
}

// legacyText is the text as X stores it: escaped, links shortened, one more for pictures.
func legacyText(p Post) (text string, urls, media []object) {
	text, short := shorten(escape(p.Text))
	for _, s := range short {
		urls = append(urls, object{"url": s.short, "expanded_url": s.full, "display_url": s.full, "indices": []int{0, 0}})
	}
	for i, u := range p.Media {
		link := "https://t.co/pic" + p.ID
		if i == 0 {
			text += " " + link
		}
		media = append(media, object{"id_str": strconv.Itoa(i + 1), "media_url_https": u, "type": "photo", "url": link, "expanded_url": "https://x.com/photo", "indices": []int{0, 0}})
	}
	return text, urls, media
}

// event is a private message as v1.1 and all webhooks write it.
func event(d Direct) object {
	data := object{"text": escape(d.Text), "entities": object{}}
	if len(d.Media) > 0 {
		data["text"] = escape(d.Text) + " https://t.co/dm" + d.ID
		data["attachment"] = object{"type": "media", "media": object{"id_str": "1", "media_url_https": d.Media[0], "type": "photo", "url": "https://t.co/dm" + d.ID}}
	}
	return object{
		"type": "message_create", "id": d.ID, "created_timestamp": strconv.FormatInt(d.At.UnixMilli(), 10),
		"message_create": object{"target": object{"recipient_id": d.To}, "sender_id": d.From.ID, "message_data": data},
	}
}
