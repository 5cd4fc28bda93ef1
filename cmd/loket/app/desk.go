package app

import (
	"context"
	"net/http"
	"strings"
	"time"

	"go.uber.org/zap"

	"loket/desk/pages"
	"loket/desk/people"
	"loket/internal/page"
)

// besideEachOther serves the API and the pages on one listener: who has a token has the API, who has a browser the pages.
func besideEachOther(api http.Handler, desk *pages.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case strings.HasPrefix(path, "/api/"), path == "/metrics", path == "/healthz", path == "/readyz", path == "/openapi.yaml", r.Header.Get("Authorization") != "":
			api.ServeHTTP(w, r)
		case desk.Serves(r), page.Wanted(r.Header):
			desk.ServeHTTP(w, r)
		default:
			api.ServeHTTP(w, r)
		}
	})
}

// firstLink is the path by which the first one of all begins, "" when somebody has a password already, or the store is away now.
func firstLink(ctx context.Context, s *people.Service, log *zap.Logger) string {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	token, err := s.First(ctx)
	if err != nil {
		log.Debug("no first link", zap.Error(err))
	}
	if token == "" {
		return ""
	}
	return "/begin/" + token
}
