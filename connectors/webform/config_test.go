package webform

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"loket/internal/field"
)

func TestDefaultsAreRight(t *testing.T) {
	if err := Type().NewConfig().(*Config).Validate(); err != nil {
		t.Errorf("Validate = %v", err)
	}
}

func TestValidateGivesEveryMistake(t *testing.T) {
	c := &Config{
		RatePerMinute: -1, Languages: []string{"nl", "de", "nl"}, MaxBytes: 10, MaxAttachments: -2, MinFillTime: time.Hour,
		Title: map[string]string{"en": "Hi"},
	}
	var got []string
	for _, e := range field.All(c.Validate()) {
		got = append(got, e.Error())
	}
	want := []string{
		"rate_per_minute: must be 0 (no limit) or more, not -1",
		"max_bytes: must be at least 4096, not 10",
		"max_attachments: must be 0 or more, not -2",
		"min_fill_time: must be from 0s to 1m0s, not 1h0m0s",
		`languages[1]: must be one of nl, en, not "de"`,
		`languages[2]: names "nl" a second time`,
		"title.en: must be in one of the languages of the form: nl, de, nl",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mistakes (-want +got):\n%s", diff)
	}
	if got := (&Config{MaxBytes: 1 << 20}).Validate(); got == nil {
		t.Error("Validate of a form without languages = nil")
	}
}

func TestSettingsAreReadFromYAML(t *testing.T) {
	c := Type().NewConfig().(*Config)
	const settings = "rate_per_minute: 0\nlanguages: [en]\nmin_fill_time: 500ms\ncustomer_no: false\ntitle: {en: Ask}\n"
	if err := yaml.Unmarshal([]byte(settings), c); err != nil {
		t.Fatal(err)
	}
	want := &Config{Languages: []string{"en"}, MinFillTime: 500 * time.Millisecond, MaxBytes: 10 << 20, MaxAttachments: 10, Title: map[string]string{"en": "Ask"}}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}
