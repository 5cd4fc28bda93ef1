package portal

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"net/http"

	"golang.org/x/text/language"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed templates/style.css
var style string

// pages renders the portal's pages.
type pages struct {
	html    *template.Template
	style   template.CSS
	policy  string
	words   []*words // the first is for those who ask for none of them
	matcher language.Matcher
}

// frame is what every page shows.
type frame struct {
	W     *words
	Title string // of the window
	Style template.CSS
}

func newPages() *pages {
	sum := sha256.Sum256([]byte(style))
	return &pages{
		html:  template.Must(template.ParseFS(templates, "templates/*.html")),
		style: template.CSS(style),
		// The style is named by its hash, so nothing that anybody wrote can bring another; scripts there are none.
		policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
			"'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		words:   []*words{dutch(), english()},
		matcher: language.NewMatcher([]language.Tag{language.Dutch, language.English}),
	}
}

// language gives the words for a request: those it asks for by ?lang=, else what the browser prefers.
func (p *pages) language(r *http.Request) *words {
	asked := r.URL.Query().Get("lang")
	for _, w := range p.words {
		if w.Lang == asked {
			return w
		}
	}
	wanted, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil {
		return p.words[0]
	}
	_, i, _ := p.matcher.Match(wanted...)
	return p.words[i]
}

func (p *pages) frame(w *words, title string) frame {
	return frame{W: w, Title: title, Style: p.style}
}

// secure sets the headers that every answer of the public listener carries; a connector may set others. The
// address of a thread's page is a secret, so no other site is told it and no cache keeps it.
func (p *pages) secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Cache-Control", "no-store")
}

// render writes a page, whole or not at all.
func (p *pages) render(w http.ResponseWriter, name string, status int, view any) {
	var page bytes.Buffer
	if err := p.html.ExecuteTemplate(&page, name, view); err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", p.policy)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Add("Vary", "Accept, Accept-Language")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w) // the browser went away
}
