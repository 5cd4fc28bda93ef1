package page

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

const (
	typeHTML = "text/html"
	typeJSON = "application/json"
)

// Wanted tells a browser from a program: browsers ask for HTML.
func Wanted(h http.Header) bool {
	html := quality(h, typeHTML)
	return html > 0 && html >= quality(h, typeJSON)
}

// JSONWanted tells whoever asks for JSON by its name.
func JSONWanted(h http.Header) bool { return quality(h, typeJSON) > quality(h, typeHTML) }

// maxAccepted is how many media types of an Accept header are looked at; browsers name ten.
const maxAccepted = 50

// quality is how much the Accept header wants a media type it names; wildcards name none.
func quality(h http.Header, kind string) float64 {
	for _, part := range strings.SplitN(strings.Join(h.Values("Accept"), ","), ",", maxAccepted+1) {
		named, params, err := mime.ParseMediaType(part)
		if err != nil || named != kind {
			continue
		}
		q, err := strconv.ParseFloat(params["q"], 64)
		if err != nil {
			return 1
		}
		return q
	}
	return 0
}
