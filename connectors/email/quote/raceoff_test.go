//go:build !race

package quote

// pools: see raceon_test.go.
const pools = 1
