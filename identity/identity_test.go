package identity

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/internal/field"
	"loket/internal/message"
)

func TestConfigNamesAKnownRegion(t *testing.T) {
	if err := Defaults().Validate(); err != nil {
		t.Errorf("Defaults().Validate() = %v", err)
	}
	for _, region := range []string{"", "nl", "XX", "NLD", "001"} {
		got := field.All(Config{Region: region}.Validate())
		want := []*field.Error{{Path: "region", Reason: `must be a country as two capitals, such as NL, not "` + region + `"`}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Validate of region %q (-want +got):\n%s", region, diff)
		}
	}
}

func TestParseReadsNumbersOfTheRegion(t *testing.T) {
	for region, want := range map[string]string{"NL": "phone:+31201234567", "DE": "phone:+49201234567"} {
		got, err := New(nil, Config{Region: region}).Parse("phone:0201 234567", message.Vouched)
		if err != nil || got.Node() != want {
			t.Errorf("Parse in %s = %v, %v, want %s", region, got, err, want)
		}
	}
}
