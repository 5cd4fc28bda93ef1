package fetch

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"loket/connectors"
)

// A file whose sum is another than the vendor said is not kept, and may be had when it is asked for again.
func TestFileOfAnotherSumIsNotStored(t *testing.T) {
	content := jpeg + strings.Repeat("a photograph", 10_000)
	v := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, content) })
	sum := sha256.Sum256([]byte(content))
	for name, test := range map[string]struct {
		sum  string
		want error
	}{
		"hexadecimal": {strings.ToUpper(hex.EncodeToString(sum[:])), nil},
		"base64":      {base64.StdEncoding.EncodeToString(sum[:]), nil},
		"not said":    {"", nil},
		"another":     {strings.Repeat("0", 64), ErrDamaged},
	} {
		c, stored := client(t, Options{Sources: []Source{{Origins: []string{v.URL}}}})
		r := c.Fetch(t.Context(), File{URL: v.URL + "/1", Blob: "b/1", Name: "a", SHA256: test.sum})
		if !errors.Is(r.Err, test.want) || connectors.IsPermanent(r.Err) || (len(stored.of) == 1) != (test.want == nil) {
			t.Errorf("%s: %v, %d stored, want %v", name, r.Err, len(stored.of), test.want)
		}
	}
}
