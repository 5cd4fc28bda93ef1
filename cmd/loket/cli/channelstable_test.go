package cli

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"loket/config"
	"loket/connectors"
	"loket/connectors/all"
)

const channelsPage = "../../../docs/channels/README.md"

// channelsHead begins the table that is compared, and written with -update.
const channelsHead = "| channel | type | longest text | files that go out | free texts | reports | strangers read it | an answer in doubt | can write first |\n" +
	"| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"

// channelsTable is what the connectors say of themselves, a row for each of their channels.
func channelsTable(t *testing.T) string {
	t.Helper()
	known, table := settings(t), channelsHead
	for _, kind := range all.Types() {
		cfg, err := config.Parse("config.yaml", []byte(fmt.Sprintf("connectors: [{name: it, type: %s, settings: %s}]\nteams: {support: {}}\nfallback_team: support\n", kind.Name, known[kind.Name])),
			".", []connectors.Type{kind})
		if err != nil {
			t.Fatal(err)
		}
		made, err := kind.New(cfg.Connectors[0].Settings, connectors.Env{Name: "it", Log: zap.NewNop(), PublicURL: "https://loket.example"})
		if err != nil {
			t.Fatal(err)
		}
		_, finds := made.(connectors.Finder)
		_, reaches := made.(connectors.Reacher)
		for _, l := range made.(connectors.Limited).Limits() {
			printed, length := printLimits(l, ""), "no bound"
			if l.Text > 0 {
				length = fmt.Sprint(l.Text, " ", cmp.Or(l.Counted, "characters"))
			}
			last := func(i int) string { return printed[i][len("  free text  "):] }
			table += fmt.Sprintf("| %s | `%s` | %s | %s | %s | %s | %s | %s | %s |\n", l.Channel, kind.Name, length, last(1), last(2), last(3),
				yesNo(l.Public), map[bool]string{true: "is looked for", false: "is shown to a person"}[finds && !l.Unasked], yesNo(reaches && !l.Public))
		}
	}
	return table
}

func yesNo(yes bool) string { return map[bool]string{true: "yes", false: "no"}[yes] }

// The page of all channels says of each what its connector does.
func TestChannelsPageSaysWhatTheConnectorsDo(t *testing.T) {
	b, err := os.ReadFile(channelsPage)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(b), channelsHead)
	if !found {
		t.Fatalf("%s has no table that begins with\n%s", channelsPage, channelsHead)
	}
	rows, after, _ := strings.Cut(rest, "\n\n")
	want := channelsTable(t)
	if *update {
		if err := os.WriteFile(channelsPage, []byte(before+want+"\n"+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := gocmp.Diff(want, channelsHead+rows+"\n"); diff != "" {
		t.Errorf("%s (-want +got; go test ./cmd/loket/cli -run Channels -update writes it):\n%s", channelsPage, diff)
	}
	for _, kind := range all.Types() { // in the table that people wrote, too, and with a page
		row := ""
		for line := range strings.Lines(before) {
			if strings.HasPrefix(line, "| [") && strings.Contains(line, "`"+kind.Name+"`") {
				row = line
			}
		}
		_, page, _ := strings.Cut(row, "](")
		page, _, _ = strings.Cut(page, ")")
		page, _, _ = strings.Cut(page, "#")
		if _, err := os.Stat("../../../docs/channels/" + page); page == "" || err != nil {
			t.Errorf("%s has no row for %s that leads to its page (%q)", channelsPage, kind.Name, page)
		}
	}
}
