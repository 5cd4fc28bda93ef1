package cli

import (
	"strings"
	"testing"
)

func TestServeRefusesAWrongConfiguration(t *testing.T) {
	bad := write(t, "config.yaml", strings.Replace(rules, "fallback_team: support", "fallback_team: suport", 1))
	got := typed(t, "", nil, "serve", "-c", bad)
	if got.code != exitNo || got.out != "" || !strings.HasPrefix(got.err, bad+":9:16: fallback_team: ") {
		t.Errorf("serve = %+v, want code 1 and the mistake with its line", got)
	}
	if got := typed(t, "", nil, "serve", "-c", "no-such-file.yaml"); got.code != exitUsage {
		t.Errorf("serve without a file = %+v, want code 2", got)
	}
}
