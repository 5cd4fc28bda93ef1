package portal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"loket/internal/message"
	"loket/internal/page"
	"loket/router/thread"
)

const (
	// maxTranscript messages of a thread are written down, the newest, and no more than fit in maxTranscriptBytes.
	maxTranscript      = 2000
	maxTranscriptBytes = 8 << 20
)

// Transcript writes down in a language, as text, what the customer of a thread may see. An error may pass, unless it is thread.ErrForgotten.
func (p *Portal) Transcript(ctx context.Context, id, lang string) (string, error) {
	say, ok := p.pages.words[lang]
	if !ok {
		say = p.pages.words["en"]
	}
	said, err := p.readNewest(ctx, id, maxTranscript, maxTranscriptBytes)
	if err != nil {
		return "", err
	}
	return p.transcript(say, said), nil
}

// save gives the transcript of a thread as a file: a page, or text where that is asked for.
func (p *Portal) save(w http.ResponseWriter, r *http.Request, id string) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		p.wrongMethod(w, r, "GET, HEAD")
		return
	}
	if wait := p.reads.Take(r.RemoteAddr); wait > 0 {
		p.refuse(w, r, tooMany(wait))
		return
	}
	said, err := p.readNewest(r.Context(), id, maxTranscript, maxTranscriptBytes)
	switch {
	case errors.Is(err, thread.ErrForgotten):
		p.refuse(w, r, gone())
		return
	case err != nil:
		p.refuse(w, r, unavailable(awayWait))
		return
	}
	say := p.pages.language(r)
	if r.URL.Query().Get("as") == "text" {
		w.Header().Set("Content-Disposition", `attachment; filename="loket.txt"`)
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte(p.transcript(say, said))) // a browser that went away is no error
		return
	}
	v := p.view(r, said, nil)
	w.Header().Set("Content-Disposition", `attachment; filename="loket.html"`)
	p.pages.render(w, "transcript.html", http.StatusOK, struct {
		*view
		SavedAt string
	}{v, fmt.Sprintf(say.SavedAt, say.when(p.now().In(said.matter.Zone)))})
}

// transcript is a thread as text.
func (p *Portal) transcript(say *words, s *threadView) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s %s\n", cmp.Or(s.subject, say.Conversation), fmt.Sprintf(say.SavedAt, say.when(p.now().In(s.matter.Zone))), fmt.Sprintf(say.Clock, s.matter.Zone))
	if s.older {
		fmt.Fprintln(&b, say.Older)
	}
	for _, m := range s.messages {
		who := say.You
		if m.Direction == message.Out {
			who = cmp.Or(p.pages.look.Name, say.Us)
		}
		fmt.Fprintf(&b, "\n%s, %s\n", who, say.when(at(m).In(s.matter.Zone)))
		if m.Text != "" {
			fmt.Fprintln(&b, m.Text)
		}
		for _, a := range m.Attachments {
			fmt.Fprintf(&b, "[%s, %s]\n", a.Name, page.Size(a.Size))
		}
	}
	return b.String()
}
