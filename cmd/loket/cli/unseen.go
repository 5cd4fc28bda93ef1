package cli

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"loket/cmd/loket/cli/format"
	"loket/desk/api"
	"loket/router/calendar"
)

// looking is for commands that are refused when the customer wrote since the agent last looked.
type looking struct {
	Anyway bool   `help:"Also over messages that came since you looked."`
	Seen   string `placeholder:"SEEN" help:"What the task gave as seen when you looked (show --json). Left out, what was last shown to you."`
}

// unseenText shows what came since the agent looked, as part of why a command was refused. Looking at it here does not count:
// a script that runs the command until it succeeds must not close what nobody read.
func unseenText(p *api.Problem) []string {
	var lines []string
	zone, err := calendar.ParseZone("", p.Zone)
	if err != nil {
		zone = time.UTC
	}
	if left := p.Count - len(p.Unseen); left > 0 {
		lines = append(lines, fmt.Sprintf("these are the newest, %d more came before:", left))
	}
	for i := range p.Unseen {
		m := &p.Unseen[i]
		at := m.Received.In(zone).Format("2 Jan 15:04")
		if i == 0 {
			at += " " + zone.String()
		}
		lines = append(lines, join("──", at, cmp.Or(format.Shorten(format.CleanLine(m.Name), 40), "customer"), format.CleanLine(strings.Join(m.Marks, ", "))))
		for line := range strings.Lines(m.Text) {
			lines = append(lines, "   "+strings.TrimRight(line, "\r\n"))
		}
		for _, a := range m.Attachments {
			lines = append(lines, fmt.Sprintf("   [%s, %s, %s: %s]", format.CleanLine(a.Name), format.CleanLine(a.Type), format.Size(a.Size), format.CleanLine(a.ID)))
		}
	}
	return append(lines, "nothing was changed: look with loket show, or repeat the command with --anyway")
}
