package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDoorsHoldAgainstPagesAndGuesses: a page whose name was given the address of this machine, whoever tries tokens and
// links, and a Host that would become part of a link.
func TestDoorsHoldAgainstPagesAndGuesses(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, strings.Replace(fmt.Sprintf(standard, embedded), `desk: "127.0.0.1:0"`, `desk: "127.0.0.1:0", desk_hosts: [loket.example.org]`, 1)).start()
	token, err := os.ReadFile(filepath.Join(d.dir, "data", "admin.token"))
	if err != nil {
		t.Fatal(err)
	}
	right := strings.TrimSpace(string(token))

	for _, c := range []struct {
		path, host, token string
		want              int
	}{
		{"/metrics", "", "", 200},
		{"/metrics", "evil.example", "", 421},
		{"/healthz", "evil.example:8081", "", 421},
		{"/readyz", "127.0.0.1.evil.example", "", 421},
		{"/openapi.yaml", "evil.example", "", 421},
		{"/api/v1/status", "evil.example", right, 421},
		{"/nowhere", "evil.example", "", 421},
		{"/api/v1/status", "loket.example.org", right, 200},
		{"/metrics", "loket.example.org", "", 401},
		{"/metrics", "localhost", "", 200},
	} {
		if got := d.ask(http.MethodGet, d.desk+c.path, c.host, c.token, ""); got.StatusCode != c.want {
			t.Errorf("GET %s by %q = %d, want %d", c.path, c.host, got.StatusCode, c.want)
		}
	}

	// turnedAway asks until that is refused. A slow machine may ask more often: what it may do comes back meanwhile.
	turnedAway := func(what string, least int, ask func(i int) *http.Response) {
		t.Helper()
		for i := range 20 * least {
			if res := ask(i); res.StatusCode == http.StatusTooManyRequests {
				if i < least || res.Header.Get("Retry-After") == "" {
					t.Errorf("%s is refused after %d, Retry-After %q; want %d at least", what, i, res.Header.Get("Retry-After"), least)
				}
				return
			}
		}
		t.Errorf("%s is not refused", what)
	}
	turnedAway("a wrong token", 10, func(i int) *http.Response {
		return d.ask(http.MethodGet, d.desk+"/api/v1/status", "", fmt.Sprint("wrong-wrong-wrong-", i), "")
	})
	if got := d.ask(http.MethodGet, d.desk+"/api/v1/status", "", right, ""); got.StatusCode != http.StatusOK {
		t.Errorf("the right token afterwards: %d", got.StatusCode)
	}

	turnedAway("a link that leads nowhere", 60, func(int) *http.Response {
		return d.ask(http.MethodGet, d.public+"/t/aaaaaaaaaaaaaaaaaaaaaaaaaa-aaaaaaaaaaaaaaaa", "", "", "")
	})

	for _, c := range []struct{ method, path, body string }{
		{http.MethodGet, "/in/website/", ""}, {http.MethodGet, "/in/website", ""}, {http.MethodPost, "/in/website/", `{"text":"Where is my parcel?"}`},
	} {
		res := d.ask(c.method, d.public+c.path, "evil.example", "", c.body)
		b, _ := io.ReadAll(res.Body)
		if text := string(b) + fmt.Sprint(res.Header); res.StatusCode >= 400 || strings.Contains(text, "evil.example") {
			t.Errorf("%s %s = %d, and repeats the Host: %s", c.method, c.path, res.StatusCode, text)
		}
	}
	metrics, _ := io.ReadAll(d.ask(http.MethodGet, d.desk+"/metrics", "", "", "").Body)
	for _, want := range []string{
		`loket_turned_away_total{listener="desk",reason="host"} 6`, `loket_turned_away_total{listener="desk",reason="slowed"} 1`,
		`loket_turned_away_total{listener="public",reason="link"} 1`,
	} {
		if !strings.Contains(string(metrics), want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	if n := strings.Count(d.log.String(), "somebody tries wrong tokens"); n != 1 || strings.Contains(d.log.String(), "wrong-wrong") {
		t.Errorf("the log tells of wrong tokens %d times, want once and none of them", n)
	}
}

// ask makes one request by a name, with a token and a JSON body if they are given. Redirects are not followed.
func (d *daemon) ask(method, url, host, token, body string) *http.Response {
	d.tb.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		d.tb.Fatal(err)
	}
	req.Host = host
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		d.tb.Fatal(err)
	}
	d.tb.Cleanup(func() { _ = res.Body.Close() })
	return res
}
