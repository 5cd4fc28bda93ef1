package page

import (
	"fmt"
	"net/http"

	"golang.org/x/text/language"
)

// Languages are those that pages are written in. Their methods may be called concurrently.
type Languages struct {
	names   []string
	matcher language.Matcher
}

// NewLanguages takes them by their names, such as nl. There must be one; the first is for whoever prefers none of them.
func NewLanguages(names ...string) (*Languages, error) {
	tags := make([]language.Tag, len(names))
	for i, name := range names {
		tag, err := language.Parse(name)
		if err != nil {
			return nil, fmt.Errorf("read language %q: %w", name, err)
		}
		tags[i] = tag
	}
	return &Languages{names: names, matcher: language.NewMatcher(tags)}, nil
}

// Of is the name of the one for a request: what it asks for by ?lang=, else what the browser prefers.
func (l *Languages) Of(r *http.Request) string {
	asked := r.URL.Query().Get("lang")
	for _, name := range l.names {
		if name == asked {
			return name
		}
	}
	wanted, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil {
		return l.names[0]
	}
	_, i, _ := l.matcher.Match(wanted...)
	return l.names[i]
}
