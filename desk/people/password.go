package people

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"loket/internal/field"
)

// What argon2id costs: 19 MiB and some 25 ms a try, the least that OWASP's Password Storage Cheat Sheet asks for. It is written
// into every hash, so that old ones hold when this grows.
const (
	argonMemory = 19 << 10 // KiB
	argonTime   = 2
	argonLanes  = 1
	argonSalt   = 16
	argonKey    = 32
)

// The length of a password, in characters.
const (
	leastPassword = 12
	maxPassword   = 200
)

var encoding = base64.RawStdEncoding

// hash is the password as it is kept, in the PHC string format: $argon2id$v=19$m=…,t=…,p=…$salt$key.
func hash(password string) string {
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt) // it never fails
	key := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonLanes, argonKey)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonLanes, encoding.EncodeToString(salt), encoding.EncodeToString(key))
}

// matches tells whether a password is that of a hash. A hash that cannot be read matches none.
func matches(hash, password string) bool {
	salt, want, memory, time, lanes, err := parseHash(hash)
	if err != nil {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, time, memory, lanes, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}

var errHash = errors.New("not a hash of argon2id")

func parseHash(hash string) (salt, key []byte, memory, time uint32, lanes uint8, err error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return nil, nil, 0, 0, 0, errHash
	}
	var version int
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return nil, nil, 0, 0, 0, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &time, &lanes); err != nil || memory == 0 || memory > 1<<20 || time == 0 || time > 32 || lanes == 0 {
		return nil, nil, 0, 0, 0, errHash
	}
	salt, err1 := encoding.DecodeString(parts[4])
	key, err2 := encoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(salt) == 0 || len(key) < 16 || len(key) > 128 {
		return nil, nil, 0, 0, 0, errHash
	}
	return salt, key, memory, time, lanes, nil
}

// passwordMistake says what is wrong with a password that somebody chose.
func passwordMistake(password, name string) error {
	switch n := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password):
		return field.Errorf("password", "must be text in UTF-8")
	case n < leastPassword:
		return field.Errorf("password", "must have at least %d characters, not %d", leastPassword, n)
	case n > maxPassword:
		return field.Errorf("password", "must have at most %d characters, not %d", maxPassword, n)
	case strings.EqualFold(strings.TrimSpace(password), name):
		return field.Errorf("password", "must not be the name")
	case strings.Count(password, password[:1]) == len(password):
		return field.Errorf("password", "must not be one character again and again")
	}
	return nil
}
