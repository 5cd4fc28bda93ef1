package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"loket/cmd/loket/app"
	"loket/config"
)

type serveCommand struct{ configured }

func (c *serveCommand) Run(ctx context.Context, w *world) error {
	cfg, err := c.load(w.err)
	if err != nil {
		return err
	}
	log, err := newLog(cfg.Log, w.err)
	if err != nil {
		return err
	}
	defer func() { _ = log.Sync() }()
	reload := make(chan struct{})
	defer onHangup(reload)()
	// What is made from here on, by the embedded store too, is for nobody else on this machine.
	defer syscall.Umask(syscall.Umask(0o077))
	return app.Run(ctx, app.Options{
		Config: cfg, ConfigPath: c.Config, Types: types(), Log: log, Reload: reload, Version: built().Version,
	})
}

// onHangup passes SIGHUP on to c until the function that it gives is called. Hang-ups that come while the reader
// of c is busy are one.
func onHangup(c chan<- struct{}) func() {
	signals, done, ended := make(chan os.Signal, 1), make(chan struct{}), make(chan struct{})
	signal.Notify(signals, syscall.SIGHUP)
	go func() {
		defer close(ended)
		for {
			select {
			case <-signals:
			case <-done:
				return
			}
			select {
			case c <- struct{}{}:
			case <-done:
				return
			}
		}
	}()
	return func() {
		signal.Stop(signals)
		close(done)
		<-ended
	}
}

// newLog makes the log that the configuration asks for.
func newLog(cfg config.Log, out io.Writer) (*zap.Logger, error) {
	level, err := zapcore.ParseLevel(cfg.Level)
	if err != nil {
		return nil, fmt.Errorf("log.level: %w", err)
	}
	form := zap.NewProductionEncoderConfig()
	form.EncodeTime = zapcore.TimeEncoderOfLayout(time.RFC3339)
	encoder := zapcore.NewJSONEncoder(form)
	if cfg.Format == "console" {
		form.EncodeLevel = zapcore.CapitalLevelEncoder
		form.ConsoleSeparator = "  "
		encoder = zapcore.NewConsoleEncoder(form)
	}
	return zap.New(zapcore.NewCore(encoder, zapcore.Lock(zapcore.AddSync(out)), level)), nil
}
