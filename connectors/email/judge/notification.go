package judge

import (
	"encoding/json"
	"strings"

	"loket/connectors/email/mail"
)

// A notification is how Amazon SES tells of a mail's delivery when SNS passes it on by mail: JSON as the whole text.
type notification struct {
	NotificationType string
	EventType        string
	Bounce           struct {
		BounceType        string
		BouncedRecipients []struct{ EmailAddress, Action, Status, DiagnosticCode string }
	}
}

// readNotification reads what SNS passes on of a bounce. What it tells of deliveries and complaints is left to others.
func readNotification(m *mail.Mail) (Report, bool) {
	text := strings.TrimSpace(head(m.Text, maxStatus))
	if !m.Header.Has("X-Amz-SNS-Message-Id") || !strings.HasPrefix(text, "{") {
		return Report{}, false
	}
	var n notification
	err := json.NewDecoder(strings.NewReader(text)).Decode(&n) // how to end the notifications stands behind it
	if err != nil || n.NotificationType != "Bounce" && n.EventType != "Bounce" {
		return Report{}, false
	}
	var outcomes []Outcome
	for _, r := range n.Bounce.BouncedRecipients[:min(len(n.Bounce.BouncedRecipients), maxOutcomes)] {
		status := statusCode(r.Status)
		o := Outcome{Recipient: bareAddr(r.EmailAddress), State: StateFailed, Status: status, Reason: reason(status, typed(r.DiagnosticCode))}
		o.Permanent = n.Bounce.BounceType == "Permanent" && isGone(status, r.DiagnosticCode)
		outcomes = append(outcomes, o)
	}
	if len(outcomes) == 0 {
		outcomes = []Outcome{{State: StateFailed}}
	}
	return of(outcomes, "bounce by SNS"), true
}
