package e2e_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"loket/connectors/twilio/twiliotest"
	"loket/connectors/x/xtest"
)

// fronts is a configuration with every channel that takes what strangers send over HTTP.
func fronts(phone *twiliotest.Server, f *xtest.X, listen string) string {
	return fmt.Sprintf(`
store: {%s, data: ./data}
listen: {public: "127.0.0.1:0", desk: "127.0.0.1:0"%s}
teams:
  support: {first_reply: 4h}
connectors:
  - {name: website, type: webform, settings: {min_fill_time: 0s}}
  - name: phone
    type: twilio
    settings: {account_sid: %s, auth_token: %s, number: "%s", poll: 1h, api_url: "%s"}
  - {name: care, type: x, settings: {%s, %s}}
fallback_team: support
log: {level: debug, format: json}
`, embedded, listen, twiliotest.Account, twiliotest.Token, twiliotest.Number, phone.URL, f.Settings("v2"), byWebhook)
}

// from is a client with an address of its own on this machine.
func from(address string) *http.Client {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	return &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}}
}

// Hundreds of bodies that hardly come, of one address, keep nobody else out.
func TestSlowBodiesOfOneAddressShutNobodyOut(t *testing.T) {
	t.Parallel()
	phone, f := twiliotest.Start(t), xtest.Start(t)
	d := newDaemon(t, fronts(phone, f, "")).start()
	at := strings.TrimPrefix(d.public, "http://")
	first, err := d.postTo(d.public+"/in/website/", "", map[string]string{"text": "hello"})
	if err != nil {
		t.Fatal(err)
	}
	page := strings.TrimPrefix(d.page(first), d.public)
	heads := []string{
		"POST /in/phone/message HTTP/1.1\r\nX-Twilio-Signature: " + twiliotest.Signature("x", "x", nil) + "\r\nContent-Type: application/x-www-form-urlencoded",
		"POST /in/care/ HTTP/1.1\r\nX-Twitter-Webhooks-Signature: " + xtest.Signature(nil) + "\r\nContent-Type: application/json",
		"POST /in/website/ HTTP/1.1\r\nContent-Type: application/json",
		"POST " + page + " HTTP/1.1\r\nContent-Type: application/json",
	}
	for i := range 400 {
		c, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		if _, err := fmt.Fprintf(c, "%s\r\nHost: %s\r\nContent-Length: 100000\r\n\r\n{\"text\":\"", heads[i%len(heads)], at); err != nil {
			t.Fatal(err)
		}
	}
	other := from("127.0.0.2")
	send := func(what string, want int, req *http.Request) {
		t.Helper()
		begun := time.Now()
		res, err := other.Do(req)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s: %d after %s, want %d", what, res.StatusCode, time.Since(begun), want)
		}
	}
	hook := d.public + "/in/phone/message"
	sms := twiliotest.Request(hook, phone.FormOf(twiliotest.Message{SID: twiliotest.SID("SM"), From: "+31612345678", To: twiliotest.Number, Body: "by SMS"}))
	sms.RequestURI = ""
	send("SMS", http.StatusOK, sms)
	send("post on X", http.StatusOK, xtest.Request(d.public+"/in/care/", f.PostCreated(f.Add(xtest.Post{Text: "on X", Names: true}))))
	for _, to := range []string{"/in/website/", page} {
		req, err := http.NewRequest(http.MethodPost, d.public+to, strings.NewReader(`{"text":"by web"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		send(to, http.StatusAccepted, req)
	}
}

// Posts of millions of small things are refused before they cost anything.
func TestPostsOfManySmallThingsAreRefused(t *testing.T) {
	t.Parallel()
	phone, f := twiliotest.Start(t), xtest.Start(t)
	d := newDaemon(t, fronts(phone, f, "")).start()
	first, err := d.postTo(d.public+"/in/website/", "", map[string]string{"text": "hello"})
	if err != nil {
		t.Fatal(err)
	}
	before := d.allocated()
	const size = 9 << 20
	again := func(head, s string) string { return head + strings.Repeat(s, size/len(s)) }
	hook := "/in/phone/message"
	for name, test := range map[string]struct {
		to, kind, body string
		want           int
	}{
		"files":         {"/in/website/", "application/json", again(`{"text":"x","attachments":[`, `{},`), 422},
		"fields":        {"/in/website/", "application/x-www-form-urlencoded", again(`text=x`, `&a`), 400},
		"on the page":   {d.page(first)[len(d.public):], "application/json", again(`{"text":"x","a":[`, `{},`), 400},
		"Twilio's":      {hook, "application/x-www-form-urlencoded", again(`a=b`, `&a`), 413},
		"Twilio's JSON": {hook, "application/json", again(`{"a":[`, `{},`), 413},
		"X's":           {"/in/care/", "application/json", again(`{"tweet_create_events":[`, `{},`), 413},
	} {
		req, err := http.NewRequest(http.MethodPost, d.public+test.to, strings.NewReader(test.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", test.kind)
		req.Header.Set("X-Twilio-Signature", twiliotest.Signature("x", "x", url.Values{}))
		req.Header.Set("X-Twitter-Webhooks-Signature", xtest.Signature([]byte(test.body)))
		res, err := poster.Do(req)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		b, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		var p struct{ Status int }
		if err := json.Unmarshal(b, &p); err != nil || res.StatusCode != test.want || p.Status != test.want {
			t.Errorf("%s: %d %s, want %d", name, res.StatusCode, b, test.want)
		}
	}
	if took := d.allocated() - before; took > 6*size {
		t.Errorf("six posts of %d MB took %d MB of memory in all", size>>20, int(took)>>20)
	}
	d.settled()
	d.healthy()
}

// allocated is how many bytes of memory the process has taken in all, as its metrics tell.
func (d *daemon) allocated() float64 {
	d.tb.Helper()
	for line := range strings.Lines(d.get(d.desk + "/metrics")) {
		var n float64
		if _, err := fmt.Sscanf(line, "go_memstats_alloc_bytes_total %g", &n); err == nil {
			return n
		}
	}
	d.tb.Fatal("the metrics do not tell how much memory was taken")
	return 0
}
