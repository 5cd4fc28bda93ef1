package x

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"loket/connectors/connectortest"
	"loket/connectors/fetch"
	"loket/internal/secret"
)

func production() Config {
	cfg := *Type().NewConfig().(*Config)
	cfg.ConsumerKey, cfg.ConsumerSecret = "key", secret.New("s")
	cfg.AccessToken, cfg.AccessTokenSecret = secret.New("1-token"), secret.New("t")
	return cfg
}

func TestOnlyXsOwnHostsAreAsked(t *testing.T) {
	files := newFiles(production(), connectortest.New(t).Env("care").Blobs, nil)
	t.Cleanup(files.Close)
	for _, url := range []string{
		"http://pbs.twimg.com/a.png", "https://example.org/a.png", "https://pbs.twimg.com.example.org/a.png", "https://pbs.twimg.com@example.org/a.png",
		"https://kate@pbs.twimg.com/a.png", "https://pbs.twimg.com:8443/a.png", "https://127.0.0.1/a.png", "https://[::1]/a.png", "file:///etc/passwd",
		"//pbs.twimg.com/a.png", "https://", "", "https://PBS.TWIMG.COM.\x00/a.png", "http://ton.x.com/a.png", "https://ton.x.com:8443/a.png",
		"https://api.x.com/a.png", "https://x.com/a.png",
	} {
		if r := files.Fetch(t.Context(), fetch.File{URL: url, Name: "a", Blob: "b"}); !errors.Is(r.Err, fetch.ErrForeign) {
			t.Errorf("Fetch(%q) = %v, want it not to be asked", url, r.Err)
		}
	}
}

// Our signature goes only to the hosts of private messages' files, and not even there when they have a private address.
func TestSignedRequestsForFilesReachNoPrivateAddress(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("a private address is asked, with %q", r.Header.Get("Authorization"))
	}))
	t.Cleanup(server.Close)
	all := sources(production())
	if len(all) != 2 || all[0].Sign != nil || all[1].Sign == nil {
		t.Fatalf("%d sources, want the open one and the signed one", len(all))
	}
	private := all[1]
	plain := fetch.Transport(private.Origins...)
	t.Cleanup(plain.CloseIdleConnections)
	req := httptest.NewRequest(http.MethodGet, server.URL+"/a.jpg", nil)
	res, err := private.Sign(plain).RoundTrip(req.WithContext(t.Context()))
	if err == nil {
		res.Body.Close()
		t.Error("a signed request to a private address is answered")
	}
}
