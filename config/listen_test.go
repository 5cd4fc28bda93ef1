package config_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/config"
)

func TestListenNamesEveryMistake(t *testing.T) {
	l := config.Listen{
		Public: "8080", Desk: "127.0.0.1:http", PublicURL: "example.org",
		TrustedProxies: []string{"10.0.0.0/8", "::1", "10.0.0.0/64", "proxy"},
	}
	want := []string{
		`public: must be an address and a port such as 127.0.0.1:8080, not "8080"`,
		`desk: must have a port from 0 to 65535, not "http"`,
		`public_url: must be a URL such as https://service.example.org`,
		`trusted_proxies[2]: must be a network such as 10.0.0.0/8 or an address, not "10.0.0.0/64"`,
		`trusted_proxies[3]: must be a network such as 10.0.0.0/8 or an address, not "proxy"`,
	}
	if diff := cmp.Diff(strings.Split(l.Validate().Error(), "\n"), want); diff != "" {
		t.Errorf("mistakes (-got +want):\n%s", diff)
	}
	got := l.Proxies()
	if len(got) != 2 || got[0] != netip.MustParsePrefix("10.0.0.0/8") || got[1] != netip.MustParsePrefix("::1/128") {
		t.Errorf("Proxies = %v", got)
	}
	if err := (config.Listen{Public: ":80", Desk: ":80"}).Validate(); err == nil || err.Error() != "desk: must differ from the public address" {
		t.Errorf("Validate = %v", err)
	}
	if err := config.DefaultListen().Validate(); err != nil {
		t.Errorf("the defaults are wrong: %v", err)
	}
}

func TestListenCompletesThePublicURL(t *testing.T) {
	for _, row := range [][3]string{
		{"127.0.0.1:8080", "", "http://127.0.0.1:8080"},
		{"0.0.0.0:80", "", "http://127.0.0.1:80"},
		{":9000", "", "http://127.0.0.1:9000"},
		{"[::1]:9000", "", "http://[::1]:9000"},
		{":9000", "https://example.org/help/", "https://example.org/help"},
	} {
		if got := (config.Listen{Public: row[0], PublicURL: row[1]}).Complete().PublicURL; got != row[2] {
			t.Errorf("Complete(%s, %s) = %s, want %s", row[0], row[1], got, row[2])
		}
	}
}
