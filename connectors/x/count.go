package x

import (
	"sync"

	"go.uber.org/zap"
)

// A counter counts what was refused or passed over, by reason, and says so at the first, tenth, hundredth… time: whoever
// knows our address must not be able to fill the log.
type counter struct {
	log *zap.Logger
	mu  sync.Mutex
	by  map[string]int64
}

// Reasons for which something is counted. Their number is bounded; what others choose stands beside them in the log.
const (
	reasonSignature = "wrong signature"
	reasonTooLarge  = "body too large"
	reasonBroken    = "event that cannot be read"
	reasonUnknown   = "event of no concern here"
	reasonAccount   = "event of another account"
	reasonRefused   = "message not accepted"
	reasonMedia     = "media not fetched"
)

func newCounter(log *zap.Logger) *counter { return &counter{log: log, by: map[string]int64{}} }

// add counts one and gives how many there were.
func (c *counter) add(reason string, more ...zap.Field) int64 {
	c.mu.Lock()
	c.by[reason]++
	n := c.by[reason]
	c.mu.Unlock()
	at := n
	for at%10 == 0 {
		at /= 10
	}
	if at == 1 {
		level := zap.WarnLevel
		if reason == reasonUnknown { // most that X tells is none of the desk's
			level = zap.DebugLevel
		}
		c.log.Log(level, "not taken from X", append([]zap.Field{zap.String("reason", reason), zap.Int64("count", n)}, more...)...)
	}
	return n
}

func (c *counter) of(reason string) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.by[reason]
}
