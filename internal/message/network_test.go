package message

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCallerIsWhomTheNetworkShows(t *testing.T) {
	for shown, want := range map[string][]string{
		"+31612345678":                  {"phone:+31612345678"},
		"+551187654321":                 {"phone:+551187654321", "phone:+5511987654321"}, // the ninth digit is new
		"+5215512345678":                {"phone:+5215512345678", "phone:+525512345678"},
		"sip:kate@example.org":          {"~sip:kate@example.org"},
		"SIPS:+31612345678@pbx.example": {"~sip:+31612345678@pbx.example", "~phone:+31612345678"},
		"+000000":                       nil, "EXAMPLE": nil, "": nil,
	} {
		var got []string
		for _, id := range Caller(shown, Attested) {
			got = append(got, id.Node())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Caller(%q) (-want +got):\n%s", shown, diff)
		}
	}
}

func TestWithheldNumbersAreKnown(t *testing.T) {
	for from, want := range map[string]bool{
		"anonymous": true, "Private": true, "+blocked": true, "sip:anonymous@anonymous.invalid": true, "+266696687": true, "Restricted": true,
		"+31612345678": false, "sip:kate@example.org": false, "EXAMPLE": false,
	} {
		if got := Withheld(from); got != want {
			t.Errorf("Withheld(%q) = %v, want %v", from, got, want)
		}
	}
}
