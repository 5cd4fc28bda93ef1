package webform

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/internal/form"
)

func TestBadInputIsRefusedAtItsField(t *testing.T) {
	long := func(n int) string { return strings.Repeat("é", n) }
	for _, test := range []struct {
		name, body string
		status     int
		field      string
	}{
		{"no text", `{}`, 422, "text"},
		{"blank text", `{"text":" \r\n\t\u0000"}`, 422, "text"},
		{"text too long", `{"text":"` + long(maxText+1) + `"}`, 422, "text"},
		{"name too long", `{"name":"` + long(maxName+1) + `","text":"x"}`, 422, "name"},
		{"subject too long", `{"subject":"` + long(maxSubject+1) + `","text":"x"}`, 422, "subject"},
		{"not an address", `{"email":"anna at example","text":"x"}`, 422, "email"},
		{"number as name", `{"name":5,"text":"x"}`, 422, "name"},
		{"attachments as text", `{"attachments":"x","text":"x"}`, 422, "attachments"},
		{"data not base64", `{"attachments":[{"data":"aGVsbG8="},{"data":"%%%"}],"text":"x"}`, 422, "attachments[1].data"},
		{"data cut off", `{"attachments":[{"data":"aGVsb"}],"text":"x"}`, 422, "attachments[0].data"},
		{"too many files", `{"attachments":[` + strings.Repeat(`{"data":""},`, 10) + `{}],"text":"x"}`, 422, "attachments"},
		{"a list", `[1]`, 400, ""},
		{"broken", `{"text":"x"`, 400, ""},
		{"two objects", `{"text":"x"}{"text":"y"}`, 400, ""},
		{"empty", ``, 400, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newCounter(t, nil)
			wantProblem(t, c.do(jsonRequest(test.body)), test.status, test.field)
			if len(c.accepted)+len(c.blobs) != 0 {
				t.Errorf("stored %d messages and %d files of a post that was refused", len(c.accepted), len(c.blobs))
			}
		})
	}
}

func TestLongestInputIsTaken(t *testing.T) {
	c := newCounter(t, nil)
	body := fmt.Sprintf(`{"name":%q,"subject":%q,"text":%q}`, strings.Repeat("é", maxName), strings.Repeat("é", maxSubject), strings.Repeat("é", maxText))
	if w := c.do(jsonRequest(body)); w.Code != http.StatusAccepted {
		t.Errorf("status = %d: %.200s", w.Code, w.Body)
	}
}

