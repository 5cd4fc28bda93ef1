package meta

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"go.uber.org/zap"

	"loket/connectors"
	"loket/connectors/echo"
	"loket/connectors/vendor"
	"loket/internal/message"
)

// A way is how answers go out on one channel.
type way interface {
	// check says in words for people why an answer would not be taken.
	check(m *message.Message) error
	// send hands an answer over and gives its id.
	send(ctx context.Context, m *message.Message) (id string, err error)
	// find gives the id of an answer in doubt, "" when it surely is not there. It is none of those that are another's.
	find(ctx context.Context, m *message.Message, anothers func(id string) bool) (id string, err error)
	// talk names the conversation that m goes to.
	talk(m *message.Message) string
	// window is until when free texts are taken; false where they always are.
	window(m *message.Message) (connectors.Window, bool)
	// refers are the keys of the conversation with whom m is for.
	refers(m *message.Message) []string
}

// way is how an answer goes. The error says in words for people why there is none.
func (a *App) way(m *message.Message) (way, error) {
	switch {
	case m.Channel == channelWhatsApp:
		return a.byWhatsApp(m)
	case (m.Channel == channelFacebook || m.Channel == channelInstagram) && m.Public:
		return a.byComment(m)
	case m.Channel == channelMessenger || m.Channel == channelInstagram:
		return a.byPrivate(m)
	}
	return nil, connectors.Refuse("nothing can be sent on %q here: answer by another way, such as --via preferred", m.Channel)
}

// Check tells before an answer is taken why Meta would refuse it.
func (a *App) Check(m *message.Message) error {
	w, err := a.way(m)
	if err != nil {
		return err
	}
	return w.check(m)
}

// Send hands an answer to Meta. Answers in one conversation go one after the other.
func (a *App) Send(ctx context.Context, m *message.Message) (connectors.Receipt, error) {
	w, err := a.way(m)
	if err == nil {
		err = w.check(m)
	}
	if err != nil {
		return connectors.Receipt{}, connectors.Permanent(err)
	}
	defer a.sending.Lock(w.talk(m))()
	id, err := w.send(ctx, m)
	if err != nil {
		return connectors.Receipt{}, err
	}
	return a.taken(ctx, w, m, id), nil
}

// taken remembers what Meta took. Without it only doubts would be harder to settle.
func (a *App) taken(ctx context.Context, w way, m *message.Message, id string) connectors.Receipt {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := a.answers.Took(ctx, w.talk(m), m.ID, id); err != nil {
		a.env.Log.Warn("answer sent but not remembered", zap.String("message", m.ID), zap.Error(err))
	}
	return connectors.Receipt{ID: id, State: connectors.Sent}
}

// Find looks whether Meta has an answer in doubt.
func (a *App) Find(ctx context.Context, m *message.Message) (connectors.Receipt, bool, error) {
	w, err := a.way(m)
	if err != nil {
		return connectors.Receipt{}, false, nil // such a one was never handed over
	}
	defer a.sending.Lock(w.talk(m))()
	known, err := a.answers.Lately(ctx, w.talk(m))
	if err != nil {
		return connectors.Receipt{}, false, err
	}
	for _, k := range known {
		if k.Reply == m.ID {
			return connectors.Receipt{ID: k.ID, State: connectors.Sent}, true, nil
		}
	}
	id, err := w.find(ctx, m, func(id string) bool {
		return slices.ContainsFunc(known, func(k echo.Answer) bool { return k.ID == id })
	})
	if err != nil || id == "" {
		return connectors.Receipt{}, false, err
	}
	return a.taken(ctx, w, m, id), true, nil
}

// References are the keys of the conversation with whom an answer is for.
func (a *App) References(m *message.Message) []string {
	w, err := a.way(m)
	if err != nil {
		return nil
	}
	return w.refers(m)
}

// Reaches gives the channel on which a message of ours to the address would go.
func (a *App) Reaches(to message.Identifier) string {
	if _, err := a.byWhatsApp(&message.Message{To: []message.Identifier{to}}); err == nil {
		return channelWhatsApp
	}
	for object, kind := range map[string]string{objectPage: "psid", objectInstagram: "igsid"} {
		if of := a.assets[object+" "+to.Scope]; of != nil && kind == to.Kind {
			return of.private
		}
	}
	return ""
}

// Window is Meta's, which takes free texts for a while after the customer wrote.
func (a *App) Window(m *message.Message) (connectors.Window, bool) {
	w, err := a.way(m)
	if err != nil {
		return connectors.Window{}, false
	}
	return w.window(m)
}

// day is how long Meta takes free texts after the customer wrote.
const day = 24 * time.Hour

// openFor is a window of that long after the customer's last message.
func openFor(m *message.Message, long time.Duration) (w connectors.Window, limited bool) {
	if m.Earlier != nil {
		w.Until = m.Earlier.Sent.Add(long)
	}
	return w, true
}

// isLate tells whether the time is over in which a free text is taken.
func (a *App) isLate(w connectors.Window, limited bool) bool {
	return limited && a.now().After(w.Until)
}

// lastWrote says when the customer wrote, after a comma.
func lastWrote(m *message.Message) error {
	if m.Earlier == nil {
		return connectors.Refuse(", and there is none")
	}
	return connectors.Refuse(", which came on %s", m.Earlier.In().Format("2006-01-02 15:04 ")+m.Earlier.In().Location().String())
}

// tooLong is an error when a text has more characters than a channel takes.
func tooLong(channel, text string, most int) error {
	if n := utf8.RuneCountInString(text); n > most {
		return connectors.Refuse("a text on %s must be at most %d characters, not %d", channel, most, n)
	}
	return nil
}

// replied is the message of one's that an answer answers, "" when it answers none: the last that it refers to, if it is an id of that form.
func replied(m *message.Message, prefix string) string {
	if len(m.References) == 0 || !strings.HasPrefix(m.References[len(m.References)-1], prefix) {
		return ""
	}
	return m.References[len(m.References)-1]
}

// oneOf gives the first identifier of one of the kinds, in their order.
func oneOf(ids []message.Identifier, kinds ...string) (message.Identifier, bool) {
	for _, kind := range kinds {
		if i := slices.IndexFunc(ids, func(id message.Identifier) bool { return id.Kind == kind }); i >= 0 {
			return ids[i], true
		}
	}
	return message.Identifier{}, false
}

// before makes the failure of a step before the sending one that is in no doubt: nobody has seen anything.
func before(err error) error {
	switch {
	case connectors.IsPermanent(err), connectors.RetryAfter(err) > 0:
		return err
	case vendor.As(err) != nil && vendor.As(err).Verdict != vendor.InDoubt:
		return err
	}
	return errors.New(err.Error()) // without marks and causes of doubt
}
