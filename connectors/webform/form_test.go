package webform

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func get(path, language string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Language", language)
	return r
}

func TestFormSpeaksTheLanguageAskedFor(t *testing.T) {
	for _, test := range []struct {
		name, path, accept string
		languages          []string
		want               string
	}{
		{"nothing asked", "/", "", nil, "nl"},
		{"browser in English", "/", "en-GB,en;q=0.9", nil, "en"},
		{"browser in Flemish", "/", "nl-BE", nil, "nl"},
		{"browser in French then English", "/", "fr-FR, en;q=0.5", nil, "en"},
		{"browser in Korean", "/", "ko", nil, "nl"},
		{"asked for", "/?lang=en", "nl", nil, "en"},
		{"asked for what is not spoken", "/?lang=de", "en", nil, "en"},
		{"nonsense", "/", "%%;q=x", nil, "nl"},
		{"English first", "/", "ko", []string{"en", "nl"}, "en"},
		{"English only", "/?lang=nl", "nl", []string{"en"}, "en"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newCounter(t, func(c *Config) {
				if test.languages != nil {
					c.Languages = test.languages
				}
			})
			page := c.do(get(test.path, test.accept)).Body.String()
			if want := `<html lang="` + test.want + `">`; !strings.Contains(page, want) {
				t.Errorf("page lacks %s", want)
			}
			if want := "<h1>" + wordsIn(test.want).Title + "</h1>"; !strings.Contains(page, want) {
				t.Errorf("page lacks %s", want)
			}
			if linked := strings.Contains(page, "hreflang"); linked != (len(c.cfg.Languages) > 1) {
				t.Errorf("page links to other languages: %v", linked)
			}
		})
	}
}

func TestFormPage(t *testing.T) {
	c := newCounter(t, nil)
	w := c.do(get("/", "en"))
	page := w.Body.String()
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("answer = %d %s", w.Code, w.Header().Get("Content-Type"))
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	for _, want := range []string{
		`name="viewport"`, `type="email"`, `type="tel"`, `autocomplete="email"`, `autocomplete="tel"`, `autocomplete="name"`,
		`<label for="text">`, `name="customer_no"`, `enctype="multipart/form-data"`, `aria-hidden="true"`, `name="homepage"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("page lacks %s", want)
		}
	}
	for _, never := range []string{"<script", "javascript:", "onclick", "style=", "ZgotmplZ"} {
		if strings.Contains(page, never) {
			t.Errorf("page has %s", never)
		}
	}
	key := regexp.MustCompile(`name="idempotency_key" value="([A-Z2-7]{26})"`)
	first, second := key.FindStringSubmatch(page), key.FindStringSubmatch(c.do(get("/", "")).Body.String())
	if first == nil || second == nil || first[1] == second[1] {
		t.Errorf("keys of two renderings = %q and %q, want two different ones", first, second)
	}
	if got := c.do(httptest.NewRequest(http.MethodHead, "/", nil)); got.Code != 200 {
		t.Errorf("HEAD = %d, want 200", got.Code)
	}
}

// A policy whose hash is not that of the style would show a page without any look.
func TestPolicyAllowsTheStyleOfThePage(t *testing.T) {
	c := newCounter(t, nil)
	w := c.do(get("/", ""))
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(w.Body.String())
	if style == nil {
		t.Fatal("page has no style")
	}
	sum := sha256.Sum256([]byte(style[1]))
	policy := w.Header().Get("Content-Security-Policy")
	for _, want := range []string{
		"'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'", "default-src 'none'", "form-action 'self'", "frame-ancestors 'none'",
	} {
		if !strings.Contains(policy, want) {
			t.Errorf("policy %q lacks %s", policy, want)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "script") {
		t.Errorf("policy %q allows too much", policy)
	}
}

func TestEveryFieldHasItsLabelAndEveryReferenceItsTarget(t *testing.T) {
	c := newCounter(t, nil)
	bad := url.Values{"text": {""}, "email": {"x"}, "phone": {"y"}, "customer_no": {strings.Repeat("9", 400)}, "name": {strings.Repeat("n", 300)}, "subject": {strings.Repeat("s", 400)}}
	for name, page := range map[string]string{
		"empty":  c.do(get("/", "")).Body.String(),
		"errors": c.do(browser(formRequest(bad))).Body.String(),
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := html.Parse(strings.NewReader(page))
			if err != nil {
				t.Fatal(err)
			}
			ids, labels, refs, fields := map[string]bool{}, map[string]bool{}, []string{}, []string{}
			for n := range doc.Descendants() {
				for _, a := range n.Attr {
					switch {
					case a.Key == "id":
						if ids[a.Val] {
							t.Errorf("id %s stands twice", a.Val)
						}
						ids[a.Val] = true
					case a.Key == "for":
						labels[a.Val] = true
						refs = append(refs, a.Val)
					case a.Key == "aria-describedby":
						refs = append(refs, strings.Fields(a.Val)...)
					case a.Key == "href" && strings.HasPrefix(a.Val, "#"):
						refs = append(refs, a.Val[1:])
					case a.Key == "name" && (n.Data == "input" || n.Data == "textarea") && attr(n, "type") != "hidden":
						fields = append(fields, attr(n, "id"))
					}
				}
			}
			for _, ref := range refs {
				if !ids[ref] {
					t.Errorf("nothing has the id %q that is referred to", ref)
				}
			}
			for _, f := range fields {
				if !labels[f] {
					t.Errorf("field %q has no label", f)
				}
			}
			if problems := strings.Count(page, `aria-invalid="true"`); (name == "errors") != (problems == 5) {
				t.Errorf("%d fields are marked invalid", problems)
			}
		})
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func TestWhatWasTypedComesBackUnharmed(t *testing.T) {
	const nasty = `"><script>alert(1)</script></textarea>{{.}}&amp; 'é`
	c := newCounter(t, nil)
	values := url.Values{"name": {nasty}, "email": {nasty}, "phone": {nasty}, "customer_no": {nasty}, "subject": {nasty}, "text": {"\n" + nasty}, fieldKey: {nasty}, fieldRendered: {nasty}}
	w := c.do(browser(formRequest(values)))
	if w.Code != 422 {
		t.Fatalf("status = %d, want 422", w.Code)
	}
	doc, err := html.Parse(strings.NewReader(w.Body.String()))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == "script" {
			t.Error("page has a script")
		}
		want, mine := values[attr(n, "name")]
		if !mine {
			continue
		}
		got := attr(n, "value")
		if n.Data == "textarea" {
			got = n.FirstChild.Data
		}
		found++
		if got != want[0] {
			t.Errorf("field %s shows %q, want %q", attr(n, "name"), got, want[0])
		}
	}
	if found != len(values) {
		t.Errorf("page shows %d of %d fields", found, len(values))
	}
	if strings.Contains(w.Body.String(), "hreflang") {
		t.Error("page links away from what was typed")
	}
}

