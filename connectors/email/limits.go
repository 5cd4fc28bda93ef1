package email

import (
	"context"
	"fmt"
	"strings"

	"loket/connectors"
)

// Limits are those of the server that mails go out by.
func (s *sending) Limits() []connectors.Limits {
	return []connectors.Limits{{
		Channel: "email", Files: fmt.Sprintf("any; the whole mail at most %d MB, as it travels", s.sender.Largest()>>20), States: []connectors.State{connectors.Failed},
	}}
}

// Setup says what must be there at the provider of the mailbox. Nothing of it is looked at: the daemon says what it meets.
func (m *Account) Setup(context.Context) ([]string, error) {
	lines := []string{
		"At the provider of " + m.cfg.Address + ": let an account read by IMAP, and set flags in, these folders:",
		"  " + strings.Join(m.cfg.Folders, ", "),
		"Nothing must reach loket from outside.",
	}
	if m.cfg.OAuth2 != nil {
		lines = append(lines, "It signs in by OAuth 2.0: the application needs the right to read by IMAP, and to send by SMTP where it sends.")
	}
	if !m.cfg.sends() {
		return append(lines, "The mailbox is only read: there is no smtp."), nil
	}
	lines = append(lines, "Let the account send by SMTP as "+m.cfg.Address+". The domain's SPF must name that server, so that answers arrive.")
	if len(m.cfg.AuthServ) == 0 {
		lines = append(lines, "WEAK     authserv is not set: every sender is only a claim")
	}
	return lines, nil
}

var (
	_ connectors.Limited = (*sending)(nil)
	_ connectors.Guide   = (*Account)(nil)
)
