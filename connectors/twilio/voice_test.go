package twilio

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEveryLanguageHasAllItsTexts(t *testing.T) {
	languages, countries := spoken()
	named := strings.Split(spokenLanguages, ", ")
	if diff := cmp.Diff(slices.Sorted(slices.Values(named)), slices.Sorted(maps.Keys(languages))); diff != "" {
		t.Errorf("languages that are named, and that have texts (-named +texts):\n%s", diff)
	}
	for name, w := range languages {
		for i, v := 0, reflect.ValueOf(w); i < v.NumField(); i++ {
			if strings.TrimSpace(v.Field(i).String()) == "" {
				t.Errorf("%s has no %s", name, v.Type().Field(i).Name)
			}
		}
	}
	for country, there := range countries {
		for _, l := range there {
			if _, ok := languages[l]; !ok {
				t.Errorf("%s: %q is not spoken", country, l)
			}
		}
	}
}
