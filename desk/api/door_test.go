package api

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestDeskAnswersOnlyToItsNames(t *testing.T) {
	d := newDoor([]string{"Loket.Example.org", "0.0.0.0"})
	for host, want := range map[string]bool{
		"127.0.0.1:8081": true, "[::1]:8081": true, "::1": true, "192.0.2.7": true, "localhost": true, "LOCALHOST:1": true, "": true,
		"loket.example.org": true, "LOKET.example.org:8081": true, "loket.example.org.": true,
		"evil.example": false, "evil.example:8081": false, "localhost.evil.example": false, "127.0.0.1.evil.example": false,
		"loket.example.org.evil.example": false, "xloket.example.org": false, "127.0.0.1@evil.example": false, "2130706433": false,
	} {
		if got := d.answersTo(host); got != want {
			t.Errorf("answersTo(%q) = %v, want %v", host, got, want)
		}
	}
}

func TestWrongTokensAreSlowedAndNeighboursAreNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(nil)
		const attacker, short, long = "192.0.2.1:1000", "guessable-token-", "beyond-guessing-beyond-guessing-"
		if wait := d.wait(attacker, short, true, false); wait != 0 {
			t.Fatalf("a right token waits %v before anybody tried one", wait)
		}
		for i := range wrongPerMinute {
			if wait := d.wait(attacker, fmt.Sprint("wrong ", i), false, false); wait != 0 {
				t.Fatalf("wrong token %d waits %v", i, wait)
			}
		}
		for _, c := range []struct {
			name, addr, token    string
			right, local, slowed bool
		}{
			{"another wrong one", attacker, "wrong", false, false, true},
			{"a guess that is right", attacker, short + "x", true, false, true},
			{"one that was right before", attacker, short, true, false, false},
			{"one that cannot be guessed", attacker, long, true, false, false},
			{"none", attacker, "", false, false, false},
			{"the same address by another port", "192.0.2.1:2000", "wrong", false, false, true},
			{"another address", "192.0.2.2:1000", "wrong", false, false, false},
			{"right at another address", "192.0.2.3:1000", short, true, false, false},
			{"right on this machine", "127.0.0.1:1", short + "y", true, true, false},
		} {
			if wait := d.wait(c.addr, c.token, c.right, c.local); (wait > 0) != c.slowed || wait > time.Minute {
				t.Errorf("%s: waits %v, want that it waits: %v", c.name, wait, c.slowed)
			}
		}
		time.Sleep(time.Minute)
		if wait := d.wait(attacker, short+"x", true, false); wait != 0 {
			t.Errorf("after a minute a right token waits %v", wait)
		}
	})
}

func TestWhatIsRememberedOfTokensIsBounded(t *testing.T) {
	d := newDoor(nil)
	for i := range 2*maxKnown + 1 {
		d.wait(fmt.Sprintf("10.%d.%d.%d:1", i>>16, i>>8&255, i&255), "guessable-token-", true, false)
	}
	if len(d.known) > maxKnown {
		t.Errorf("remembers %d, want at most %d", len(d.known), maxKnown)
	}
}

func TestOnlyThisMachineItselfIsLocal(t *testing.T) {
	for _, c := range []struct {
		from, header string
		want         bool
	}{
		{"127.0.0.1:1000", "", true},
		{"[::1]:1000", "", true},
		{"192.0.2.1:1000", "", false},
		{"127.0.0.1:1000", "X-Forwarded-For: 192.0.2.1", false},
		{"127.0.0.1:1000", "X-Forwarded-Proto: https", false},
		{"127.0.0.1:1000", "X-Real-Ip: 192.0.2.1", false},
		{"127.0.0.1:1000", "Forwarded: for=192.0.2.1", false},
		{"127.0.0.1:1000", "Via: 1.1 proxy", false},
		{"127.0.0.1:1000", "Sec-Fetch-Site: cross-site", false},
		{"127.0.0.1:1000", "Sec-Fetch-Site: same-site", false},
		{"127.0.0.1:1000", "Sec-Fetch-Site: none", true},
		{"127.0.0.1:1000", "Host: loket.example.org", false},
		{"127.0.0.1:1000", "Host: localhost:8081", true},
	} {
		r := httptest.NewRequest("GET", "http://127.0.0.1:8081/metrics", nil)
		r.RemoteAddr = c.from
		if name, value, ok := strings.Cut(c.header, ": "); name == "Host" {
			r.Host = value
		} else if ok {
			r.Header.Set(name, value)
		}
		if got := isLocal(r); got != c.want {
			t.Errorf("from %s with %q: %v, want %v", c.from, c.header, got, c.want)
		}
	}
}
