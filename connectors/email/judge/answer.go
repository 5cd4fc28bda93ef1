package judge

import (
	"slices"
	"strings"

	"loket/connectors/email/mail"
	"loket/internal/lazy"
	"loket/internal/message"
)

// MayAnswer tells whether an automatic mail, such as a receipt, may answer m, which Automatic found to be of the given
// kind; if not, why says what stands against it. It keeps to RFC 3834 §2 and goes further where a loop would cost more
// than a missing receipt. How often is the matter of whoever
// sends it, and whether the sender is who they say that of Trust.
func MayAnswer(m *mail.Mail, own Own, kind message.Automatic) (ok bool, why string) {
	if kind != message.ByPerson {
		return false, "a machine wrote it: " + kind.Word()
	}
	if why, is := OwnMail(m, own); is {
		return false, "our own mail: " + why
	}
	switch {
	case m.NullReturnPath:
		return false, "Return-Path: <>"
	case autoSubmitted(m.Header) != "":
		return false, "Auto-Submitted"
	case suppress(m.Header) >= suppressReply:
		return false, "X-Auto-Response-Suppress"
	case m.Header.Has("Feedback-ID"):
		return false, "Feedback-ID"
	case keyword(m.Header.Get("X-Spam-Flag")) == "yes":
		return false, "X-Spam-Flag"
	case len(m.From) != 1:
		return false, "not exactly one sender"
	}
	for _, list := range [...][]mail.Address{m.From, m.Sender, m.ReplyTo} {
		for _, a := range list {
			switch {
			case own.has(a.Addr):
				return false, "the sender is one of us"
			case isRole(a.Addr):
				return false, "the sender's address is a program's"
			}
		}
	}
	if isRole(m.ReturnPath) && !own.has(m.ReturnPath) {
		return false, "Return-Path is a program's"
	}
	if _, domain := split(m.From[0].Addr); domain == "" {
		return false, "no sender that could be answered"
	}
	if !own.addressed(m) {
		return false, "not addressed to us"
	}
	return true, ""
}

// addressed tells whether one of our addresses stands where RFC 3834 §2 wants it.
func (o Own) addressed(m *mail.Mail) bool {
	ours := func(a mail.Address) bool { return o.has(a.Addr) }
	if slices.ContainsFunc(m.To, ours) || slices.ContainsFunc(m.Cc, ours) {
		return true
	}
	for _, name := range [...]string{"Resent-To", "Resent-Cc", "Bcc"} {
		for _, v := range m.Header.All(name) {
			if slices.ContainsFunc(addressesIn(head(v, maxField), 100), o.has) {
				return true
			}
		}
	}
	return false
}

// role is the part before the @ of an address that a program reads, or nobody.
var role = lazy.Compile(`^(` +
	`mailer[-_]?daemon|maildaemon|postmaster|hostmaster|abuse|root|daemon|nobody|listserv|majordomo|mailman|lyris|ezmlm` +
	`|(do[-_.]?)?not?[-_.]?(reply|respond)([-_.+].*)?|.*[-_.]no[-_.]?reply|niet[-_.]?beantwoorden|geen[-_.]?antwoord` +
	`|bounces?([-_.+=].*)?|.*[-_.+]bounces?([-+=].*)?` +
	`|owner-.*|.*-owner|.*-request|.*-(un)?subscribe|.*-confirm|notifications?|alerts?|auto[-_.]?(reply|responder)` +
	`)$`)

func isRole(addr string) bool {
	local, _ := split(head(addr, maxLine))
	return role.MatchString(strings.ToLower(local))
}
