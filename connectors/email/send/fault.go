package send

import (
	"errors"
	"fmt"
	"net/textproto"
	"regexp"
	"strconv"
	"strings"
	"time"

	"loket/connectors"
)

// A stage is how far a mail came with its server.
type stage string

const (
	stageConnect stage = "connect to"
	stageTLS     stage = "begin TLS with"
	stageLogin   stage = "log in at"
	stageMail    stage = "name the sender to"
	stageRcpt    stage = "name a recipient to"
	stageData    stage = "hand the mail to"
	stageEnd     stage = "hear whether it has the mail from" // the final dot is on its way
)

// fault is what the outbox is told when a stage did not succeed. Before the final dot nothing was sent: whatever
// happened may be tried again, unless the server refused this very mail. That the server does not let us in is the
// operator's matter, not a defect of the mail, and may pass. After the dot only the server's word decides.
//
// The cause is told in words and not wrapped: a deadline of ours that ran out early must not look like a sending
// that was cut short at its end.
func fault(at stage, host string, err error) error {
	var said *textproto.Error
	if !errors.As(err, &said) {
		told := fmt.Errorf("%s %s: %s", at, host, quiet(err.Error()))
		if at == stageEnd {
			return connectors.InDoubt(told)
		}
		return told
	}
	told := fmt.Errorf("%s %s: it says %d %s", at, host, said.Code, quiet(said.Msg))
	switch {
	case at == stageLogin:
		return connectors.After(loginAgain, fmt.Errorf("%w (the user or password of the account, or what it may do, must be put right)", told))
	case said.Code/100 == 4:
		return afterPause(said.Msg, told)
	case said.Code/100 != 5:
		if at == stageEnd {
			return connectors.InDoubt(told)
		}
		return told
	case at == stageConnect || at == stageTLS || isLogin(said.Code):
		return connectors.After(loginAgain, told)
	}
	return connectors.Permanent(told)
}

// loginAgain is how long to wait before a server is asked again that does not let us in: it may count the tries.
const loginAgain = time.Minute

// isLogin tells whether a code is about who we are (RFC 4954 §6), at whatever command it comes.
func isLogin(code int) bool { return code == 530 || code == 534 || code == 535 || code == 538 }

// pauses are the ways in which servers with grey lists say when to come back.
var pauses = regexp.MustCompile(`(?i)\b(?:in|after|for|wait)\s+(?:(\d{1,2}):(\d\d):(\d\d)|(\d{1,5})\s*(s|secs?|seconds?|m|mins?|minutes?)\b)`)

func afterPause(said string, err error) error {
	m := pauses.FindStringSubmatch(said)
	if m == nil {
		return err
	}
	number := func(i int) time.Duration {
		n, _ := strconv.Atoi(m[i]) // "" is 0
		return time.Duration(n)
	}
	d := number(1)*time.Hour + number(2)*time.Minute + number(3)*time.Second
	if unit := strings.ToLower(m[5]); unit != "" {
		d = number(4) * time.Second
		if unit[0] == 'm' {
			d = number(4) * time.Minute
		}
	}
	return connectors.After(min(d, time.Hour), err)
}

var addresses = regexp.MustCompile(`[^\s<>"'(),;:=]+@[^\s<>"'(),;:=]+`)

// quiet is what others wrote, on one line, bounded and without the addresses in it.
func quiet(s string) string {
	return line(addresses.ReplaceAllString(line(s, 1000), "address"), 240)
}
