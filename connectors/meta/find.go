package meta

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"loket/connectors/poll"
	"loket/connectors/vendor"
	"loket/internal/message"
)

// maxPages bounds one search.
const maxPages = 40

// errUnknowable is why nobody knows whether an answer is at Meta: what it says is not there might be sent twice.
var errUnknowable = errors.New("what Meta lists does not tell whether the answer is there")

// find looks among the messages of the conversation, back to what was answered.
func (w *byPrivate) find(ctx context.Context, m *message.Message, anothers func(string) bool) (id string, err error) {
	const fields = "id,created_time,from,message,attachments"
	path, list := "/"+w.of.page+"/conversations", "data.0.messages."
	query := url.Values{"platform": {w.of.private}, "user_id": {w.to}, "fields": {"messages.limit(25){" + fields + "}"}}
	before, some := false, false
	err = poll.Pages(ctx, maxPages, func(page string) (string, error) {
		if page != "" {
			query.Set("after", page)
		}
		has, err := w.of.api.Fields(ctx, vendor.Call{Path: path, Query: query})
		if err != nil {
			return "", fmt.Errorf("look for the answer: %w", err)
		}
		for one := range has.Each(list + "data") { // newest first
			some = true
			at := instant(one["created_time"], w.now().UTC())
			before = before || !at.After(sentOf(m))
			if at.Before(sentOf(m).Add(-time.Minute)) {
				return "", nil
			}
			if w.isIt(m, one) && !anothers(one["id"]) {
				id = one["id"]
			}
		}
		next := nextPage(has.Under(list + "paging"))
		if talk := has["data.0.id"]; list != "" && isID(talk) {
			path, list, query = "/"+talk+"/messages", "", url.Values{"fields": {fields}, "limit": {"25"}}
		}
		return next, nil
	})
	switch {
	case err != nil:
		return "", err
	case id != "":
		w.own.Sent(ctx, sentAs(w.talk(m), m.Text), id)
	case !before && (some || w.comment == ""): // a private answer to a comment begins its conversation, and Meta takes no second one
		return "", errUnknowable
	}
	return id, nil
}

// isIt tells whether one of a conversation is ours and says what m says.
func (w *byPrivate) isIt(m *message.Message, one vendor.Fields) bool {
	ours := one["from.id"] == w.of.id || one["from.id"] == w.of.page
	return ours && sentAs("", one["message"]) == sentAs("", m.Text) && (one["attachments.data.0.id"] != "") == (len(m.Attachments) > 0)
}

// find looks among all answers to the comment.
func (w *byComment) find(ctx context.Context, m *message.Message, anothers func(string) bool) (id string, err error) {
	list, text := "comments", "message"
	query := url.Values{"fields": {"from,message,created_time"}, "order": {"reverse_chronological"}, "limit": {"100"}}
	if w.of.object == objectInstagram {
		list, text = "replies", "text"
		query = url.Values{"fields": {"from,username,text"}, "limit": {"50"}}
	}
	if strings.HasPrefix(w.id, "mention:") || strings.HasPrefix(m.Text, templateSign) {
		return "", errors.New("nobody can ask Meta whether that was done")
	}
	customer := strings.Split(m.References[len(m.References)-1], "/")[1]
	err = poll.Pages(ctx, maxPages, func(page string) (string, error) {
		if page != "" {
			query.Set("after", page)
		}
		has, err := w.of.api.Fields(ctx, vendor.Call{Path: ref("", w.id, list), Query: query})
		if err != nil {
			return "", fmt.Errorf("look for the answer: %w", err)
		}
		for one := range has.Each("data") {
			if sentAs("", one[text]) != sentAs("", m.Text) || anothers(ref(public, customer, one["id"])) {
				continue
			}
			switch ours, err := w.wrote(ctx, one); {
			case err != nil:
				return "", err
			case ours:
				id = one["id"]
				return "", nil
			}
		}
		return nextPage(has.Under("paging")), nil
	})
	if err != nil || id == "" {
		return "", err
	}
	w.own.Sent(ctx, sentAs(w.talk(m), m.Text), id)
	return ref(public, customer, id), nil
}

// wrote tells whether we wrote a comment; that it can't be told is an error.
func (w *byComment) wrote(ctx context.Context, one vendor.Fields) (bool, error) {
	user := firstOf(one, "from.username", "username")
	if one["from.id"] == "" && user != "" && w.of.object == objectInstagram {
		if us, err := w.username(ctx, w.of); err != nil || us == "" {
			return false, cmp.Or(err, errUnknowable)
		}
	}
	if one["from.id"] == "" && user == "" {
		return false, errUnknowable
	}
	return w.isOurs(ctx, w.of, one["from.id"], user)
}

// nextPage is what to ask for after a page, as it says, "" after the last.
func nextPage(paging vendor.Fields) string {
	if paging["next"] == "" { // a cursor stands on the last page, too
		return ""
	}
	return paging["cursors.after"]
}
