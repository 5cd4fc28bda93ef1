package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"go.uber.org/zap"
)

// A server serves one listener.
type server struct {
	name string
	on   net.Listener
	http *http.Server
}

func newServer(name string, on net.Listener, h http.Handler, log *zap.Logger) *server {
	std, err := zap.NewStdLogAt(log.Named(name), zap.DebugLevel)
	if err != nil {
		std = nil // the standard logger then
	}
	return &server{name: name, on: on, http: &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       2 * time.Minute, // an attachment over a slow line
		WriteTimeout:      2 * time.Minute, // long polls and event streams lift it for themselves
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          std,
	}}
}

// run serves until ctx ends; requests under way then have a moment to end.
func (s *server) run(ctx context.Context) error {
	base, cancelBase := context.WithCancel(context.WithoutCancel(ctx))
	defer cancelBase()
	s.http.BaseContext = func(net.Listener) context.Context { return base }
	served := make(chan error, 1)
	go func() { served <- s.http.Serve(s.on) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve %s: %w", s.name, err)
	case <-ctx.Done():
	}
	// Long polls and event streams wait for nothing that still comes: they end at once, the rest is let end.
	time.AfterFunc(500*time.Millisecond, cancelBase)
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerWithin)
	defer cancel()
	if err := s.http.Shutdown(stop); err != nil {
		_ = s.http.Close()
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", s.name, err)
	}
	return nil
}
