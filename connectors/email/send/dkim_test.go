package send_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"loket/connectors/email/send"
	"loket/connectors/email/send/smtptest"
	"loket/internal/secret"
)

// keyFile writes a private key as openssl does.
func keyFile(t *testing.T, kind string, der []byte, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestSignatureHolds(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaPublic, err := x509.MarshalPKIXPublicKey(&rsaKey.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(rsaKey)
	files := map[string]string{"RSA": keyFile(t, "PRIVATE KEY", pkcs8, err), "RSA, old form": keyFile(t, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey), nil)}
	pkcs8, err = x509.MarshalPKCS8PrivateKey(private)
	files["Ed25519"] = keyFile(t, "PRIVATE KEY", pkcs8, err)
	records := map[string]string{
		"RSA":           "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(rsaPublic),
		"RSA, old form": "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(rsaPublic),
		"Ed25519":       "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public),
	}
	for name, file := range files {
		t.Run(name, func(t *testing.T) {
			sink := smtptest.Start(t, smtptest.Options{})
			a := account(sink)
			a.DKIM = &send.DKIM{Selector: "loket1", KeyFile: secret.File(file)}
			m := said("Good day.\n\n.\n \nFrom here  \n\n\n")
			m.HTML, m.References = "<p>Good day", []string{"a@example.org"}
			if _, err := sender(t, send.Options{Accounts: send.Accounts{a}}).Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			verify := func(raw []byte) error {
				found, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(domain string) ([]string, error) {
					if domain != "loket1._domainkey.example.com" {
						return nil, errors.New("no such name")
					}
					return []string{records[name]}, nil
				}})
				if err != nil || len(found) != 1 {
					t.Fatalf("Verify = %v, %v, want one signature", found, err)
				}
				return found[0].Err
			}
			raw := sink.Mails()[0].Data
			if err := verify(raw); err != nil {
				t.Errorf("the signature does not hold: %v\n%s", err, raw)
			}
			for what, changed := range map[string][]byte{
				"subject":      bytes.Replace(raw, []byte("Invoice"), []byte("invoice"), 1),
				"body":         bytes.Replace(raw, []byte("day"), []byte("bay"), 1),
				"another From": append([]byte("From: evil@example.net\r\n"), raw...),
			} {
				if err := verify(changed); err == nil {
					t.Errorf("the signature holds over another %s", what)
				}
			}
		})
	}
}
