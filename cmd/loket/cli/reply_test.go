package cli

import "testing"

// What stands in a file of another charset would reach the customer without its letters.
func TestTextsOfAnotherCharsetAreNotSent(t *testing.T) {
	for in, want := range map[string]string{"Für": "Für", "\ufeffFür": "Für", "\xff\xfeF\x00\xfc\x00": "Fü", "": ""} {
		if got, err := inUTF8(in); err != nil || got != want {
			t.Errorf("inUTF8(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
	if got, err := inUTF8("F\xfcr"); err == nil {
		t.Errorf("inUTF8 of Latin 1 = %q, want what to do", got)
	}
}
