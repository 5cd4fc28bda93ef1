package send

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"

	"github.com/emersion/go-msgauth/dkim"
)

// signed are the fields that a signature covers (RFC 6376 §5.4.1). From stands twice: a second one that somebody
// adds breaks the signature.
func signed() []string {
	return []string{
		"From", "From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
		"MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Auto-Submitted",
	}
}

func readDKIM(c DKIM, domain string) (*dkim.SignOptions, error) {
	text, err := os.ReadFile(string(c.KeyFile))
	if err != nil {
		return nil, err
	}
	key, err := privateKey(text)
	if err != nil {
		return nil, err
	}
	if c.Domain != "" {
		domain = domainOf(normal("x@" + c.Domain))
	}
	return &dkim.SignOptions{
		Domain: domain, Selector: c.Selector, Signer: key, HeaderKeys: signed(),
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	}, nil
}

var errKey = errors.New("must be a private key in PEM: RSA of at least 1024 bits, or Ed25519")

// privateKey reads what openssl writes, old and new. Its errors hold nothing of the key.
func privateKey(text []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errKey
	}
	var key any
	var err error
	if block.Type == "RSA PRIVATE KEY" {
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	} else {
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	}
	if err != nil {
		return nil, errKey
	}
	switch key := key.(type) {
	case *rsa.PrivateKey:
		if key.N.BitLen() >= 1024 {
			return key, nil
		}
	case ed25519.PrivateKey:
		return key, nil
	}
	return nil, errKey
}

// sign puts the signature before a mail. It tells when it was made: a mail that is sent again is signed anew.
func sign(mail []byte, o *dkim.SignOptions) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(len(mail) + 1024)
	if err := dkim.Sign(&out, bytes.NewReader(mail), o); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
