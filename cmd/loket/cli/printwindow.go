package cli

import (
	"fmt"
	"strings"

	"loket/desk/api"
)

// window says what may be sent on a way whose channel does not always take free texts; "" where it does.
func (p *page) window(w *api.Way) string {
	if w.Window == nil {
		return ""
	}
	return fmt.Sprintf("%s (--via %s): %s", w.Channel, w.Via, p.taken(w.Window))
}

func (p *page) taken(w *api.Window) string {
	until := w.Until.Time
	if !until.IsZero() && !p.Now.After(until) {
		return "a free text until " + p.Clock(until)
	}
	since := ""
	if !until.IsZero() {
		since = " since " + p.Clock(until)
	}
	if len(w.Templates) == 0 {
		return "nothing" + since + ", until they write"
	}
	begins := make([]string, len(w.Templates))
	for i, t := range w.Templates {
		begins[i] = t.Begin
	}
	return "only a template" + since + ": begin with " + strings.Join(begins, ", ")
}
