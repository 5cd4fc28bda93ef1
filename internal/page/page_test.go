package page

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func TestPageOrJSON(t *testing.T) {
	for accept, want := range map[string]struct{ page, json bool }{
		"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": {true, false},
		"application/json": {false, true}, "application/json, text/html;q=0.9": {false, true}, "text/html, application/json": {true, false},
		"*/*": {false, false}, "": {false, false}, "text/*": {false, false}, "text/html;q=0": {false, false}, "text/html;q=x": {true, false},
		"TEXT/HTML": {true, false}, ";;;,text/html": {true, false}, strings.Repeat("a/b,", 60) + "text/html": {false, false},
	} {
		h := http.Header{"Accept": {accept}}
		if Wanted(h) != want.page || JSONWanted(h) != want.json {
			t.Errorf("%.40q: page %v, JSON %v, want %+v", accept, Wanted(h), JSONWanted(h), want)
		}
	}
}

// A policy whose hash is not that of the style would show a page without any look.
func TestPageHasItsStyle(t *testing.T) {
	own := fstest.MapFS{"a.html": {Data: []byte(`{{define "a.html"}}{{template "head" .}}<p>{{.Text}}{{template "foot" .}}{{end}}`)}}
	all, err := Parse(own, "*.html")
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	look := (*Look)(nil).Or()
	look.Render(w, all, "a.html", http.StatusNotFound, map[string]any{"W": map[string]string{"Lang": "nl"}, "Title": "T", "Look": look, "Text": "<script>"})
	found := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(w.Body.String())
	if found == nil || w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), "<script") {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	sum := sha256.Sum256([]byte(found[1]))
	if policy := w.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
		t.Errorf("policy %q does not allow the style", policy)
	}
	w = httptest.NewRecorder()
	if look.Render(w, all, "none.html", http.StatusOK, nil); w.Code != http.StatusInternalServerError {
		t.Errorf("a page that there is not: %d", w.Code)
	}
	if _, err := Parse(fstest.MapFS{"a.html": {Data: []byte("{{")}}, "*.html"); err == nil {
		t.Error("a broken template is no error")
	}
}
