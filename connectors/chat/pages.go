package chat

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"net/http"
	"strings"

	"loket/internal/page"
)

//go:embed static templates
var own embed.FS

// pages renders the frame, and has the files that it and other pages load.
type pages struct {
	look      *page.Look
	html      *template.Template
	words     map[string]*words
	languages *page.Languages
	origins   []string // that may show the frame, as browsers send them
	policy    string
	host      []byte            // the script for other pages
	files     map[string][]byte // of the frame, by name
	hash      string            // names the files, so that browsers may keep them for good
}

func newPages(cfg Config, origins []string, look *page.Look) (*pages, error) {
	html, err := template.ParseFS(own, "templates/*.html")
	if err != nil {
		return nil, err
	}
	p := &pages{look: look.Or(), html: html, words: map[string]*words{}, origins: origins, files: map[string][]byte{}}
	for _, l := range cfg.Languages {
		p.words[l] = wordsIn(l)
	}
	if p.languages, err = page.NewLanguages(cfg.Languages...); err != nil {
		return nil, err
	}
	if err := p.readFiles(); err != nil {
		return nil, err
	}
	p.policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; " +
		"base-uri 'none'; frame-ancestors " + strings.Join(append([]string{"'self'"}, origins...), " ")
	return p, nil
}

func (p *pages) readFiles() (err error) {
	if p.host, err = own.ReadFile("static/chat.js"); err != nil {
		return err
	}
	all, err := own.ReadDir("static/frame")
	if err != nil {
		return err
	}
	sum := sha256.New()
	for _, f := range all { // in order
		content, err := own.ReadFile("static/frame/" + f.Name())
		if err != nil {
			return err
		}
		if f.Name() == "frame.css" {
			content = append([]byte(p.look.Style), content...)
		}
		p.files[f.Name()] = content
		sum.Write(content)
	}
	p.hash = hex.EncodeToString(sum.Sum(nil)[:8])
	return nil
}

// secure sets the headers that every answer carries. The address of a thread's page is a secret, so no other site is told it.
func (p *pages) secure(h http.Header) {
	h.Set("Content-Security-Policy", p.policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}

// script is the one that other pages load. Any may: what it shows says by itself who may show it.
func (p *pages) script(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=300")
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	_, _ = w.Write(p.host) // a browser that went away is no error
}

// file is one that the frame loads.
func (p *pages) file(w http.ResponseWriter, r *http.Request) {
	content, ok := p.files[r.PathValue("name")]
	if !ok || r.PathValue("hash") != p.hash {
		http.NotFound(w, r)
		return
	}
	kind := "text/css; charset=utf-8"
	if strings.HasSuffix(r.PathValue("name"), ".js") {
		kind = "text/javascript; charset=utf-8"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(content)
}

// render writes the frame, whole or not at all.
func (p *pages) render(w http.ResponseWriter, status int, v *frame) {
	var b bytes.Buffer
	if err := p.html.ExecuteTemplate(&b, "frame.html", v); err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Add("Vary", "Accept, Accept-Language")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w)
}