func TestPageOfErrorsInBothLanguages(t *testing.T) {
	for _, w := range []*words{dutch(), english()} {
		c := newCounter(t, nil)
		r := browser(formRequest(url.Values{"email": {"x"}}))
		r.URL.RawQuery = "lang=" + w.Lang
		page := html.UnescapeString(c.do(r).Body.String())
		for _, want := range []string{w.Problems, w.EmailWrong, w.TextMissing, w.ProblemTitle, `action="?lang=` + w.Lang + `"`} {
			if !strings.Contains(page, want) {
				t.Errorf("%s page lacks %q", w.Lang, want)
			}
		}
	}
}

func TestNoWordIsMissingInAnyLanguage(t *testing.T) {
	for _, l := range spoken() {
		w := reflect.ValueOf(*wordsIn(l))
		for i := range w.NumField() {
			if w.Field(i).String() == "" {
				t.Errorf("%s lacks %s", l, w.Type().Field(i).Name)
			}
		}
	}
}

func TestSettingsChangeTheForm(t *testing.T) {
	c := newCounter(t, func(c *Config) {
		c.CustomerNo, c.MaxAttachments = false, 0
		c.Title = map[string]string{"en": "Ask <us>"}
		c.Intro = map[string]string{"en": "We are quick."}
	})
	page := c.do(get("/", "en")).Body.String()
	for want, there := range map[string]bool{
		"<h1>Ask &lt;us&gt;</h1>": true, "We are quick.": true, `name="customer_no"`: false, `type="file"`: false,
	} {
		if strings.Contains(page, want) != there {
			t.Errorf("page has %s: %v, want %v", want, !there, there)
		}
	}
	if page := c.do(get("/", "nl")).Body.String(); !strings.Contains(page, dutch().Title) {
		t.Error("the Dutch page lacks the title of its own")
	}
}
