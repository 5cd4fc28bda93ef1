package bluesky

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"loket/connectors"
	"loket/connectors/vendor"
	"loket/internal/message"
)

// What a post may have (app.bsky.feed.post).
const (
	maxLetters = 300
	maxBytes   = 3000
)

const collection = "app.bsky.feed.post"

// reasons put refusals in words of ours.
func reasons() []vendor.Reason {
	return []vendor.Reason{
		{Status: 401, Says: "authenticationrequired", Means: "Bluesky does not take handle and app_password", Verdict: vendor.Retry},
		{Status: 401, Says: "authfactortokenrequired", Means: "Bluesky wants a second factor: give an app password, not the account's own", Verdict: vendor.Retry},
		{Status: 401, Says: "accounttakedown", Means: "Bluesky has taken the account down", Verdict: vendor.Retry},
		{Status: 401, Means: "Bluesky does not take the session", Verdict: vendor.Retry},
		{Status: 400, Says: "expiredtoken", Means: ended, Verdict: vendor.Retry},
		{Status: 400, Says: "invalidtoken", Means: ended, Verdict: vendor.Retry},
		{Status: 400, Says: "recordnotfound", Means: gone},
		{Status: 400, Means: "Bluesky does not take this"},
	}
}

const (
	gone  = "there is no such post"
	ended = "the session has ended"
)

// answered is the post that m answers, and whose conversation it is.
func answered(m *message.Message) (who, place string) {
	if len(m.References) == 0 {
		return "", ""
	}
	who, place, _ = strings.Cut(m.References[len(m.References)-1], separator)
	return who, place
}

// Check says in words for people why Bluesky would not take m.
func (a *Account) Check(m *message.Message) error {
	_, place := answered(m)
	switch n := message.Graphemes(m.Text); {
	case !m.Public:
		return connectors.Refuse("private messages of Bluesky are not connected: answer in public, or by another channel")
	case place == "":
		return connectors.Refuse("there is no post to answer")
	case n > maxLetters:
		return connectors.Refuse("a post on Bluesky must be at most %d characters, not %d", maxLetters, n)
	case len(m.Text) > maxBytes:
		return connectors.Refuse("a post on Bluesky must be at most %d bytes, not %d", maxBytes, len(m.Text))
	case len(m.Attachments) > 0:
		return connectors.Refuse("files cannot be sent to Bluesky")
	case strings.TrimSpace(m.Text) == "":
		return connectors.Refuse("there is nothing to send")
	}
	return nil
}

const digits = "234567abcdefghijklmnopqrstuvwxyz"

// key is what an answer is known by, which we choose: the same each time, so that one in doubt can be looked up. It has the form of a TID
// (atproto.com/specs/tid), a count of microseconds and ten bits more, and lies within 18 minutes of that of the post that is answered.
func key(m *message.Message) string {
	_, place := answered(m)
	_, parent, _ := strings.Cut(place, "/")
	var after uint64
	for _, c := range parent[:min(len(parent), 13)] {
		after = after<<5 | uint64(max(0, strings.IndexRune(digits, c)))
	}
	sum := sha256.Sum256([]byte(m.ID))
	n := (after&^(1<<10-1) + binary.BigEndian.Uint64(sum[:])>>24) & (1<<63 - 1)
	tid := make([]byte, 13)
	for i := range tid {
		tid[12-i] = digits[n&31]
		n >>= 5
	}
	return string(tid)
}

var links = regexp.MustCompile(`https?://[^\s<>"]*[^\s<>".,;:!?)'\]]`)

type object = map[string]any

