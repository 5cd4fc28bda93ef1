package sms_test

import (
	"testing"

	"loket/internal/sms"
)

func TestOptingOutIsAWordByItself(t *testing.T) {
	for _, row := range []struct {
		text               string
		stop, plain, start bool
	}{
		{"STOP", true, true, false}, {" Stop. ", true, true, false}, {"“stop”", true, true, false}, {"stop  all", true, true, false},
		{"Arrêt!", true, true, false}, {"cancel", true, false, false}, {"QUIT", true, false, false}, {"Start", false, false, true},
		{"yes", false, false, true}, {"stop calling me", false, false, false}, {"stop|start", false, false, false},
		{"|", false, false, false}, {"", false, false, false}, {" . ", false, false, false}, {"no", false, false, false},
	} {
		if sms.IsStop(row.text) != row.stop || sms.IsPlainStop(row.text) != row.plain || sms.IsStart(row.text) != row.start {
			t.Errorf("%q: IsStop %v, IsPlainStop %v, IsStart %v; want %+v", row.text, sms.IsStop(row.text), sms.IsPlainStop(row.text), sms.IsStart(row.text), row)
		}
	}
}
