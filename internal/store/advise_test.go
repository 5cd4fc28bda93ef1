package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAdviceOnVersions(t *testing.T) {
	for _, tt := range []struct {
		version string
		old     bool
	}{
		{"6.0.16", true}, {"5.0.3", true}, {"6.2.0", false}, {"7.0.15", false}, {"10.0.0", false}, {"", false}, {"unstable", false},
	} {
		want := []string(nil)
		if tt.old {
			want = []string{"the server is version " + tt.version + ": loket needs 6.2 or later"}
		}
		got := advice("# Server\r\nredis_version:" + tt.version + "\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\n")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("advice for %q (-want +got):\n%s", tt.version, diff)
		}
	}
}
