// Package api speaks with X: its API v2 by a client of our own, and the older v1.1 by go-twitter, both behind the same
// calls and types. Ids are strings everywhere, for they are larger than what many programs take for a number.
package api

import (
	"cmp"
	"strings"
	"time"
)

// A User is somebody on X. The id stays; the handle may be another's tomorrow.
type User struct{ ID, Handle, Name string }

// A Post is what anybody can read.
type Post struct {
	ID     string
	Author User
	Text   string // as people see it: links in full, without those that stand for pictures
	Lang   string // "" when X is not sure
	// Conversation is the id of the post that all began with; "" when the API does not tell.
	Conversation string
	// ReplyTo is the post that this one answers, and ReplyToUser who wrote that; "" when it answers none.
	ReplyTo, ReplyToUser string
	// Versions are the ids that the post had before it was edited, oldest first.
	Versions []string
	Mentions []string // ids of the users it names
	Quotes   string   // id of the post it quotes
	Repost   bool     // it is another's post, shown again
	Media    []Media
	Created  time.Time
}

// A Direct is a message that only those in its conversation can read.
type Direct struct {
	ID           string
	Conversation string // smaller id, hyphen, larger id, when two talk
	Sender       User
	Recipient    string // "" in a group
	Text         string
	Media        []Media
	Created      time.Time
}

// Media is a picture or a film of a post or message.
type Media struct {
	URL  string
	Kind string // photo, video, animated_gif
}

// Conversation is the id of the conversation of two users.
func Conversation(a, b string) string {
	if Less(b, a) {
		a, b = b, a
	}
	return a + "-" + b
}

// Other is who is in a conversation of two besides one; "" in a group.
func Other(conversation, one string) string {
	a, b, ok := strings.Cut(conversation, "-")
	switch {
	case !ok:
		return ""
	case a == one:
		return b
	case b == one:
		return a
	}
	return ""
}

func isConversation(s string) bool {
	a, b, two := strings.Cut(s, "-")
	return IsID(a) && (!two || IsID(b))
}

// Less compares two ids as the numbers that they are.
func Less(a, b string) bool { return Compare(a, b) < 0 }

// Compare is negative when a is the smaller number, 0 when they are equal.
func Compare(a, b string) int {
	if len(a) != len(b) {
		return cmp.Compare(len(a), len(b))
	}
	return strings.Compare(a, b)
}

// IsID tells whether s is an id: digits, not beginning with 0.
func IsID(s string) bool {
	return s != "" && len(s) <= 19 && s[0] != '0' && strings.Trim(s, "0123456789") == ""
}

// unescape undoes what X does to text in every answer.
var unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
