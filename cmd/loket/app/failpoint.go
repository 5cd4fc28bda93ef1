package app

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"

	"go.uber.org/zap"
)

// failPoint serves the tests that prove that nothing is lost when the process dies: LOKET_FAIL_AT=placed:3 kills
// it, as kill -9 does, when the step "placed" is reached for the third time. Without the variable it does nothing.
func failPoint(log *zap.Logger) func(string) {
	at := os.Getenv("LOKET_FAIL_AT")
	if at == "" {
		return func(string) {}
	}
	name, count, _ := strings.Cut(at, ":")
	n, err := strconv.Atoi(count)
	if err != nil {
		n = 1
	}
	log.Warn("this process will kill itself", zap.String("step", name), zap.Int("time", n))
	var left atomic.Int64
	left.Store(int64(n))
	return func(step string) {
		if step == name && left.Add(-1) == 0 {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // nothing may happen after the step
		}
	}
}
