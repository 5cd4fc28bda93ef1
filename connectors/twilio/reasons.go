package twilio

import (
	_ "embed"
	"errors"
	"fmt"
	"strconv"

	"loket/connectors/vendor"
)

// reasons are what error codes mean, one a line.
//
//go:embed reasons.tsv
var reasons string

// meaning is what an error code means for whoever answers, "" when that is not known. passes tells that the same message may
// be taken later.
func meaning(code int) (text string, passes bool) {
	return vendor.Codes(reasons).Meaning(strconv.Itoa(code))
}

// reasonOf is what a code means, with the code for whoever looks it up.
func reasonOf(code int) string {
	if text, _ := meaning(code); text != "" {
		return fmt.Sprintf("%s (Twilio %d)", text, code)
	}
	return fmt.Sprintf("Twilio refused it with error %d", code)
}

// errStopped refuses an answer to a customer who sent STOP, as Twilio would.
func errStopped() error {
	text, _ := meaning(21610)
	return errors.New(text)
}
