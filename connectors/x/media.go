package x

import (
	"context"
	"fmt"
	"net/url"
	"path"
	"time"

	"loket/connectors"
	"loket/connectors/fetch"
	"loket/connectors/x/api"
	"loket/internal/message"
)

const (
	maxFiles    = 8 // of one message
	fetchWithin = time.Minute
)

// newFiles makes the client that fetches pictures and films, from X's own hosts and from no other.
func newFiles(cfg Config, blobs connectors.Blobs, refused func(reason string, err error)) *fetch.Client {
	return fetch.New(fetch.Options{
		Sources: sources(cfg), MaxBytes: cfg.MaxMedia, Within: fetchWithin, Pauses: []time.Duration{0}, Sniff: true,
		Missing: MarkMedia, Disguised: MarkDisguised, Reserve: answerWithin / 2,
		GaveUp: func(err error) { refused(reasonMedia, err) },
	}, blobs)
}

// sources are X's hosts. Files of private messages are given only to who signs for them; our signature goes to the hosts of
// those alone.
func sources(cfg Config) []fetch.Source {
	if cfg.local() {
		u, _ := url.Parse(cfg.APIURL) // Validate has
		return []fetch.Source{{Origins: []string{u.Scheme + "://" + u.Host}}}
	}
	return []fetch.Source{
		{Origins: []string{"https://pbs.twimg.com", "https://video.twimg.com"}},
		{Origins: []string{"https://ton.twitter.com", "https://ton.x.com"}, Sign: cfg.options().Sign},
	}
}

// fetch stores the files of m. One that cannot be had is marked and holds nothing up.
func (a *Account) fetch(ctx context.Context, m *message.Message, media []api.Media) error {
	if len(media) > maxFiles {
		media = media[:maxFiles]
		m.Mark(MarkMedia)
	}
	files := make([]fetch.File, len(media))
	for i, one := range media {
		files[i] = fetch.File{URL: one.URL, Name: fileName(one.URL), Blob: fmt.Sprintf("%s/%d", m.ID, i+1), Sorts: []string{"image/", "video/"}}
		if one.Kind == "photo" {
			files[i].Sorts = []string{"image/"}
		}
	}
	return a.files.AttachUntil(ctx, m, files, time.Time{})
}

func fileName(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "file"
	}
	return message.CleanFileName(path.Base(u.Path))
}
