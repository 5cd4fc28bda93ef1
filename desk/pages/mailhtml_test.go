package pages

import (
	"loket/internal/loopback"
	"strings"
	"testing"
	"time"
)

func TestMailHTMLDoesNothing(t *testing.T) {
	attached := func(id string) string {
		if id == "logo@example.org" {
			return "/tasks/T-1-9/pictures/a/1"
		}
		return ""
	}
	for in, want := range map[string]string{
		`<p style="color: red; position: fixed">Hi</p>`:                                                              `<p style="color: red">Hi</p>`,
		`a<script>alert(1)</script>b<style>body{display:none}</style>c`:                                              `abc`,
		`<img src="https://evil.example/1.png" alt="one" onerror="alert(1)" srcset="https://evil.example/2.png 2x">`: `<img src="" alt="one">`,
		`<img src="cid:logo@example.org">`:                                                                           `<img src="/tasks/T-1-9/pictures/a/1">`,
		`<img src="cid:nothing">`:                                                                                    `<img src="">`,
		`<img src="/sign-out"><img src="data:image/svg+xml,x"><img src="file:///etc/passwd">`:                        ``,
		`<a href="javascript:alert(1)">x</a><a href="/desk">y</a>`:                                                   `xy`,
		`<a href="https://example.org/">z</a>`:                                                                       `<a href="https://example.org/" rel="nofollow noreferrer noopener" target="_blank">z</a>`,
		`<table background="https://evil.example/3.png"><tr><td>t</td></tr></table>`:                                 `<table><tr><td>t</td></tr></table>`,
		`<div style="background: url(https://evil.example/4.png)">u</div>`:                                           `<div>u</div>`,
		`<div style="background-color: url(https://evil.example/5.png); width: expression(1)">v`:                     `<div>v`,
		`<meta http-equiv="refresh" content="0;url=https://evil.example"><base href="//evil/">w`:                     `w`,
		`<iframe src="https://evil.example"></iframe><object data="x"></object><embed src="x">e`:                     `e`,
		`<form action="https://evil.example"><input name="password"><button>go</button></form>`:                      `go`,
		`<svg><use href="https://evil.example/s.svg#x"/></svg><video poster="https://evil.example/p.png"></video>`:   ``,
		`<p id="main" class="problem" data-live>f</p>`:                                                               `<p>f</p>`,
	} {
		if got, _ := sanitise(in, false, nobodys, attached); strings.TrimSpace(got) != want {
			t.Errorf("sanitise(%s)\n = %q, want\n   %q", in, got, want)
		}
	}
	got, outside := sanitise(`<img src="https://a.example/1.png"><img src="http://b.example/2.png"><img src="cid:x">`, true, nobodys, attached)
	if want := `<img src="https://a.example/1.png"><img src="http://b.example/2.png"><img src="">`; got != want || outside != 2 {
		t.Errorf("with pictures: %q, %d outside; want %q, 2", got, outside, want)
	}
}

func nobodys(string) bool { return false }

// A picture of a message asks nothing of the desk in the name of whoever reads it, also when they want to see pictures.
func TestMailHTMLHasNoPictureFromTheDesk(t *testing.T) {
	h := &Handler{hosts: loopback.NewNames([]string{"desk.example.org", "192.0.2.7"})}
	for host, shown := range map[string]bool{
		"desk.example.org": false, "DESK.example.org.:8443": false, "192.0.2.7": false, "localhost:8081": false, "desk.localhost": false, "127.0.0.1:8081": false,
		"[::1]:8081": false, "[::ffff:127.0.0.1]": false, "0.0.0.0:8081": false, "127.1": false, "2130706433": false, "0x7f.1": false, "0x7f000001": false, "evil.0x7f000001": false,
		"example.org": true, "pictures.example.net:8443": true, "192.0.2.8": true, "1.example.org": true,
	} {
		got, outside := sanitise(`<img src="https://`+host+`/tasks/T-42">`, true, h.isOurs, func(string) string { return "" })
		if got != `<img src="">` != shown || outside == 1 != shown {
			t.Errorf("from %s is shown %s, %d outside", host, got, outside)
		}
	}
}

// Mails that are made to take long do not.
func TestHugeMailHTMLIsCleanedSoon(t *testing.T) {
	for name, html := range map[string]string{
		"nested": strings.Repeat("<div>", 100_000), "styles": `<p style="` + strings.Repeat("color:red;", 10_000) + `">x</p>`,
		"long": strings.Repeat(`<p style="color:red">some words <a href="https://example.org/x">here</a></p>`, 1_500),
	} {
		begun := time.Now()
		sanitise(html, false, nobodys, func(string) string { return "" })
		if took := time.Since(begun); took > 3*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}
