package api

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/dghubble/go-twitter/twitter"

	"loket/connectors/vendor"
	"loket/internal/body"
)

// An Event is one thing that came by a webhook. Exactly one of its fields is set.
type Event struct {
	Post      *Post
	Direct    *Direct
	Deleted   *Deleted
	Read      *Read
	Encrypted *Encrypted
	// Broken is what should be one of the above and cannot be read, with the reason.
	Broken *Broken
	// Other is the type of an event that has nothing for a desk.
	Other string
}

// Deleted is a post that its author took back.
type Deleted struct{ ID, User string }

// Read says that a user has read a conversation up to a message.
type Read struct{ ID, Conversation, User string }

// Encrypted is a message that only X's own programs can read.
type Encrypted struct{ ID, Conversation, Sender string }

// Broken is an event that cannot be read.
type Broken struct {
	Type, Why string
	Raw       []byte
}

// shape bounds what one body may have in it: each event of it becomes a message.
var shape = body.Limits{Depth: 40, Values: 50_000, Each: 1000}

// ErrNotEvents says that a body holds no events at all.
var ErrNotEvents = errors.New("it is not a JSON object")

// Events reads what a webhook was sent, by the Account Activity API or the X Activity API. forUser is the account that it
// is about; "" when it does not say.
func Events(b []byte) (events []Event, forUser string, err error) {
	if err := body.CheckJSON(b, shape); err != nil {
		return nil, "", err
	}
	var top map[string]json.RawMessage
	if json.Unmarshal(b, &top) != nil || top == nil {
		return nil, "", ErrNotEvents
	}
	if data, ok := top["data"]; ok {
		events, forUser = activities(data, b)
		return events, forUser, nil
	}
	_ = json.Unmarshal(top["for_user_id"], &forUser) // what is no text is none of ours
	users := usersIn(top["users"])
	for _, name := range slices.Sorted(maps.Keys(top)) {
		raw := top[name]
		switch name {
		case "for_user_id", "users", "apps", "user_has_blocked":
		case "tweet_create_events":
			events = append(events, each(name, raw, tweet)...)
		case "direct_message_events":
			events = append(events, directs(name, raw, users)...)
		case "tweet_delete_events":
			events = append(events, each(name, raw, deleted)...)
		case "direct_message_mark_read_events":
			events = append(events, reads(name, raw)...)
		default:
			events = append(events, Event{Other: name})
		}
	}
	return events, forUser, nil
}

// An activity is the envelope of the X Activity API.
type activity struct {
	UUID   string `json:"event_uuid"`
	Filter struct {
		UserID string `json:"user_id"`
	} `json:"filter"`
	Type     string          `json:"event_type"`
	Payload  json.RawMessage `json:"payload"`
	Includes v2Includes      `json:"includes"`
}

func activities(data json.RawMessage, whole []byte) (events []Event, forUser string) {
	var a activity
	if json.Unmarshal(data, &a) != nil || a.Type == "" {
		return []Event{{Broken: &Broken{Type: "activity", Why: "it has another form than activities have", Raw: whole}}}, ""
	}
	events, err := a.events()
	if err != nil {
		events = []Event{{Broken: &Broken{Type: a.Type, Why: err.Error(), Raw: whole}}}
	}
	return events, a.Filter.UserID
}

func (a *activity) events() ([]Event, error) {
	var p struct {
		Directs      json.RawMessage `json:"direct_message_events"`
		Reads        json.RawMessage `json:"direct_message_mark_read_events"`
		Users        json.RawMessage `json:"users"`
		Conversation string          `json:"conversation_id"`
		Sender       string          `json:"sender_id"`
	}
	_ = json.Unmarshal(a.Payload, &p) // what is missing is seen below
	switch {
	case a.Type == "post.delete":
		return one(deleted(a.Payload))
	case a.Type == "post.repost.create":
	case strings.HasPrefix(a.Type, "post.") && strings.HasSuffix(a.Type, "create"):
		return one(a.post())
	case a.Type == "dm.received" || a.Type == "dm.sent":
		if len(p.Directs) == 0 {
			return nil, errNoText
		}
		return directs(a.Type, p.Directs, usersIn(p.Users)), nil
	case a.Type == "dm.read" && len(p.Reads) > 0:
		return reads(a.Type, p.Reads), nil
	case a.Type == "chat.received":
		if a.UUID == "" {
			return nil, errNoID
		}
		return one(Event{Encrypted: &Encrypted{ID: a.UUID, Conversation: p.Conversation, Sender: p.Sender}}, nil)
	}
	return one(Event{Other: a.Type}, nil)
}

