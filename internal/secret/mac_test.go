package secret

import (
	"bytes"
	"strings"
	"testing"
)

func TestMACOfOneUseIsWorthNothingForAnother(t *testing.T) {
	key := []byte("0123456789abcdef0123456789abcdef")
	seen := map[string]Use{}
	for _, use := range Uses() {
		if use == "" || strings.Contains(string(use), "\x00") {
			t.Errorf("use %q: another could be written with it", use)
		}
		// What somebody may choose, for one use, in the hope that it is another's.
		for _, text := range []string{"", "x", "\x00x", "thread\x00x", "identifier\x00x", "connector\x00website\x00x", string(use)} {
			mac := string(MAC(key, use, text))
			if other, ok := seen[mac]; ok {
				t.Errorf("the MAC of %q for %s is one for %s too", text, use, other)
			}
			seen[mac] = use
		}
	}
	if bytes.Equal(MAC(key, ForConnector, "web", "site"), MAC(key, ForConnector, "website")) || bytes.Equal(MAC(key, ForConnector, "a", "b", "c"), MAC(key, ForConnector, "ab", "c")) {
		t.Error("parts run together")
	}
	if bytes.Equal(MAC(key, ForThread, "x"), MAC(append(key, 'x'), ForThread, "x")) {
		t.Error("another key makes the same")
	}
}
