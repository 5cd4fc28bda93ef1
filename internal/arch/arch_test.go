// Package arch holds the table of who may import whom. A package without a row fails; a new row is a decision.
package arch_test

import (
	"encoding/json"
	"os/exec"
	"path"
	"strings"
	"testing"
)

// table: every package of the project and the packages of the project that it may import, floor by floor.
// "config" reads the sections of those who own them and "app" puts all together: each lists what it uses.
var table = map[string]string{
	// 1: the ground
	"internal/message":  "internal/field",
	"internal/field":    "",
	"internal/secret":   "",
	"internal/private":  "",
	"internal/store":    "internal/field internal/secret",
	"internal/blob":     "",
	"internal/archive":  "internal/blob",
	"internal/limit":    "",
	"internal/words":    "",
	"internal/loopback": "",
	"internal/problem":  "",
	"internal/page":     "internal/field",
	"internal/trouble":  "",
	"internal/body":     "",
	"internal/form":     "internal/body internal/limit internal/message internal/problem",
	"internal/sms":      "",
	"internal/keylock":  "",
	"internal/lazy":     "",
	"internal/spool":    "internal/message",
	// 2: channels, and who their customers are
	"connectors":          "internal/message internal/page",
	"connectors/fetch":    "connectors connectors/vendor internal/message internal/loopback",
	"connectors/hook":     "internal/body internal/limit internal/problem internal/secret internal/trouble",
	"connectors/poll":     "connectors",
	"connectors/echo":     "connectors",
	"connectors/notify":   "connectors internal/message",
	"connectors/optout":   "connectors",
	"connectors/filelink": "connectors internal/message internal/problem",
	"connectors/vendor":   "connectors internal/message internal/field internal/loopback",
	"connectors/*": "connectors connectors/echo connectors/fetch connectors/filelink connectors/hook connectors/notify connectors/optout connectors/poll connectors/vendor internal/message internal/field internal/secret " +
		"internal/limit internal/loopback internal/body internal/form internal/page internal/problem internal/sms internal/keylock internal/trouble",
	"connectors/email": "connectors connectors/email/mail connectors/email/quote connectors/email/judge " +
		"connectors/email/mailbox connectors/email/send internal/message internal/field",
	"connectors/email/mail":    "internal/lazy",
	"connectors/folder":        "connectors connectors/email connectors/hook connectors/poll internal/message internal/field internal/body",
	"connectors/email/quote":   "internal/lazy",
	"connectors/email/judge":   "internal/lazy connectors/email/mail internal/message",
	"connectors/email/mailbox": "internal/field internal/loopback internal/secret",
	"connectors/email/send":    "connectors internal/message internal/field internal/loopback internal/secret",
	"connectors/x":             "connectors connectors/x/api connectors/echo connectors/fetch connectors/hook connectors/poll connectors/vendor internal/message internal/field internal/secret internal/body internal/loopback",
	"connectors/bluesky":       "connectors connectors/echo connectors/hook connectors/poll connectors/vendor internal/message internal/field internal/secret",
	"connectors/mastodon":      "connectors connectors/echo connectors/email/quote connectors/fetch connectors/hook connectors/poll connectors/vendor internal/message internal/field internal/secret internal/loopback",
	"connectors/youtube":       "connectors connectors/echo connectors/email/mailbox connectors/hook connectors/poll connectors/vendor internal/message internal/field internal/secret",
	"connectors/x/api":         "connectors connectors/hook connectors/vendor internal/message internal/secret internal/body",
	"connectors/all":           "connectors connectors/*",
	"identity":                 "internal/message internal/store internal/field internal/secret internal/body internal/words",
	// 3: from Accept to the team's queue and back
	"router/calendar":   "internal/field",
	"router/language":   "",
	"router":            "internal/message internal/field router/calendar router/language",
	"router/thread":     "internal/message internal/store internal/archive internal/field internal/secret",
	"router/queue":      "router internal/message internal/store internal/archive internal/field",
	"router/intake":     "internal/field internal/message identity router/thread router router/language router/queue internal/store internal/spool",
	"router/outbox":     "internal/field internal/message connectors router/queue router/thread",
	"router/kpi":        "router/queue router/calendar router/kpi/column internal/store internal/archive internal/field",
	"router/kpi/column": "",
	// 4: people
	"desk/access": "internal/field internal/private internal/secret router",
	"desk": "desk/access internal/message internal/field internal/words identity router router/calendar router/thread router/queue router/kpi " +
		"router/intake internal/store internal/blob",
	"desk/customers": "desk desk/access internal/field internal/message internal/store identity router/intake router/queue router/thread",
	"desk/figures":   "desk desk/access internal/field internal/message internal/store router router/calendar router/kpi router/queue",
	"desk/reports":   "desk/access desk/figures internal/field internal/message internal/store router/calendar router/kpi",
	"desk/portal":    "internal/field internal/form internal/message internal/limit internal/page internal/problem internal/trouble router/thread",
	"desk/people":    "desk/access internal/field internal/secret internal/store router",
	"desk/pages":     "desk desk/access desk/customers desk/figures desk/people identity internal/body internal/field internal/form internal/lazy internal/limit internal/loopback internal/message internal/page router/intake router/kpi router/queue",
	"desk/api":       "desk desk/access desk/figures desk/customers desk/people identity internal/message internal/field internal/limit internal/loopback internal/secret internal/body router router/intake router/kpi router/queue",
	// 5 and 6
	"config": "connectors desk/access desk/people desk/reports identity internal/field internal/page internal/private internal/secret internal/store router router/calendar",
	"cmd/loket/app": "config connectors desk desk/access desk/customers desk/api desk/figures desk/pages desk/people desk/portal desk/reports identity internal/archive internal/blob internal/field internal/form internal/message internal/page internal/private " +
		"internal/secret internal/spool internal/store router router/intake router/kpi router/outbox router/queue router/thread",
	"cmd/loket/cli/format": "router/calendar",
	"cmd/loket/cli":        "cmd/loket/cli/format config connectors connectors/all connectors/email desk/api desk/figures internal/body internal/field internal/message internal/private internal/secret router router/calendar router/kpi",
	"cmd/loket":            "cmd/loket/app cmd/loket/cli cmd/loket/cli/format config connectors/all",
	// beside the daemon
	"internal/arch":                        "",
	"internal/soak":                        "",
	"internal/proptest":                    "internal/soak",
	"internal/store/storetest":             "internal/store",
	"connectors/email/mailbox/dovecottest": "",
	"connectors/email/mailbox/faultproxy":  "",
	"connectors/email/send/smtptest":       "",
	"connectors/x/xtest":                   "connectors/connectortest",
	"connectors/telegram/telegramtest":     "connectors/connectortest",
	"connectors/meta/metatest":             "connectors/connectortest",
	"connectors/twilio/twiliotest":         "connectors/connectortest",
	"connectors/webhook/webhooktest":       "connectors/connectortest",
	"connectors/mastodon/mastodontest":     "connectors/connectortest",
	"connectors/youtube/youtubetest":       "connectors/connectortest",
	"connectors/bluesky/blueskytest":       "connectors/connectortest",
	"internal/e2e":                         "",
	"internal/e2e/pages":                   "",
	"internal/e2e/sources":                 "",
}

