package x

import (
	"testing"

	"loket/internal/secret"
)

func TestOnlyXsOwnHostsAreAsked(t *testing.T) {
	cfg := *Type().NewConfig().(*Config)
	cfg.ConsumerSecret = secret.New("s")
	f := newFetcher(cfg, nil) // a call with our signature would panic
	for _, url := range []string{
		"http://pbs.twimg.com/a.png", "https://example.org/a.png", "https://pbs.twimg.com.example.org/a.png", "https://pbs.twimg.com@example.org/a.png",
		"https://kate@pbs.twimg.com/a.png", "https://pbs.twimg.com:8443/a.png", "https://127.0.0.1/a.png", "https://[::1]/a.png", "file:///etc/passwd",
		"//pbs.twimg.com/a.png", "https://", "", "https://PBS.TWIMG.COM.\x00/a.png",
	} {
		if res, err := f.get(t.Context(), url); err == nil {
			res.Body.Close()
			t.Errorf("get(%q) = %s, want a refusal", url, res.Status)
		} else if err.Error() != "its address is none of X's" {
			t.Errorf("get(%q) = %v, want it not to be asked", url, err)
		}
	}
	for _, host := range []string{"pbs.twimg.com", "video.twimg.com"} {
		if len(f.open) != 2 || f.open[0] != host && f.open[1] != host {
			t.Errorf("hosts = %q, want %s among them", f.open, host)
		}
	}
}

func TestNoPrivateAddressIsAsked(t *testing.T) {
	for address, want := range map[string]bool{
		"104.244.43.131:443": true, "[2606:1f80::1]:443": true, "127.0.0.1:443": false, "10.1.2.3:443": false, "172.16.0.1:443": false, "192.168.1.1:443": false,
		"169.254.169.254:443": false, "0.0.0.0:443": false, "[::1]:443": false, "[fe80::1]:443": false, "[fd00::1]:443": false, "[::ffff:127.0.0.1]:443": false,
		"224.0.0.1:443": false, "nonsense": false,
	} {
		if err := publicOnly("tcp", address, nil); (err == nil) != want {
			t.Errorf("publicOnly(%s) = %v, want allowed %v", address, err, want)
		}
	}
}
