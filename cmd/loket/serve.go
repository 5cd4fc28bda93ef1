package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"loket/cmd/loket/app"
	"loket/cmd/loket/cli"
	"loket/cmd/loket/cli/format"
	"loket/config"
	"loket/connectors/all"
)

// serve runs the daemon until ctx ends.
func serve(ctx context.Context, d cli.Daemon) error {
	log, err := newLog(d.Config.Log, d.Stderr)
	if err != nil {
		return err
	}
	defer func() { _ = log.Sync() }()
	reload := make(chan struct{})
	defer onHangup(reload)()
	// What is made from here on, by the embedded store too, is for nobody else on this machine.
	defer syscall.Umask(syscall.Umask(0o077))
	where := func(app.Addresses) {}
	if token := filepath.Join(d.Config.Store.Data, "admin.token"); format.IsTerminal(os.Stdout) || !exists(token) {
		where = func(a app.Addresses) { welcome(d, token, a) }
	}
	return app.Run(ctx, app.Options{
		Ready:  where,
		Config: d.Config, ConfigPath: d.ConfigPath, Types: all.Types(), Log: log, Reload: reload, Version: d.Version,
	})
}

// welcome tells whoever starts loket for the first time, or at a terminal, what to open and what to type next.
func welcome(d cli.Daemon, token string, at app.Addresses) {
	for _, c := range d.Config.Connectors {
		if c.Enabled && c.Type == "webform" {
			_, _ = fmt.Fprintf(d.Stdout, "form   %s/in/%s/\n", at.URL, c.Name)
		}
	}
	team, desk := d.Config.Router.Fallback, "http://"+cli.Reachable(at.Desk)
	_, _ = fmt.Fprintf(d.Stdout, "desk   %s\n", desk)
	if path := at.Begin(); path != "" {
		_, _ = fmt.Fprintf(d.Stdout, "begin  %s%s\n", desk, path)
	}
	_, _ = fmt.Fprintf(d.Stdout, "token  %s\nnext   loket next --team %s -c %s\n", token, team, d.ConfigPath)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
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
