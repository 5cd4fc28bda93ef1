package webform

import (
	"embed"
	"html/template"
	"net/http"

	"loket/internal/page"
)

//go:embed templates
var templates embed.FS

// pages renders the form's pages in the languages it speaks.
type pages struct {
	look      *page.Look
	html      *template.Template
	words     map[string]*words
	languages *page.Languages
}

// frame is what every page shows.
type frame struct {
	W     *words
	Title string // of the window
	Look  *page.Look
}

func newPages(cfg Config, look *page.Look) (*pages, error) {
	html, err := page.Parse(templates, "templates/*.html")
	if err != nil {
		return nil, err
	}
	p := &pages{look: look.Or(), html: html, words: map[string]*words{}}
	for _, l := range cfg.Languages {
		p.words[l] = wordsIn(l)
	}
	p.languages, err = page.NewLanguages(cfg.Languages...)
	return p, err
}

// language gives the words for a request.
func (p *pages) language(r *http.Request) *words { return p.words[p.languages.Of(r)] }

func (p *pages) frame(w *words) frame { return frame{W: w, Title: w.Title, Look: p.look} }

// secure sets the headers that every answer carries.
func (p *pages) secure(h http.Header) {
	h.Set("Content-Security-Policy", p.look.Policy())
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
	p.look.Render(w, p.html, "done.html", http.StatusAccepted, v)
}
