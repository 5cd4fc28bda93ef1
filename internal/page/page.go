// Package page is what all pages for customers have in common: their style, the frame that they stand in, and who is shown a
// page instead of JSON.
package page

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
)

//go:embed frame.html
var frame string

//go:embed style.css
var style string

// A Look is how every page looks: what the templates head and foot want as .Look, beside .Title and .W.Lang. It may be used concurrently.
type Look struct {
	Name   string       // of the organisation; may be ""
	Logo   template.URL // "" when there is none
	Style  template.CSS
	policy string
}

// NewLook makes the look of an organisation's pages. The error is a field.Error of what is wrong with its logo; the rest Validate found
// right.
func NewLook(o Organisation) (*Look, error) {
	logo, err := o.logo()
	if err != nil {
		return nil, err
	}
	l := &Look{Name: o.Name, Logo: logo, Style: template.CSS(style + o.colours())}
	pictures := "'self'"
	if logo != "" {
		pictures += " data:"
	}
	sum := sha256.Sum256([]byte(l.Style))
	l.policy = "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; img-src " + pictures + "; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	return l, nil
}

// plain is the look of nobody's pages.
var plain = func() *Look {
	l, err := NewLook(Organisation{})
	if err != nil {
		panic(err) // it has no logo
	}
	return l
}()

// Or is l, or the plain look when there is none.
func (l *Look) Or() *Look {
	if l == nil {
		return plain
	}
	return l
}

// Policy is the Content-Security-Policy of a page. The style is named by its hash, so nothing that anybody wrote can bring
// another; scripts there are none, unless OwnScripts is added.
func (l *Look) Policy() string { return l.policy }

// OwnScripts lets a page run the scripts that are files of this listener, and those ask it for more.
const OwnScripts = "; script-src 'self'; connect-src 'self'"

// Parse reads templates, which may use head and foot, the frame of every page.
func Parse(own fs.FS, pattern string) (*template.Template, error) {
	t, err := template.New("frame").Parse(frame)
	if err != nil {
		return nil, fmt.Errorf("parse frame: %w", err)
	}
	if t, err = t.ParseFS(own, pattern); err != nil {
		return nil, fmt.Errorf("parse templates: %w", err)
	}
	return t, nil
}

// Render answers with the template called name, whole or not at all; more is added to its Policy. A browser that went away is no error.
func (l *Look) Render(w http.ResponseWriter, t *template.Template, name string, status int, view any, more ...string) {
	var page bytes.Buffer
	if err := t.ExecuteTemplate(&page, name, view); err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Security-Policy", l.policy+strings.Join(more, ""))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w)
}
