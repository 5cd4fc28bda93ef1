package x

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"loket/connectors"
	"loket/connectors/vendor"
	"loket/connectors/x/api"
)

// operatorAgain is how long to wait when the keys or the account must be put right first.
const operatorAgain = time.Minute

// Codes of v1.1 that say more than the status.
var (
	keyCodes     = []int{32, 64, 89, 99, 135, 215, 220, 261, 326} // keys, permissions, a locked account
	copyCodes    = []int{187}
	closedCodes  = []int{150, 349, 160}          // they take no messages from us
	goneCodes    = []int{34, 144, 385, 386, 421} // the post is not there, or not for us
	unsummonCode = []int{433}                    // who may answer is limited
)

func isCopy(e *vendor.Error) bool {
	return slices.Contains(copyCodes, e.Code) || e.Status == http.StatusForbidden && strings.Contains(strings.ToLower(e.Detail), "duplicate content")
}

// isKeys tells whether it is the operator's matter and may pass when they have seen to it.
func isKeys(e *vendor.Error) bool {
	return e.Status == http.StatusUnauthorized || slices.Contains(keyCodes, e.Code) || e.Code == 0 && strings.Contains(strings.ToLower(e.Detail), "oauth1 app permissions")
}

// sendFault says what an answer's failure means, in words for the agent.
func sendFault(err error, public bool, self string) error {
	e := vendor.As(err)
	switch {
	case e == nil:
		return err
	case api.IsLimited(e):
		return fmt.Errorf("X takes no more for now: %w", err)
	case e.Status == 0 && !e.Sent:
		return errors.New(err.Error()) // without its cause: after a deadline it would be in doubt
	case !connectors.IsPermanent(err):
		return err
	case isKeys(e):
		return connectors.After(operatorAgain, fmt.Errorf("%w (the keys of the app, what it may do, or the account must be put right)", e))
	}
	return connectors.Permanent(inWords(e, public, self))
}

// inWords says what an agent can do about a refusal, and what X said. It has no cause: e is marked otherwise.
func inWords(e *vendor.Error, public bool, self string) error {
	detail := strings.ToLower(e.Detail)
	switch {
	case isCopy(e):
		return connectors.Refuse("X refuses the same text twice: change a word (%v)", e)
	case e.Code == 453 || strings.Contains(detail, "subset of") || strings.Contains(detail, "access level"):
		return connectors.Refuse("the app's access to X does not include this: answer in X itself, or have the access raised (%v)", e)
	case !public && (e.Status == http.StatusForbidden || slices.Contains(closedCodes, e.Code)):
		return connectors.Refuse("X does not let us write to this customer: they take no private messages from us. Ask them in public to send one first, by https://x.com/messages/compose?recipient_id=%s (%v)", self, e)
	case e.Status == http.StatusNotFound || slices.Contains(goneCodes, e.Code):
		return connectors.Refuse("what this answers is not on X any more, or not for us to see (%v)", e)
	case slices.Contains(unsummonCode, e.Code) || e.Status == http.StatusForbidden:
		return connectors.Refuse("X lets us answer in public only where the author names our account in that post, or quotes us: answer privately, or in X itself (%v)", e)
	}
	return connectors.Refuse("X refuses the answer (%v)", e)
}

// uploadFault says what a failed upload means: nobody has seen anything, so it is never in doubt.
func uploadFault(err error) error {
	e, permanent := vendor.As(err), connectors.IsPermanent(err)
	switch {
	case permanent && e != nil && isKeys(e):
		return connectors.After(operatorAgain, fmt.Errorf("upload picture: %w", e))
	case permanent || connectors.RetryAfter(err) > 0:
		return fmt.Errorf("upload picture: %w", err)
	}
	return errors.New("upload picture: " + err.Error()) // without marks and causes of doubt
}
