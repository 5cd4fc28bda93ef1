//go:build !race

package mail

// pools: see raceon_test.go.
const pools = 1
