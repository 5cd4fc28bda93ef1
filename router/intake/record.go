package intake

import (
	"time"

	"loket/router"
)

// record is what the thread keeps with the task it belongs to.
type record struct {
	Decision recorded `json:"decision"`
	Prior    string   `json:"prior,omitempty"` // the task that the new one follows or names
}

// recorded is a decision as it is kept.
type recorded struct {
	router.Decision
	At      time.Time `json:"at"`                // when it was made
	Machine bool      `json:"machine,omitempty"` // made for what nobody waits for an answer to
}
