package field_test

import (
	"testing"

	"loket/internal/field"
)

func TestGivenNamesWhatIsMissing(t *testing.T) {
	type Options struct {
		Name  string
		Ask   func() bool
		Store *int
	}
	one := 1
	if err := field.Given(Options{"n", func() bool { return true }, &one}, "Name", "Ask", "Store"); err != nil {
		t.Errorf("Given of all = %v, want nil", err)
	}
	const want = "field_test.Options: Ask must be given\nfield_test.Options: Store must be given"
	if err := field.Given(Options{Name: "n"}, "Name", "Ask", "Store"); err == nil || err.Error() != want {
		t.Errorf("Given = %v, want %s", err, want)
	}
}
