package twilio

import (
	"regexp"
	"strings"
	"testing"
)

func TestReasonsAreOneALine(t *testing.T) {
	form := regexp.MustCompile(`^([1-9][0-9]{4})\t(-|retry|settings|retry settings)\t(.+)$`)
	last := ""
	for line := range strings.Lines(reasons) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		parts := form.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if parts == nil || parts[1] <= last {
			t.Fatalf("line %q after %s: want a code that is later, its flags, and what it means, split by tabs", line, last)
		}
		last = parts[1]
	}
	for _, row := range []struct {
		code   int
		want   string
		passes bool
	}{
		{20003, "Twilio does not take our password: the settings of the connector or the account must change (Twilio 20003)", true},
		{21614, "that number can't get SMS: it is not a mobile one (Twilio 21614)", false},
		{30001, "too many messages wait at Twilio (Twilio 30001)", true},
		{29999, "Twilio refused it with error 29999", false},
		{3000, "Twilio refused it with error 3000", false},
	} {
		if _, passes := meaning(row.code); reasonOf(row.code) != row.want || passes != row.passes {
			t.Errorf("reasonOf(%d) = %q, passes %v; want %q, %v", row.code, reasonOf(row.code), passes, row.want, row.passes)
		}
	}
}
