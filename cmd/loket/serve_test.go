package main

import (
	"bytes"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"

	"loket/cmd/loket/app"
	"loket/cmd/loket/cli"
	"loket/config"
)

func TestHangupsAskForReload(t *testing.T) {
	reload := make(chan struct{})
	stop := onHangup(reload)
	defer stop()
	for range 2 {
		if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		select {
		case <-reload:
		case <-time.After(time.Minute):
			t.Fatal("SIGHUP did not ask for a reload")
		}
	}
}

func TestLogHasTheLevelAndFormOfTheConfiguration(t *testing.T) {
	for _, tt := range []struct {
		cfg           config.Log
		want, wantNot string
	}{
		{config.Log{Level: "info", Format: "json"}, `"level":"info"`, "detail"},
		{config.Log{Level: "debug", Format: "console"}, "DEBUG  detail", "{\"level"},
	} {
		var b bytes.Buffer
		log, err := newLog(tt.cfg, &b)
		if err != nil {
			t.Fatal(err)
		}
		log.Info("served", zap.String("team", "support"))
		log.Debug("detail")
		if got := b.String(); !strings.Contains(got, tt.want) || strings.Contains(got, tt.wantNot) {
			t.Errorf("log of %+v:\n%s\nwant %q and not %q", tt.cfg, got, tt.want, tt.wantNot)
		}
	}
}

func TestWelcomeSaysWhatToOpenAndWhatToType(t *testing.T) {
	var out bytes.Buffer
	cfg := &config.Config{Connectors: []config.Connector{{Name: "website", Type: "webform", Enabled: true}, {Name: "old", Type: "webform"}}}
	cfg.Router.Fallback = "support"
	welcome(cli.Daemon{Config: cfg, ConfigPath: "config.yaml", Stdout: &out}, "data/admin.token", app.Addresses{Desk: "0.0.0.0:8081", URL: "https://help.example.org", Begin: func() string { return "/begin/ABC" }})
	want := "form   https://help.example.org/in/website/\ndesk   http://127.0.0.1:8081\nbegin  http://127.0.0.1:8081/begin/ABC\ntoken  data/admin.token\nnext   loket next --team support -c config.yaml\n"
	if out.String() != want {
		t.Errorf("welcome says\n%swant\n%s", out.String(), want)
	}
}
