package pages

import (
	"html/template"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/microcosm-cc/bluemonday"

	"loket/desk"
	"loket/internal/loopback"
	"loket/internal/message"
)

// framePolicy is the Content-Security-Policy of a frame with what a customer sent as HTML: it may be styled and show pictures from
// where it is told, and nothing else, wherever it is opened.
func framePolicy(pictures string) string {
	return "default-src 'none'; style-src 'unsafe-inline'; img-src " + pictures + "; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; " +
		"sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
}

// A formattedView is a message as its sender formatted it.
type formattedView struct {
	W       *words
	Body    template.HTML // sanitised
	Outside int           // pictures from elsewhere, which tell the sender that the message is read
	Shown   bool          // they are asked for
	Here    string        // the address of this frame
}

// formatted shows a message as its sender formatted it, to be framed.
func (h *Handler) formatted(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	m, err := h.desk.Message(r.Context(), v.by, r.PathValue("task"), r.PathValue("message"))
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	if m.HTML == "" {
		h.problem(w, v.words, http.StatusNotFound, v.words.Nothing)
		return
	}
	view := formattedView{W: v.words, Shown: r.URL.Query().Get("pictures") != "", Here: r.URL.Path}
	body, outside := sanitise(m.HTML, view.Shown, h.isOurs, func(id string) string { return pictureOf(r.PathValue("task"), m, id) })
	view.Body, view.Outside = template.HTML(body), outside //nolint:gosec // this is what sanitise is for
	pictures := "'self'"
	if view.Shown {
		pictures += " https: http:"
	}
	w.Header().Set("Content-Security-Policy", framePolicy(pictures))
	h.render(w, "formatted.html", http.StatusOK, view)
}

// pictureOf is the address of a picture that came with a message and that its HTML calls id, "" when there is none.
func pictureOf(task string, m *desk.Message, id string) string {
	i := slices.IndexFunc(m.Attachments, func(a message.Attachment) bool { return a.ContentID != "" && strings.Trim(a.ContentID, "<>") == id })
	if i < 0 {
		return ""
	}
	return pictureAddress(task, m.Attachments[i])
}

// pictureAddress is where an attachment is shown as a picture.
func pictureAddress(task string, a message.Attachment) string {
	of, file, ok := strings.Cut(a.Blob, "/")
	if !ok {
		return ""
	}
	return "/tasks/" + url.PathEscape(task) + "/pictures/" + url.PathEscape(of) + "/" + url.PathEscape(file)
}

// sanitise leaves of a stranger's HTML what can be read and does nothing. Pictures that came along are shown where attached says, those from
// elsewhere only when they are asked for; outside counts them. None comes from a host that is ours: to ask for it, the browser would act as
// whoever reads the message.
func sanitise(html string, pictures bool, ours func(host string) bool, attached func(id string) string) (clean string, outside int) {
	p := mailPolicy()
	p.RewriteSrc(func(u *url.URL) {
		if u.Scheme == "cid" {
			*u = url.URL{Path: attached(u.Opaque)}
			return
		}
		if ours(u.Host) {
			*u = url.URL{}
			return
		}
		outside++
		if !pictures {
			*u = url.URL{}
		}
	})
	return p.Sanitize(html), outside
}

// isOurs tells whether a browser that is told of a host would ask the desk, or another server on its own machine. A name that ends with a
// number is an address to browsers, however it is written: 127.1 and 2130706433 are 127.0.0.1.
func (h *Handler) isOurs(host string) bool {
	host = loopback.Plain(host)
	addr, err := netip.ParseAddr(host)
	if err == nil {
		addr = addr.Unmap()
		return addr.IsLoopback() || addr.IsUnspecified() || h.hosts[host]
	}
	last := host[strings.LastIndex(host, ".")+1:]
	return h.hosts[host] || last == "" || last == "localhost" || last[0] >= '0' && last[0] <= '9'
}

// mailPolicy allows what mail programs write: text, tables, lists, links, pictures, and styles that change how text looks and cannot move it
// over something else.
func mailPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "div", "span", "br", "hr", "b", "i", "u", "s", "strong", "em", "small", "big", "sub", "sup", "tt", "code", "pre", "center",
		"h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "q", "abbr", "address", "del", "ins",
		"table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "font")
	p.AllowAttrs("dir").Matching(bluemonday.Direction).Globally()
	p.AllowAttrs("lang", "title").Globally()
	p.AllowAttrs("align", "valign", "bgcolor").OnElements("p", "div", "table", "tr", "td", "th", "tbody", "thead", "h1", "h2", "h3", "h4", "h5", "h6")
	p.AllowAttrs("width", "height").Matching(bluemonday.NumberOrPercent).OnElements("table", "td", "th", "img")
	p.AllowAttrs("border", "cellpadding", "cellspacing", "colspan", "rowspan").Matching(bluemonday.Integer).OnElements("table", "td", "th", "img")
	p.AllowAttrs("color", "face", "size").OnElements("font")
	p.AllowAttrs("alt", "src").OnElements("img")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto", "tel", "cid")
	p.AllowRelativeURLs(false)
	p.RequireParseableURLs(true)
	p.RequireNoReferrerOnLinks(true)
	p.RequireNoFollowOnLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(true)
	p.AllowStyles("color", "background-color", "font-family", "font-size", "font-style", "font-weight", "line-height", "text-align",
		"text-decoration", "text-transform", "vertical-align", "white-space", "padding", "padding-left", "padding-right", "padding-top",
		"padding-bottom", "border", "border-left", "border-right", "border-top", "border-bottom", "border-color", "border-style",
		"border-width", "border-collapse", "border-radius", "width", "max-width", "list-style-type").Globally()
	return p
}
