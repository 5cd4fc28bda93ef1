package webform

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"

	"golang.org/x/text/language"
)

//go:embed templates
var templates embed.FS

// pages renders the form's pages in the languages it speaks.
type pages struct {
	html    *template.Template
	style   template.CSS
	policy  string
	words   map[string]*words
	order   []string
	matcher language.Matcher
}

// frame is what every page shows.
type frame struct {
	W     *words
	Title string // of the window
	Style template.CSS
}

func newPages(cfg Config) (*pages, error) {
	html, err := template.ParseFS(templates, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse templates: %w", err)
	}
	style, err := templates.ReadFile("templates/style.css")
	if err != nil {
		return nil, fmt.Errorf("read style: %w", err)
	}
	sum := sha256.Sum256(style)
	p := &pages{html: html, style: template.CSS(style), words: map[string]*words{}, order: cfg.Languages}
	// The style is named by its hash, so nothing that a customer types can bring another; scripts there are none.
	p.policy = "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	var tags []language.Tag
	for _, l := range cfg.Languages {
		tag, err := language.Parse(l)
		if err != nil {
			return nil, fmt.Errorf("read language %q: %w", l, err)
		}
		tags = append(tags, tag)
		p.words[l] = wordsIn(l)
	}
	p.matcher = language.NewMatcher(tags)
	return p, nil
}

// language gives the words for a request: those it asks for by ?lang=, else what the browser prefers.
func (p *pages) language(r *http.Request) *words {
	if w := p.words[r.URL.Query().Get("lang")]; w != nil {
		return w
	}
	wanted, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil {
		return p.words[p.order[0]]
	}
	_, i, _ := p.matcher.Match(wanted...)
	return p.words[p.order[i]]
}

func (p *pages) frame(w *words) frame { return frame{W: w, Title: w.Title, Style: p.style} }

// secure sets the headers that every answer carries.
func (p *pages) secure(h http.Header) {
	h.Set("Content-Security-Policy", p.policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept, Accept-Language")
}

func (p *pages) done(w http.ResponseWriter, say *words, body receiptBody) {
	v := struct {
		frame
		Number, URL string
	}{p.frame(say), body.Receipt, body.Thread}
	v.Title = say.DoneTitle
	p.render(w, "done.html", http.StatusAccepted, v)
}

// render writes a page, whole or not at all.
func (p *pages) render(w http.ResponseWriter, name string, status int, view any) {
	var page bytes.Buffer
	if err := p.html.ExecuteTemplate(&page, name, view); err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w) // the browser went away
}
