package vendor

import "strings"

// Codes are what a vendor's error codes mean, one a line, split by tabs: the code; retry where the same may be taken later, settings
// where somebody must change them first, both, or -; what it means for whoever answers. Lines that begin with # say nothing.
type Codes string

// Meaning is what a code means, "" when that is not known. passes tells that the same may be taken later.
func (c Codes) Meaning(code string) (text string, passes bool) {
	for line := range strings.Lines(string(c)) {
		rest, ok := strings.CutPrefix(line, code+"\t")
		if !ok {
			continue
		}
		flags, text, _ := strings.Cut(strings.TrimSpace(rest), "\t")
		if strings.Contains(flags, "settings") {
			text += ": the settings of the connector or the account must change"
		}
		return text, strings.Contains(flags, "retry")
	}
	return "", false
}
