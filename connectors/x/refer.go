package x

import (
	"net/url"
	"slices"
	"strings"

	"loket/connectors/x/api"
	"loket/internal/message"
)

// References of a public conversation have the customer before the post: many may answer one post of ours, and each of
// them is a conversation, a task, of its own. Those of private ones have the conversation.
const private = "dm"

func ref(parts ...string) string { return strings.Join(parts, "/") }

// postRefs are what leads to the thread of a post that customer takes part in, root first.
func postRefs(customer string, p *api.Post) (refs []string) {
	add := func(id string) {
		if api.IsID(id) && id != p.ID {
			refs = append(refs, ref(customer, id))
		}
	}
	add(p.Conversation)
	for _, id := range p.Versions {
		add(id)
	}
	if p.ReplyTo != p.Conversation {
		add(p.ReplyTo)
	}
	return refs
}

// forAll begins the ids of what we wrote for everybody: whoever answers it has a conversation of their own.
const forAll = "post"

// answers are the posts that a post may answer as what we wrote for everybody, root first.
func answers(p *api.Post) (ids []string) {
	for _, id := range []string{p.Conversation, p.ReplyTo, p.Quotes} {
		if one := ref(forAll, id); api.IsID(id) && id != p.ID && !slices.Contains(ids, one) {
			ids = append(ids, one)
		}
	}
	return ids
}

// postLink is where a post is seen; "" for none.
func postLink(id string) string {
	if !api.IsID(id) {
		return ""
	}
	return "https://x.com/i/status/" + id
}

// directLink is where a private conversation is seen by us.
func directLink(conversation string) string {
	return "https://x.com/messages/" + url.PathEscape(conversation)
}

// answered is the post that m answers: the last it refers to.
func answered(m *message.Message) (id string, ok bool) {
	if len(m.References) == 0 {
		return "", false
	}
	customer, id, ok := strings.Cut(m.References[len(m.References)-1], "/")
	return id, ok && customer != private && api.IsID(id)
}

// conversation is the private one that m belongs to: the one it refers to, or that with whom it is for.
func conversation(m *message.Message, self string) (id, recipient string) {
	recipient = user(m.To)
	for _, r := range m.References {
		if kind, rest, _ := strings.Cut(r, "/"); kind == private {
			if id, _, _ = strings.Cut(rest, "/"); id != "" {
				return id, recipient
			}
		}
	}
	if recipient == "" {
		return "", ""
	}
	return api.Conversation(self, recipient), recipient
}

// user is the number of the first on X among ids; "" when nobody is.
func user(ids []message.Identifier) string {
	for _, id := range ids {
		if id.Kind == "xu" && api.IsID(id.Value) {
			return id.Value
		}
	}
	return ""
}
