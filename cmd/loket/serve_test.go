package main

import (
	"bytes"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"

	"loket/config"
)

func TestServeRefusesAWrongConfiguration(t *testing.T) {
	bad := write(t, "config.yaml", strings.Replace(rules, "fallback_team: support", "fallback_team: suport", 1))
	got := typed(t, "", nil, "serve", "-c", bad)
	if got.code != exitNo || got.out != "" || !strings.HasPrefix(got.err, bad+":9:16: fallback_team: ") {
		t.Errorf("serve = %+v, want code 1 and the mistake with its line", got)
	}
	if got := typed(t, "", nil, "serve", "-c", "no-such-file.yaml"); got.code != exitMisuse {
		t.Errorf("serve without a file = %+v, want code 2", got)
	}
}

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
		case <-time.After(5 * time.Second):
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