// record is an answer as it is kept: beneath what it answers and what began that, with its links by their places in bytes.
func record(m *message.Message, parent vendor.Fields) object {
	this := object{"uri": parent["uri"], "cid": parent["cid"]}
	root := this
	if began := parent.Under("record.reply.root"); began["uri"] != "" {
		root = object{"uri": began["uri"], "cid": began["cid"]}
	}
	r := object{"$type": collection, "text": m.Text, "createdAt": time.Now().UTC().Format(sortable), "reply": object{"root": root, "parent": this}}
	var facets []object
	add := func(from, to int, feature object) {
		facets = append(facets, object{"index": object{"byteStart": from, "byteEnd": to}, "features": []object{feature}})
	}
	for _, at := range links.FindAllStringIndex(m.Text, -1) {
		add(at[0], at[1], object{"$type": "app.bsky.richtext.facet#link", "uri": m.Text[at[0]:at[1]]})
	}
	name := "@" + parent["author.handle"]
	if at := strings.Index(m.Text, name); at >= 0 && name != "@" {
		add(at, at+len(name), object{"$type": "app.bsky.richtext.facet#mention", "did": parent["author.did"]})
	}
	if facets != nil {
		r["facets"] = facets
	}
	if m.Language != "" {
		r["langs"] = []string{m.Language}
	}
	return r
}

// Send posts an answer.
func (a *Account) Send(ctx context.Context, m *message.Message) (connectors.Receipt, error) {
	if err := a.Check(m); err != nil {
		return connectors.Receipt{}, connectors.Permanent(err)
	}
	self, err := a.session.did(ctx)
	if err != nil {
		return connectors.Receipt{}, err
	}
	_, at := answered(m)
	found, err := a.posts(ctx, at)
	if err != nil {
		return connectors.Receipt{}, err
	}
	if found[at] == nil {
		return connectors.Receipt{}, connectors.Permanent(connectors.Refuse("the post that is answered is gone: its author deleted it, or shows it to us no more"))
	}
	if err := a.sent.Add(ctx, key(m)); err != nil { // it is listed among our posts, perhaps before we are answered
		return connectors.Receipt{}, err
	}
	_, err = a.api.Fields(ctx, vendor.Call{Path: "/com.atproto.repo.createRecord", JSON: object{
		"repo": self, "collection": collection, "rkey": key(m), "record": record(m, found[at]),
	}})
	if err != nil {
		return a.unsent(ctx, m, err)
	}
	return receipt(m, self), nil
}

// unsent says what a failed call means: what was refused may be there, from an earlier try that was in doubt.
func (a *Account) unsent(ctx context.Context, m *message.Message, err error) (connectors.Receipt, error) {
	if !connectors.IsPermanent(err) {
		return connectors.Receipt{}, err
	}
	r, found, errFind := a.Find(ctx, m)
	if found {
		return r, nil
	}
	return r, cmp.Or(errFind, err)
}

func receipt(m *message.Message, self string) connectors.Receipt {
	who, _ := answered(m)
	return connectors.Receipt{ID: ref(who, self+"/"+key(m)), State: connectors.Sent}
}

// Find looks whether m is there, by the key that it has.
func (a *Account) Find(ctx context.Context, m *message.Message) (connectors.Receipt, bool, error) {
	self, err := a.session.did(ctx)
	if err == nil {
		_, err = a.api.Fields(ctx, vendor.Call{Path: "/com.atproto.repo.getRecord", Query: url.Values{"repo": {self}, "collection": {collection}, "rkey": {key(m)}}})
	}
	switch e := vendor.As(err); {
	case err == nil:
		return receipt(m, self), true, nil
	case e != nil && (e.Detail == gone || vendor.Gone(err)):
		return connectors.Receipt{}, false, nil
	}
	return connectors.Receipt{}, false, fmt.Errorf("look for the answer: %w", err)
}

// Setup says what must be set, and whether the password is right.
func (a *Account) Setup(ctx context.Context) ([]string, error) {
	lines := []string{"On Bluesky, as the account: Settings, Privacy and security, App passwords: make one for loket, and give it as app_password.", "Nothing must reach loket from outside."}
	self, err := a.session.did(ctx)
	if err != nil {
		return lines, fmt.Errorf("sign in: %w", err)
	}
	return append(lines, "right    the password is that of "+self), nil
}

var _ = []any{
	connectors.Sender((*Account)(nil)), connectors.Finder((*Account)(nil)), connectors.Checker((*Account)(nil)), connectors.Guide((*Account)(nil)),
	connectors.Troubled((*Account)(nil)), connectors.Metered((*Account)(nil)),
}
