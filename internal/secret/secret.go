// Package secret has text that never prints itself.
package secret

// A String is a password, token or key. However it is printed, logged or encoded, it shows as "***";
// only Reveal gives the text.
type String struct{ text string }

// New makes a secret of text.
func New(text string) String { return String{text} }

// Reveal gives the text. Use it where the secret is spent, nowhere else.
func (s String) Reveal() string { return s.text }

// IsZero tells whether there is no secret.
func (s String) IsZero() bool { return s.text == "" }

const mask = "***"

func (s String) String() string { return mask }

// GoString is for %#v, which prints no secret either.
func (s String) GoString() string { return mask }

// MarshalText never gives the secret away; it serves JSON, YAML and zap alike.
func (s String) MarshalText() ([]byte, error) { return []byte(mask), nil }

// UnmarshalText takes the secret from configuration.
func (s *String) UnmarshalText(b []byte) error {
	s.text = string(b)
	return nil
}

// A File is the path of a file with a secret, such as a key. Whoever reads the configuration looks whether it is private.
type File string
