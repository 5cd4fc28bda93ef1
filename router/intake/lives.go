package intake

import (
	"context"
	"errors"
	"slices"
	"time"

	"loket/identity"
	"loket/internal/message"
	"loket/router/language"
	"loket/router/thread"
)

// Warnings on a message that would have gone on with somebody else's conversation.
const (
	MarkOthersTime     = "an earlier conversation of this address belongs to somebody else's time"
	MarkSilent         = "this number was silent for long: whose it is now stands in question"
	MarkOthersName     = "the holder of this number was called otherwise before: whose it is now stands in question"
	MarkOthersLanguage = "the holder of this number wrote in another language before: whose it is now stands in question"
	MarkMoved          = "the channel says that this sender had another number or account before: see the suggestions"
	MarkOthersAccount  = "another account wrote from this number before: whose it is now stands in question"
)

// ofTheirTime gives m in a conversation of its sender's own. Where what it refers to leads to one that somebody else began, who
// had the sender's address before, or has it since, or writes from another account on the same number, it begins its own, or goes
// on with it, and names the other's task. One person stays in one conversation, whatever was given up meanwhile.
func (in *Intake) ofTheirTime(ctx context.Context, asked *message.Message, f found, who identity.Result) (found, error) {
	if len(f.message.Formerly) > 0 {
		marked := *f.message
		marked.Marks = append(slices.Clone(marked.Marks), MarkMoved)
		f.message = &marked
	}
	for _, s := range [2]struct{ sign, mark string }{{identity.SignName, MarkOthersName}, {identity.SignLanguage, MarkOthersLanguage}} {
		if slices.Contains(who.Signs, s.sign) {
			marked := *f.message
			marked.Marks = append(slices.Clone(marked.Marks), s.mark)
			f.message = &marked
		}
	}
	m := f.message
	if m.Thread == m.ID || asked.Connector == "" { // whoever has the link of a page is asked nothing
		return f, nil
	}
	who, err := in.withClaims(ctx, m, who)
	if err != nil || len(who.Lives) == 0 && !changed(f.began, m.From) {
		return f, err
	}
	th, err := in.threads.Find(ctx, m.Thread)
	if errors.Is(err, thread.ErrNone) {
		return f, nil
	}
	if err != nil {
		return f, err
	}
	own, err := in.ownThread(ctx, m, th, who)
	if err != nil || own == "" {
		return f, err
	}
	theirs := *m
	theirs.Thread = own
	theirs.Marks = slices.DeleteFunc(slices.Clone(m.Marks), func(mark string) bool { // what was looked at in the other's
		return mark == MarkNewParticipant || mark == MarkLessSure || mark == MarkCopied
	})
	f.message, f.related = &theirs, ""
	begun, err := in.threads.Find(ctx, own)
	begins := errors.Is(err, thread.ErrNone)
	if err != nil && !begins {
		return f, err
	}
	if begins || !m.Received.After(begun.Began) { // messages are walked in any order: the one that came first bears the mark
		theirs.Marks = append(theirs.Marks, whyBegins(th, m, who))
	}
	if begins {
		f.related = th.Task
		return f, nil
	}
	return in.look(ctx, f)
}

// spokenNow is the language that the words of a message seem to be in, for who shows a number: another one is a sign that it is
// somebody else's now. What a colleague wrote down of a call is in the colleague's words.
func spokenNow(m *message.Message) string {
	if m.Kind != message.Said || m.Agent != "" || !numbered(m.From) {
		return ""
	}
	if m.Language != "" {
		return m.Language
	}
	spoken, _ := language.Guess(m.Subject+"\n"+m.Text, language.Known())
	return spoken
}

// whyBegins is the mark on what begins a conversation beside th.
func whyBegins(th *thread.Thread, m *message.Message, who identity.Result) string {
	switch {
	case changed(th.From, m.From):
		return MarkOthersAccount
	case slices.ContainsFunc(who.Lives, func(l identity.Life) bool { return l.Doubt }):
		return MarkSilent
	}
	return MarkOthersTime
}

// withClaims adds what is known of the identifiers of a sender who only claims them: a caller's number.
func (in *Intake) withClaims(ctx context.Context, m *message.Message, who identity.Result) (identity.Result, error) {
	ids := slices.Clone(m.From)
	for i := range ids {
		if !ids[i].Claim() {
			return who, nil
		}
		ids[i].Level = message.Attested
	}
	claimed, err := in.registry.Resolve(ctx, identity.Subject{IDs: ids, At: m.Received, Brief: true, Look: true})
	who.Lives = claimed.Lives
	return who, err
}

// ownThread is where somebody's conversation is whose address leads to a thread of somebody else; "" when it leads to their
// own. All that lead there from one time, or one account, have the same.
func (in *Intake) ownThread(ctx context.Context, m *message.Message, th *thread.Thread, who identity.Result) (string, error) {
	name := ""
	for _, l := range who.Lives {
		if !l.Holds(th.Began) && slices.ContainsFunc(th.From, func(x message.Identifier) bool { return x.String() == l.String() }) {
			name = max(name, l.String()+" "+l.From.UTC().Format(time.RFC3339Nano))
		}
	}
	if account := accountOf(m.From); changed(th.From, m.From) {
		name = account.String()
	}
	if name == "" {
		return "", nil
	}
	if who.Customer != "" {
		began, err := in.registry.Resolve(ctx, identity.Subject{IDs: th.From, At: th.Began, Brief: true, Look: true})
		if err != nil || began.Customer == who.Customer {
			return "", err
		}
	}
	if m.Direction == message.In && changed(th.From, m.From) {
		if id, err := in.accountsThread(ctx, m); err != nil || id != "" {
			return id, err
		}
	}
	return message.NewID([]byte("conversation of another time"), []byte(th.ID), []byte(name)), nil
}

// accountsThread is the conversation that the sender's own account began, of those that m refers to: theirs is the number too,
// which leads to whoever was written to last.
func (in *Intake) accountsThread(ctx context.Context, m *message.Message) (string, error) {
	leads, err := in.threads.LeadTo(ctx, m)
	if err != nil {
		return "", err
	}
	account := accountOf(m.From)
	for _, id := range leads {
		th, err := in.threads.Find(ctx, id)
		if errors.Is(err, thread.ErrNone) {
			continue
		}
		if err != nil {
			return "", err
		}
		if slices.ContainsFunc(th.From, func(x message.Identifier) bool { return x.String() == account.String() }) {
			return id, nil
		}
	}
	return "", nil
}

// accountOf is the account of a platform that a sender shows, zero when they show none.
func accountOf(ids []message.Identifier) message.Identifier {
	i := slices.IndexFunc(ids, func(x message.Identifier) bool { return x.Class() == message.Stable })
	if i < 0 {
		return message.Identifier{}
	}
	return ids[i]
}

// changed tells whether two senders show accounts of one platform, and none that is the same.
func changed(began, from []message.Identifier) bool {
	differs := false
	for _, a := range began {
		for _, b := range from {
			if a.Class() != message.Stable || b.Class() != message.Stable || a.Kind != b.Kind || a.Scope != b.Scope {
				continue
			}
			if a.Value == b.Value {
				return false
			}
			differs = true
		}
	}
	return differs && numbered(began) && numbered(from)
}

// numbered tells whether a sender shows a telephone number, which several accounts may have one after the other.
func numbered(ids []message.Identifier) bool {
	return slices.ContainsFunc(ids, func(x message.Identifier) bool { return x.IsNumber() })
}
