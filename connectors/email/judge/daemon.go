package judge

import (
	"cmp"
	"slices"
	"strings"

	"loket/connectors/email/mail"
	"loket/internal/lazy"
)

// A machine is how plainly the mail system itself wrote a mail.
type machine int

const (
	noMachine  machine = iota
	program            // from nobody, or from an address that no person reads
	submitted          // says Auto-Submitted, or is called after a mail system
	postmaster         // people write as postmaster too
	nullPath           // receipts of other programs have that too
	daemon
)

// machineOf tells who wrote m, the plainest sign first.
func machineOf(m *mail.Mail) machine {
	switch name := machineSender(m); {
	case name == "mailer-daemon" || isDaemonHeader(m):
		return daemon
	case m.NullReturnPath:
		return nullPath
	case name != "":
		return postmaster
	case autoSubmitted(m.Header) != "" || systemName(m):
		return submitted
	case fromNobody(m) || slices.ContainsFunc(m.From, func(a mail.Address) bool { return isRole(a.Addr) }) || m.Header.Has("X-MLServer"):
		return program
	}
	return noMachine
}

// isMachine tells whether the mail system itself seems to have sent m.
func isMachine(m *mail.Mail) bool { return machineOf(m) >= submitted }

// daemonFields are fields that only mail systems write, on what they say themselves.
var daemonFields = [...]string{
	"X-Failed-Recipients", "X-MS-Embedded-Report", "X-MS-Exchange-Message-Is-Ndr", "X-AHMailID", "X-MX-Bounce",
}

// isDaemonHeader tells whether the header says it where From does not: From is what programs on the way rewrite first.
func isDaemonHeader(m *mail.Mail) bool {
	if isDaemon(m.ReturnPath) || slices.ContainsFunc(daemonFields[:], m.Header.Has) {
		return true
	}
	for _, v := range m.Header.All("Auto-Submitted") {
		if strings.Contains(strings.ToLower(head(v, maxLine)), "(failure)") {
			return true
		}
	}
	return slices.ContainsFunc(m.Header.All("Received"), func(v string) bool { return strings.Contains(head(v, maxLine), "invoked for bounce)") })
}

// isDaemon tells the addresses of mail systems; some write the name alone.
func isDaemon(addr string) bool {
	local, _ := split(head(addr, maxLine))
	return daemonLocal.MatchString(local)
}

var daemonLocal = lazy.Compile(`(?i)^(mailer[-_. ]?daemon|mail[-_. ]?daemon|mail[-_.]delivery([-_.](sub)?system)?|mmdf)$`)

// machineSender is mailer-daemon or postmaster when one of them wrote.
func machineSender(m *mail.Mail) string {
	for _, list := range [...][]mail.Address{m.From, m.Sender} {
		for _, a := range list {
			addr := cmp.Or(a.Addr, a.Name)
			local, _ := split(head(addr, maxLine))
			switch {
			case isDaemon(addr) || isDaemon(a.Name):
				return "mailer-daemon"
			case postmasterLocal.MatchString(local):
				return "postmaster"
			}
		}
	}
	return ""
}

var postmasterLocal = lazy.Compile(`(?i)^post[-_]?master$`)

// systemName tells whether From is called after a mail system. People may be called so ("System Administrator").
func systemName(m *mail.Mail) bool {
	return slices.ContainsFunc(m.From, func(a mail.Address) bool { return system.MatchString(head(a.Name, maxLine)) })
}

var system = lazy.Compile(`(?i)^\W*((e-?)?mail (deliver[yi]?(er)? )?((sub)?system|service|agent|server|administrator)|mail ?(system|server)|mail deliver(y|er)?|internet mail delivery|(system|network) administrator|electronic postmaster|postmaster|mailer[- ]daemon|delivery agent|courier mail server at .*|content-filter at .*|interscan .*|mmsc .*|microsoft (outlook|exchange))\W*$`)

// fromNobody tells whether no sender is given: reports must not be answered, and some name none.
func fromNobody(m *mail.Mail) bool {
	return !slices.ContainsFunc(m.From, func(a mail.Address) bool { return strings.Contains(a.Addr, "@") })
}