type pkg struct {
	ImportPath string
	Imports    []string
}

func TestImportsGoDown(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "loket/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	used := map[string]bool{} // rows, and what of them is imported
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for dec.More() {
		var p pkg
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(p.ImportPath, "loket/")
		row := rowOf(name)
		if row == "" {
			t.Errorf("%s has no row in the table: a new room needs a good reason", name)
			continue
		}
		used[row] = true
		for _, imported := range p.Imports {
			own, isOwn := strings.CutPrefix(imported, "loket/")
			if !isOwn {
				continue
			}
			allowed := allows(row, own)
			if allowed == "" {
				t.Errorf("%s imports %s, which its row does not allow", name, own)
			}
			used[row+" may import "+allowed] = true
		}
	}
	for row, imports := range table {
		if !used[row] {
			t.Errorf("the table has a row for %s, which is no package", row)
		}
		for _, imported := range strings.Fields(imports) {
			if !used[row+" may import "+imported] {
				t.Errorf("the row of %s allows %s, which nobody there imports", row, imported)
			}
		}
	}
}

// rowOf is the row of a package, "" when it has none; connectors share one.
func rowOf(name string) string {
	if _, ok := table[name]; ok {
		return name
	}
	if path.Dir(name) == "connectors" {
		return "connectors/*"
	}
	return ""
}

// allows is what of a row allows an import, "" when nothing does.
func allows(row, imported string) string {
	for _, allowed := range strings.Fields(table[row]) {
		if allowed == imported || allowed == "connectors/*" && path.Dir(imported) == "connectors" {
			return allowed
		}
	}
	return ""
}
