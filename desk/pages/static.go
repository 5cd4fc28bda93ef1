package pages

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"sync"
)

//go:embed static
var static embed.FS

// staticFiles gives what browsers get beside the pages, by name: the scripts, and all styles as one, desk.css first. The hash stands in their
// address, so that browsers may keep them for good.
var staticFiles = sync.OnceValues(func() (byName map[string][]byte, hash string) {
	files, sum := map[string][]byte{}, sha256.New()
	names, err := fs.Glob(static, "static/*.*")
	if err != nil {
		panic(err)
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(order(a), order(b)) })
	for _, name := range names {
		content, err := static.ReadFile(name)
		if err != nil {
			panic(err)
		}
		as := path.Base(name)
		if path.Ext(name) == ".js" {
			content = lean(content)
		}
		if path.Ext(name) == ".css" {
			as = "desk.css"
		}
		files[as] = append(files[as], content...)
		sum.Write([]byte(name))
		sum.Write(content)
	}
	return files, hex.EncodeToString(sum.Sum(nil)[:8])
})

// lean is a script without what is for people alone: lines that are comments, and indentation.
func lean(script []byte) []byte {
	var out []byte
	for line := range bytes.Lines(script) {
		if line = bytes.TrimLeft(line, " \t\n"); len(line) > 0 && !bytes.HasPrefix(line, []byte("//")) {
			out = append(out, line...)
		}
	}
	return out
}

// order is 0 for what the other styles build on.
func order(name string) int {
	if name == "static/desk.css" {
		return 0
	}
	return 1
}

var staticTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

// static gives a file under an address that changes with it.
func (h *Handler) static(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	files, hash := staticFiles()
	content, kind := files[name], staticTypes[path.Ext(name)]
	if r.PathValue("hash") != hash || content == nil || kind == "" {
		words := h.wordsFor(r)
		h.problem(w, words, http.StatusNotFound, words.Nothing)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(content) // a browser that went away is no error
}
