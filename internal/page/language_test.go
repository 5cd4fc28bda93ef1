package page

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestLanguageOfAPage(t *testing.T) {
	l, err := NewLanguages("nl", "en")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ query, accept, want string }{
		{"", "", "nl"}, {"", "en-GB,en;q=0.8", "en"}, {"", "fr", "nl"}, {"", "fr, en;q=0.5", "en"}, {"", ";;;", "nl"},
		{"?lang=en", "nl", "en"}, {"?lang=nl", "en", "nl"}, {"?lang=fr", "en", "en"}, {"?lang=", "en", "en"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/"+row.query, nil)
		r.Header.Set("Accept-Language", row.accept)
		if got := l.Of(r); got != row.want {
			t.Errorf("Of(%q, %q) = %s, want %s", row.query, row.accept, got, row.want)
		}
	}
	if _, err := NewLanguages("nl", "no language"); err == nil {
		t.Error("a name that is none is no error")
	}
}
