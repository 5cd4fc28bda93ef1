package portal

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"net/http"

	"loket/internal/page"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed static/thread.js
var script []byte

// scriptHash names the script in its address, so that browsers may keep it for good.
var scriptHash = func() string {
	sum := sha256.Sum256(script)
	return hex.EncodeToString(sum[:8])
}()

// script is what shows new messages on the page of a thread by itself.
func (p *Portal) script(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead || r.PathValue("hash") != scriptHash {
		p.nowhere(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(script) // a browser that went away is no error
}

// pages renders the portal's pages.
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

func newPages(look *page.Look) *pages {
	languages, err := page.NewLanguages("nl", "en")
	if err != nil {
		panic(err) // these two there are
	}
	return &pages{
		look:      look.Or(),
		html:      template.Must(page.Parse(templates, "templates/*.html")),
		words:     map[string]*words{"nl": dutch(), "en": english()},
		languages: languages,
	}
}

// language gives the words for a request.
func (p *pages) language(r *http.Request) *words { return p.words[p.languages.Of(r)] }

func (p *pages) frame(w *words, title string) frame {
	return frame{W: w, Title: title, Look: p.look}
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
	w.Header().Add("Vary", "Accept, Accept-Language")
	p.look.Render(w, p.html, name, status, view, page.OwnScripts)
}