func TestEveryWrongFieldIsNamed(t *testing.T) {
	c := newCounter(t, nil)
	body := wantProblem(t, c.do(jsonRequest(`{"email":"x","phone":"y","text":""}`)), 422, "email")
	var fields []string
	for _, e := range body.Errors {
		fields = append(fields, e.Field)
	}
	if diff := cmp.Diff([]string{"email", "text"}, fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

func TestRequestsOfAnotherKindAreRefused(t *testing.T) {
	request := func(method, path, kind, body string) *http.Request {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		return r
	}
	packed := jsonRequest(`{"text":"x"}`)
	packed.Header.Set("Content-Encoding", "gzip")
	longKey := jsonRequest(`{"text":"x"}`)
	longKey.Header.Set("Idempotency-Key", strings.Repeat("k", maxKey+1))
	for _, test := range []struct {
		name    string
		request *http.Request
		status  int
		field   string
	}{
		{"plain text", request("POST", "/", "text/plain", `{"text":"x"}`), 415, ""},
		{"no content type", request("POST", "/", "", `{"text":"x"}`), 415, ""},
		{"packed", packed, 415, ""},
		{"no boundary", request("POST", "/", form.Multipart, "x"), 400, ""},
		{"not multipart", request("POST", "/", form.Multipart+"; boundary=b", "x"), 400, ""},
		{"cut off", request("POST", "/", form.Multipart+"; boundary=b", "--b\r\nContent-Disposition: form-data; name=text\r\n\r\nhel"), 400, ""},
		{"part without header", request("POST", "/", form.Multipart+"; boundary=b", "--b\r\n\r\nx\r\n--b--\r\n"), 400, ""},
		{"many parts", request("POST", "/", form.Multipart+"; boundary=b", strings.Repeat("--b\r\nContent-Disposition: form-data; name=x\r\n\r\n\r\n", 200)), 400, ""},
		{"broken escape", request("POST", "/", form.URLEncoded, "text=%zz"), 400, ""},
		{"key too long", longKey, 400, fieldKey},
		{"put", request("PUT", "/", form.JSON, `{}`), 405, ""},
		{"delete", request("DELETE", "/", "", ""), 405, ""},
		{"elsewhere", request("GET", "/style.css", "", ""), 404, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newCounter(t, nil)
			w := c.do(test.request)
			wantProblem(t, w, test.status, test.field)
			if allow := w.Header().Get("Allow"); (test.status == 405) != (allow == methods) {
				t.Errorf("Allow = %q", allow)
			}
			if len(c.accepted) != 0 {
				t.Error("it was accepted all the same")
			}
		})
	}
}

func TestNothingIsAcknowledgedThatIsNotStored(t *testing.T) {
	for _, test := range []struct {
		name string
		harm func(c *counter)
	}{
		{"store away", func(c *counter) { c.err = errors.New("store away") }},
		{"blobs away", func(c *counter) { c.blobErr = errors.New("disk full") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newCounter(t, nil)
			test.harm(c)
			for range 3 {
				w := c.do(jsonRequest(`{"text":"x","attachments":[{"name":"a","data":"aGVsbG8="}]}`))
				wantProblem(t, w, 503, "")
				if w.Header().Get("Retry-After") != "5" {
					t.Errorf("Retry-After = %q, want 5", w.Header().Get("Retry-After"))
				}
			}
			if n := c.logs.Len(); n != 1 {
				t.Errorf("the same error was logged %d times, want once", n)
			}
			w := c.do(browser(formRequest(url.Values{"text": {"keep me"}})))
			if test.name == "store away" && (w.Code != 503 || !strings.Contains(w.Body.String(), "keep me")) {
				t.Errorf("page = %d %s, want 503 with what was typed", w.Code, w.Body)
			}
		})
	}
}

func TestTooLargeIsRefusedHoweverItIsSent(t *testing.T) {
	small := func(c *Config) { c.MaxBytes = 8 << 10 }
	big := strings.Repeat("x", 9<<10)
	unknown := func(r *http.Request) *http.Request { // as chunked requests have it
		r.Body, r.ContentLength = io.NopCloser(io.MultiReader(r.Body)), -1
		return r
	}
	for _, test := range []struct {
		name    string
		request *http.Request
	}{
		{"JSON", jsonRequest(`{"text":"` + big + `"}`)},
		{"JSON chunked", unknown(jsonRequest(`{"text":"` + big + `"}`))},
		{"form", formRequest(url.Values{"text": {big}})},
		{"form chunked", unknown(formRequest(url.Values{"text": {big}}))},
		{"multipart", multipartRequest(t, url.Values{"text": {"x"}}, file{"a", "", big})},
		{"multipart chunked", unknown(multipartRequest(t, url.Values{"text": {"x"}}, file{"a", "", big}))},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newCounter(t, small)
			wantProblem(t, c.do(test.request), 413, "")
			if len(c.accepted)+len(c.blobs) != 0 {
				t.Error("something was stored")
			}
		})
	}
	t.Run("a browser keeps what was typed", func(t *testing.T) {
		c := newCounter(t, small)
		w := c.do(browser(multipartRequest(t, url.Values{"text": {"typed"}}, file{"a", "", big})))
		if w.Code != 413 || !strings.Contains(w.Body.String(), "typed</textarea>") || !strings.Contains(w.Body.String(), "hoogstens 8 kB") ||
			!strings.Contains(w.Body.String(), dutch().FilesAgain) {
			t.Errorf("page = %d\n%s", w.Code, w.Body)
		}
	})
	t.Run("exactly as large is taken", func(t *testing.T) {
		c := newCounter(t, small)
		body := `{"text":"` + strings.Repeat("x", 8<<10-11) + `"}`
		if w := c.do(jsonRequest(body)); w.Code != 202 || len(body) != 8<<10 {
			t.Errorf("status = %d for %d bytes, want 202", w.Code, len(body))
		}
	})
}

func TestTooLargeOverTheWire(t *testing.T) {
	c := newCounter(t, func(c *Config) { c.MaxBytes = 8 << 10 })
	srv := httptest.NewServer(c)
	defer srv.Close()
	defer srv.Client().CloseIdleConnections()
	r := browser(multipartRequest(t, url.Values{"text": {"typed"}}, file{"a", "", strings.Repeat("x", 20<<10)}))
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL, io.MultiReader(bytes.NewReader(body)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = r.Header
	resp, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 413 {
		t.Errorf("status = %d, want 413", resp.StatusCode)
	}
}

func TestTooManyFilesOnTheForm(t *testing.T) {
	c := newCounter(t, func(c *Config) { c.MaxAttachments = 1 })
	w := c.do(browser(multipartRequest(t, url.Values{"text": {"typed"}}, file{"a", "", "1"}, file{"b", "", "2"})))
	if w.Code != 422 || len(c.accepted)+len(c.blobs) != 0 {
		t.Fatalf("status = %d, stored %d and %d", w.Code, len(c.accepted), len(c.blobs))
	}
	for _, want := range []string{"hoogstens 1", "typed</textarea>", `aria-describedby="attachments-hint attachments-problem"`, "Kies uw bestanden opnieuw"} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("page lacks %q", want)
		}
	}
}
