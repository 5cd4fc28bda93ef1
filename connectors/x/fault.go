package x

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"loket/connectors"
	"loket/connectors/x/api"
)

// operatorAgain is how long to wait when the keys or the account must be put right first.
const operatorAgain = time.Minute

// Codes of v1.1 that say more than the status.
var (
	keyCodes     = []int{32, 64, 89, 99, 135, 215, 220, 261, 326} // keys, permissions, a locked account
	copyCodes    = []int{187}
	closedCodes  = []int{150, 349, 160}          // he takes no messages from us
	goneCodes    = []int{34, 144, 385, 386, 421} // the post is not there, or not for us
	unsummonCode = []int{433}                    // who may answer is limited
)

func isCopy(e *api.Error) bool {
	return slices.Contains(copyCodes, e.Code) || e.Status == http.StatusForbidden && strings.Contains(strings.ToLower(e.Detail), "duplicate content")
}

// isKeys tells whether it is the operator's matter and may pass when he has seen to it.
func isKeys(e *api.Error) bool {
	return e.Status == http.StatusUnauthorized || slices.Contains(keyCodes, e.Code) || e.Code == 0 && strings.Contains(strings.ToLower(e.Detail), "oauth1 app permissions")
}

// sendFault says what an answer's failure means, in words for the agent.
func sendFault(err error, public bool, self string, now time.Time) error {
	e := api.As(err)
	switch {
	case e == nil:
		return err
	case e.Limited():
		return connectors.After(e.Reset.Sub(now), fmt.Errorf("X takes no more for now: %w", err))
	case e.Status/100 == 3: // somebody between us and X
		return err
	case e.Status/100 == 5 || e.Status == 0 || e.Status/100 == 2:
		if e.Wrote {
			return connectors.InDoubt(err)
		}
		return err
	case isKeys(e):
		return connectors.After(operatorAgain, fmt.Errorf("%w (the keys of the app, what it may do, or the account must be put right)", err))
	case e.Status == http.StatusRequestTimeout:
		return connectors.InDoubt(err)
	}
	return connectors.Permanent(errors.New(words(e, public, self) + ": " + e.Error()))
}

// words say what an agent can do about a refusal.
func words(e *api.Error, public bool, self string) string {
	said := strings.ToLower(e.Detail)
	switch {
	case isCopy(e):
		return "X refuses the same text twice: change a word"
	case e.Code == 453 || strings.Contains(said, "subset of") || strings.Contains(said, "access level"):
		return "the app's access to X does not include this: answer in X itself, or have the access raised"
	case !public && (e.Status == http.StatusForbidden || slices.Contains(closedCodes, e.Code)):
		return "X does not let us write to this customer: he takes no private messages from us. Ask him in public to send one first, " +
			"by https://x.com/messages/compose?recipient_id=" + self
	case e.Status == http.StatusNotFound || slices.Contains(goneCodes, e.Code):
		return "what this answers is not on X any more, or not for us to see"
	case slices.Contains(unsummonCode, e.Code) || e.Status == http.StatusForbidden:
		return "X lets us answer in public only where the author names our account in that post, or quotes us: answer privately, or in X itself"
	}
	return "X refuses the answer"
}

// uploadFault says what a failed upload means: nobody has seen anything, so it is never in doubt.
func uploadFault(err error, now time.Time) error {
	e := api.As(err)
	switch {
	case e == nil || e.Status/100 != 4 || e.Status == http.StatusRequestTimeout:
		return fmt.Errorf("upload picture: %w", err)
	case e.Limited():
		return connectors.After(e.Reset.Sub(now), fmt.Errorf("upload picture: %w", err))
	case isKeys(e):
		return connectors.After(operatorAgain, fmt.Errorf("upload picture: %w", err))
	}
	return connectors.Permanent(fmt.Errorf("upload picture: %w", err))
}
