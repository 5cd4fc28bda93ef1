// Package arch holds the table of who may import whom. A package without a row fails; a new row is a decision.
package arch_test

import (
	"encoding/json"
	"os/exec"
	"path"
	"slices"
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
	"internal/blob":     "internal/field",
	"internal/archive":  "internal/blob",
	"internal/limit":    "",
	"internal/words":    "",
	"internal/loopback": "",
	"internal/problem":  "",
	"internal/page":     "",
	"internal/body":     "",
	"internal/sms":      "",
	"internal/spool":    "internal/message",
	// 2: channels, and who their customers are
	"connectors":        "internal/message",
	"connectors/fetch":  "connectors connectors/vendor internal/message internal/loopback",
	"connectors/hook":   "internal/body internal/limit internal/problem internal/secret",
	"connectors/poll":   "connectors",
	"connectors/vendor": "connectors internal/message internal/field internal/loopback",
	"connectors/*": "connectors connectors/fetch connectors/hook connectors/poll connectors/vendor internal/message internal/field internal/secret " +
		"internal/limit internal/body internal/loopback internal/page internal/problem internal/sms",
	"connectors/email": "connectors connectors/email/mail connectors/email/quote connectors/email/judge " +
		"connectors/email/mailbox connectors/email/send internal/message internal/field internal/secret internal/limit",
	"connectors/email/mail":    "",
	"connectors/email/quote":   "",
	"connectors/email/judge":   "connectors/email/mail internal/message",
	"connectors/email/mailbox": "connectors internal/field internal/loopback internal/secret",
	"connectors/email/send":    "connectors connectors/email/mail internal/message internal/field internal/loopback internal/secret",
	"connectors/x":             "connectors connectors/x/api connectors/fetch connectors/hook connectors/poll connectors/vendor internal/message internal/field internal/secret internal/body internal/loopback",
	"connectors/x/api":         "connectors connectors/hook connectors/vendor internal/message internal/secret internal/body",
	"connectors/all":           "connectors connectors/*",
	"identity":                 "internal/message internal/store internal/field internal/secret internal/body internal/words",
	// 3: from Accept to the team's queue and back
	"router/calendar":   "internal/field",
	"router/language":   "",
	"router":            "internal/message internal/field router/calendar router/language",
	"router/thread":     "internal/message internal/store internal/archive internal/secret",
	"router/queue":      "internal/message internal/store internal/archive",
	"router/intake":     "internal/message identity router/thread router router/language router/queue internal/store internal/spool internal/blob",
	"router/outbox":     "internal/message connectors router/queue router/thread",
	"router/kpi":        "router/queue router/calendar router/kpi/column internal/store internal/archive internal/field",
	"router/kpi/column": "",
	// 4: people
	"desk/access": "internal/field internal/private internal/secret router",
	"desk": "desk/access internal/message internal/field internal/words identity router router/calendar router/thread router/queue router/kpi " +
		"router/intake internal/store internal/blob",
	"desk/customers": "desk desk/access internal/field internal/message internal/store identity router/intake router/queue router/thread",
	"desk/figures":   "desk desk/access internal/field router router/calendar router/kpi router/queue",
	"desk/portal":    "internal/message internal/field internal/limit internal/body internal/page internal/problem router/thread router/intake",
	"desk/api":       "desk desk/access desk/figures desk/customers internal/message internal/field internal/limit internal/secret internal/body router router/kpi router/queue",
	// 5 and 6
	"config": "connectors desk/access identity internal/field internal/private internal/secret internal/store router router/calendar",
	"cmd/loket/app": "config connectors desk desk/access desk/customers desk/api desk/figures desk/portal identity internal/archive internal/blob internal/field internal/message internal/private " +
		"internal/secret internal/spool internal/store router router/intake router/kpi router/outbox router/queue router/thread",
	"cmd/loket/cli/format": "router/calendar",
	"cmd/loket/cli":        "cmd/loket/cli/format config connectors connectors/all connectors/email desk desk/api internal/body internal/field internal/message internal/private internal/secret router router/calendar router/kpi",
	"cmd/loket":            "cmd/loket/app cmd/loket/cli cmd/loket/cli/format config connectors/all",
	// beside the daemon
	"internal/arch":                        "",
	"internal/store/storetest":             "internal/store",
	"connectors/email/mailbox/dovecottest": "",
	"connectors/email/mailbox/faultproxy":  "",
	"connectors/email/send/smtptest":       "",
	"connectors/x/xtest":                   "",
	"connectors/telegram/telegramtest":     "",
	"connectors/twilio/twiliotest":         "",
	"internal/e2e":                         "*",
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
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for dec.More() {
		var p pkg
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(p.ImportPath, "loket/")
		allowed, ok := row(name)
		if !ok {
			t.Errorf("%s has no row in the table: a new room needs a good reason", name)
			continue
		}
		for _, imported := range p.Imports {
			own, isOwn := strings.CutPrefix(imported, "loket/")
			if isOwn && !permits(allowed, own) {
				t.Errorf("%s imports %s, which its row does not allow", name, own)
			}
		}
	}
}

// row finds the row of a package; connectors share one.
func row(name string) ([]string, bool) {
	if r, ok := table[name]; ok {
		return strings.Fields(r), true
	}
	if path.Dir(name) == "connectors" {
		return strings.Fields(table["connectors/*"]), true
	}
	return nil, false
}

func permits(allowed []string, name string) bool {
	return slices.ContainsFunc(allowed, func(a string) bool {
		return a == name || a == "*" || a == "connectors/*" && path.Dir(name) == "connectors"
	})
}
