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

// Style is the one of every page: what the templates head and foot want as .Style, beside .Title and .W.Lang.
func Style() template.CSS { return template.CSS(style) }

// Policy is the Content-Security-Policy of a page. The style is named by its hash, so nothing that anybody wrote can bring
// another; scripts there are none, unless OwnScripts is added.
func Policy() string { return policy }

// OwnScripts lets a page run the scripts that are files of this listener, and those ask it for more.
const OwnScripts = "; script-src 'self'; connect-src 'self'"

var policy = func() string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}()

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
func Render(w http.ResponseWriter, t *template.Template, name string, status int, view any, more ...string) {
	var page bytes.Buffer
	if err := t.ExecuteTemplate(&page, name, view); err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Security-Policy", Policy()+strings.Join(more, ""))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w)
}
