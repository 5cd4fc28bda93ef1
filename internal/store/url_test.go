package store_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"loket/internal/secret"
	"loket/internal/store"
	"loket/internal/store/storetest"
)

func TestOpenByURL(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cert, key := certificate(t, dir)
	other, _ := certificate(t, t.TempDir())
	server, ports := storetest.StartOn(t, 2, func(ports []string) []string {
		return []string{"--bind", "127.0.0.1", "--port", ports[0], "--requirepass", "p w",
			"--tls-port", ports[1], "--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert, "--tls-auth-clients", "no"}
	})
	socket, plain, secure := server.Socket, ports[0], ports[1]

	for _, tt := range []struct {
		name, url, ca string
		away          bool
	}{
		{"redis", "redis://:p%20w@127.0.0.1:" + plain, "", false},
		{"unix", "unix://:p%20w@" + socket, "", false},
		{"rediss", "rediss://:p%20w@127.0.0.1:" + secure, cert, false},
		{"rediss unverified", "rediss://:p%20w@127.0.0.1:" + secure + "?skip_verify=true", "", false},
		{"rediss of unknown issuer", "rediss://:p%20w@127.0.0.1:" + secure, "", true},
		{"rediss of another issuer", "rediss://:p%20w@127.0.0.1:" + secure, other, true},
		{"wrong password", "redis://:wrong@127.0.0.1:" + plain, "", true},
		{"nobody there", "redis://127.0.0.1:1", "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := store.Config{URL: secret.New(tt.url), Data: dir, CA: tt.ca}
			if err := cfg.Validate(); err != nil {
				t.Fatalf("Validate = %v", err)
			}
			s, err := store.Open(t.Context(), cfg, zap.NewNop())
			if err != nil {
				t.Fatalf("Open = %v", err)
			}
			defer s.Close()
			if want := (store.Info{Kind: "redis", Durable: true}); s.Info() != want {
				t.Errorf("Info = %v, want %v", s.Info(), want)
			}
			err = s.Cursor("web").Save(t.Context(), "k", "v")
			if errors.Is(err, store.ErrAway) != tt.away || !tt.away && err != nil {
				t.Errorf("Save = %v, want away: %v", err, tt.away)
			}
		})
	}
}

func TestOpenNamesABadCA(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, []byte("not a certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, ca := range []string{file, file + ".none"} {
		cfg := store.Config{URL: secret.New("rediss://127.0.0.1:1"), Data: "data", CA: ca}
		if _, err := store.Open(t.Context(), cfg, zap.NewNop()); err == nil || !strings.Contains(err.Error(), ca) {
			t.Errorf("Open with ca %s = %v, want an error that names it", ca, err)
		}
	}
}

func TestValidateStore(t *testing.T) {
	for _, tt := range []struct {
		name string
		cfg  store.Config
		want string
	}{
		{"defaults", store.Defaults(), ""},
		{"scheme", store.Config{URL: secret.New("http://x"), Data: "d"}, `url: scheme "http" is unknown: must be embedded, redis://…, rediss://… or unix://…`},
		{"option", store.Config{URL: secret.New("redis://x?pol_size=3"), Data: "d"}, "url: unexpected option: pol_size"},
		{"ca without tls", store.Config{URL: secret.New("redis://x"), Data: "d", CA: "ca.pem"}, "ca: is for a rediss:// url only"},
		{"no data", store.Config{URL: secret.New("embedded")}, "data: must name a directory"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if err := tt.cfg.Validate(); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("Validate = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAdvise(t *testing.T) {
	t.Parallel()
	aof := "appendonly is off: what came since the last snapshot is lost when the server stops; set appendonly yes"
	policy := "maxmemory-policy is allkeys-lru: when memory runs out the server would throw messages and tasks away; set noeviction"
	for _, tt := range []struct {
		name string
		args []string
		want []string
	}{
		{"good", []string{"--appendonly", "yes"}, nil},
		{"no aof", nil, []string{aof}},
		{"evicts", []string{"--maxmemory-policy", "allkeys-lru"}, []string{policy, aof}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := store.Open(t.Context(), store.Config{URL: secret.New("unix://" + storetest.Server(t, tt.args...)), Data: "d"}, zap.NewNop())
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			got, err := s.Advise(t.Context())
			if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
				t.Errorf("Advise (-want +got):\n%s%v", diff, err)
			}
		})
	}
}

// certificate writes a certificate that vouches for itself.
func certificate(t *testing.T, dir string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "store"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}
