//go:build race

package mail

// pools is how much more is allocated under the race detector, at most: there sync.Pool, which package regexp keeps its
// machines in, throws some of them away.
const pools = 8
