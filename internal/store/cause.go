package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"

	"github.com/redis/go-redis/v9"
)

// Cause marks an error of a plain read as ErrAway when the store could not be reached or could not answer, so
// that callers tell it from a mistake. Other errors, and nil, come back as they are.
func Cause(err error) error {
	if err == nil || !isAway(err) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrAway, err)
}

// MayHaveRun tells whether a call that failed may be done all the same, now or later: it was sent, and the store did not say
// no.
func MayHaveRun(err error) bool {
	var answered redis.Error
	var network *net.OpError
	if errors.As(err, &network) && network.Op == "dial" {
		return false
	}
	return errors.Is(err, ErrAway) && !errors.Is(err, errUnsent) && !errors.As(err, &answered)
}

// isAway tells a server that cannot be reached or cannot write now from one that refuses the call. Trouble with the
// password counts as the former: it is cured in the configuration, and what was asked is as good as before.
func isAway(err error) bool {
	var answered redis.Error
	if !errors.As(err, &answered) {
		return !errors.Is(err, context.Canceled)
	}
	return refusesWriting(err) || begins(err, "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "MOVED", "ASK", "BUSY", "NOAUTH", "WRONGPASS",
		"max number of clients")
}

// refusesWriting tells that the server answers, and will not write now.
func refusesWriting(err error) bool {
	return begins(err, "OOM", "READONLY", "MISCONF", "NOREPLICAS", "NOPERM")
}

// begins tells whether a server's answer begins with one of the words.
func begins(err error, words ...string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return redis.HasErrorPrefix(err, word) })
}
