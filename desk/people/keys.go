package people

import (
	"crypto/sha256"
	"encoding/hex"
)

// What is kept of who signs in, all with one tag: lk:{desk}:…

// peopleKey is the hash of people, by name.
func peopleKey() string { return "lk:{desk}:people" }

// versionKey is the hash with the number of changes of people, so that other processes see that there was one.
func versionKey() string { return "lk:{desk}:pv" }

// sessionKey is the string of a session. The store has a digest only: who reads it cannot sign in by it.
func sessionKey(token string) string { return sessionPrefix + digest(token) }

const sessionPrefix = "lk:{desk}:s:"

// devicesKey is the sorted set of the digests of a person's sessions, by when they end at the latest.
func devicesKey(person string) string { return "lk:{desk}:sp:" + person }

// linkKey is the string of a one-time link.
func linkKey(token string) string { return "lk:{desk}:once:" + digest(token) }

// flowKey is the string of a sign-in by OpenID Connect that was begun.
func flowKey(state string) string { return "lk:{desk}:oidc:" + digest(state) }

// deviceKey is the string of a browser in which somebody signed in.
func deviceKey(name, device string) string { return "lk:{desk}:dev:" + digest(name+"\x00"+device) }

// triesKey is the string that counts failed tries: of one name from one network or browser, of one network, of one name.
func triesKey(kind, value string) string { return "lk:{desk}:try:" + kind + ":" + digest(value)[:32] }

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
