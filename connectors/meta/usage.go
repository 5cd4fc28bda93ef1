package meta

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"loket/connectors"
	"loket/connectors/vendor"
)

// A usage is how much of what Meta allows is used, as its answers tell (X-App-Usage and its like, in percent; Meta's page on rate
// limits of the Graph API). Its methods may be called concurrently.
type usage struct {
	mu      sync.Mutex
	percent int64
	until   time.Time
}

// spare is what is kept for answers: what only looks for what was missed stops there.
const spare = 80

// note reads the headers of an answer.
func (u *usage) note(header http.Header) {
	var most int64
	seen := false
	for _, name := range []string{"X-App-Usage", "X-Page-Usage", "X-Business-Use-Case-Usage"} {
		used := vendor.Flatten([]byte(header.Get(name)))
		for path := range used {
			if last := path[strings.LastIndexByte(path, '.')+1:]; last == "call_count" || last == "total_time" || last == "total_cputime" {
				most, seen = max(most, used.Int(path)), true
			}
		}
	}
	if !seen {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.percent, u.until = most, time.Now().Add(max(regain(header), 5*time.Minute))
}

// allow is an error that says when to come again where little is left of what Meta allows.
func (u *usage) allow() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	wait := time.Until(u.until)
	if u.percent < spare || wait <= 0 {
		return nil
	}
	return connectors.After(wait, fmt.Errorf("%d%% of the calls that Meta allows are used: what is left is kept for answers", u.percent))
}
