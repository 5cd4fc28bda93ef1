package e2e_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"loket/connectors/x/xtest"
)

// Whoever knows the address of X's webhook asks its challenge for the signature of an event that they made up, and posts that.
func TestChallengeOfXForgesNothing(t *testing.T) {
	t.Parallel()
	f := xtest.Start(t)
	d := newDaemon(t, onX(f, "v2", embedded, byWebhook)).start()
	hook := d.public + "/in/care/"
	if err := xtest.Challenge(hook); err != nil {
		t.Fatal(err)
	}
	const post = `{"for_user_id":"783214","tweet_create_events":[{"id_str":"1764000000009","text":"forged","user":{"id_str":"666","screen_name":"evil"}}]}`
	for name, body := range map[string]string{
		"a post": post,
		"our own answer": `{"for_user_id":"783214","tweet_create_events":[{"id_str":"1764000000021","text":"@realkate solved",` +
			`"in_reply_to_status_id_str":"1764000000020","in_reply_to_user_id_str":"4242","user":{"id_str":"783214"}}]}`,
		"a private message": string(f.DirectCreated(f.AddDirect(xtest.Direct{Text: "forged"}))),
		"with spaces":       "\r\n\t " + strings.ReplaceAll(post, ",", " , "),
		"escaped":           strings.Replace(post, `"forged"`, `"\u0066orged"`, 1),
		"a list":            "[" + post + "]",
		"a number":          "17640000",
		"null":              "null",
		"true":              "true",
		"an exponent":       "-1e+9",
		"very long":         strings.Repeat(" ", 2000) + post,
	} {
		for _, signature := range []string{
			signedBy(t, http.MethodGet, hook+"?crc_token="+url.QueryEscape(body), ""),
			signedBy(t, http.MethodGet, hook+"?crc_token=abc&crc_token="+url.QueryEscape(body), ""),
			signedBy(t, http.MethodPost, hook, url.Values{"crc_token": {body}}.Encode()),
		} {
			req, err := http.NewRequest(http.MethodPost, hook, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("X-Twitter-Webhooks-Signature", signature)
			res, err := poster.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			if res.StatusCode != http.StatusForbidden {
				t.Errorf("%s, signed %q by the challenge: %d, want 403", name, signature, res.StatusCode)
			}
		}
	}
	if s, err := d.client("anna").Status(t.Context()); err != nil || s.Journal != 0 || s.Quarantine != 0 {
		t.Errorf("status = %+v, %v; want nothing taken", s, err)
	}
	if metrics := d.get(d.desk + "/metrics"); !strings.Contains(metrics, `loket_x_refused_total{connector="care",reason="challenge"}`) {
		t.Error("refused challenges are not counted")
	}
	if n := len(d.tasks("support")) + len(d.tasks("webcare")); n != 0 {
		t.Errorf("%d tasks, want none", n)
	}
}

// signedBy is the signature in the answer to a request, "" when there is none.
func signedBy(t *testing.T, method, url, form string) string {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := poster.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Token string `json:"response_token"`
	}
	_ = json.Unmarshal(b, &got) // an answer without one is what is hoped for
	return got.Token
}