func one(e Event, err error) ([]Event, error) { return []Event{e}, err }

func (a *activity) post() (Event, error) {
	f := vendor.Flatten(a.Payload)
	p := v2Post(f, a.Includes)
	switch {
	case len(f) == 0:
		return Event{}, errNoPost
	case !IsID(p.ID):
		return Event{}, errNoID
	case !IsID(p.Author.ID):
		return Event{}, errNoAuthor
	}
	return Event{Post: &p}, nil
}

// tweet reads a post as the Account Activity API writes it.
func tweet(raw json.RawMessage) (Event, error) {
	var t twitter.Tweet
	if json.Unmarshal(raw, &t) != nil {
		return Event{}, errNoPost
	}
	p, err := PostOf(&t)
	return Event{Post: &p}, err
}

// each reads a list of events one by one: a broken one takes no other with it.
func each(name string, list json.RawMessage, read func(json.RawMessage) (Event, error)) (events []Event) {
	var all []json.RawMessage
	if json.Unmarshal(list, &all) != nil {
		return []Event{{Broken: &Broken{Type: name, Why: "it is not a list", Raw: list}}}
	}
	for _, raw := range all {
		e, err := read(raw)
		if err != nil {
			e = Event{Broken: &Broken{Type: name, Why: err.Error(), Raw: raw}}
		}
		events = append(events, e)
	}
	return events
}

func directs(name string, list json.RawMessage, users map[string]User) []Event {
	return each(name, list, func(raw json.RawMessage) (Event, error) {
		var e twitter.DirectMessageEvent
		if err := json.Unmarshal(raw, &e); err != nil {
			return Event{}, errors.New("it has another form than messages have")
		}
		if e.Type != "" && e.Type != "message_create" {
			return Event{Other: "direct_message_events." + line(e.Type)}, nil
		}
		d, err := DirectOf(&e, users)
		return Event{Direct: &d}, err
	})
}

// reads are how far somebody has read. One that does not say so is of no concern.
func reads(name string, list json.RawMessage) []Event {
	return each(name, list, func(raw json.RawMessage) (Event, error) {
		e := vendor.Flatten(raw)
		user, id, with := e["sender_id"], e["last_read_event_id"], e["target.recipient_id"]
		if !IsID(user) || !IsID(id) || !IsID(with) {
			return Event{Other: name}, nil
		}
		return Event{Read: &Read{ID: id, Conversation: Conversation(user, with), User: user}}, nil
	})
}

// deleted reads both forms in which a deletion comes.
func deleted(raw json.RawMessage) (Event, error) {
	e := vendor.Flatten(raw)
	d := Deleted{ID: firstOf(e["status.id"], e["id"]), User: firstOf(e["status.user_id"], e["author_id"])}
	if !IsID(d.ID) {
		return Event{}, errNoID
	}
	return Event{Deleted: &d}, nil
}

// usersIn reads the users beside messages: as v1.1 writes them, or as v2 does, one level deeper.
func usersIn(raw json.RawMessage) map[string]User {
	var in map[string]struct {
		Name       string  `json:"name"`
		ScreenName string  `json:"screen_name"`
		Data       *v2User `json:"data"`
	}
	_ = json.Unmarshal(raw, &in) // without names their ids will do
	users := map[string]User{}
	for id, u := range in {
		users[id] = User{ID: id, Handle: u.ScreenName, Name: u.Name}
		if u.Data != nil {
			users[id] = User{ID: id, Handle: u.Data.Username, Name: u.Data.Name}
		}
	}
	return users
}
