package store

import (
	"crypto/sha1"
	"encoding/hex"
)

// A Script is Lua that runs inside the store, whole or not at all. All its keys are declared and share one
// hash tag, so it runs on Cluster; it is safe to run twice, because a lost answer makes the client send it again.
type Script struct {
	name, source, sha string
}

// NewScript makes a script of its source. The name is for errors and metrics.
func NewScript(name, source string) *Script {
	sum := sha1.Sum([]byte(source))
	return &Script{name: name, source: source, sha: hex.EncodeToString(sum[:])}
}

// Name is what the script is called in errors.
func (s *Script) Name() string { return s.name }
