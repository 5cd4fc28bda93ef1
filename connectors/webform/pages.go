package webform

import (
	"embed"
	"fmt"
	"html/template"
	"net/http"

	"golang.org/x/text/language"

	"loket/internal/page"
)

//go:embed templates
var templates embed.FS

// pages renders the form's pages in the languages it speaks.
type pages struct {
	html    *template.Template
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
	html, err := page.Parse(templates, "templates/*.html")
	if err != nil {
		return nil, err
	}
	p := &pages{html: html, words: map[string]*words{}, order: cfg.Languages}
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

func (p *pages) frame(w *words) frame { return frame{W: w, Title: w.Title, Style: page.Style()} }

// secure sets the headers that every answer carries.
func (p *pages) secure(h http.Header) {
	h.Set("Content-Security-Policy", page.Policy())
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
	page.Render(w, p.html, "done.html", http.StatusAccepted, v)
}
