package pages

import (
	"bytes"
	"compress/gzip"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// Every text stands in both languages, and every word of a list in both.
func TestWordsAreWhole(t *testing.T) {
	wholeWords(t, reflect.ValueOf(*english()), reflect.ValueOf(*dutch()))
}

func wholeWords(t *testing.T, en, nl reflect.Value) {
	for i := range en.NumField() {
		field := en.Type().Field(i)
		if field.Anonymous {
			wholeWords(t, en.Field(i), nl.Field(i))
			continue
		}
		name := field.Name
		switch a, b := en.Field(i).Interface(), nl.Field(i).Interface(); a := a.(type) {
		case string:
			if a == "" || b == "" {
				t.Errorf("%s is empty: %q, %q", name, a, b)
			}
		case map[string]string:
			other, _ := b.(map[string]string)
			for key := range a {
				if a[key] == "" || other[key] == "" {
					t.Errorf("%s[%s] is empty: %q, %q", name, key, a[key], other[key])
				}
			}
			if len(a) != len(other) || len(a) == 0 {
				t.Errorf("%s has %d words and %d", name, len(a), len(other))
			}
		}
	}
}

// What a link asks for leads to a page of ours, or to the desk.
func TestLinksLeadToPagesOfOursOnly(t *testing.T) {
	for to, want := range map[string]string{
		"/tasks/T-1-9?done=sent": "/tasks/T-1-9?done=sent", "": "/", "desk": "/", "//evil.example/x": "/", "/\\evil.example": "/",
		"https://evil.example/": "/", "javascript:alert(1)": "/", "/a\r\nSet-Cookie: x": "/", "/\t/evil.example": "/",
	} {
		if got := localPath(to); got != want {
			t.Errorf("localPath(%q) = %q, want %q", to, got, want)
		}
	}
}

func TestTimesAreReadWhereTheTeamIs(t *testing.T) {
	now := time.Date(2026, 11, 30, 23, 30, 0, 0, time.UTC) // half past midnight in Amsterdam
	h := &Handler{now: func() time.Time { return now }}
	for at, want := range map[time.Time]string{
		now.Add(time.Hour):                            "01:30",
		now.Add(-time.Hour):                           "Mon 30 Nov 23:30",
		time.Date(2025, 12, 24, 8, 0, 0, 0, time.UTC): "Wed 24 Dec 2025 09:00",
	} {
		if got := h.moment(english(), at, "Europe/Amsterdam"); got.Text != want {
			t.Errorf("%v is shown as %q, want %q", at, got.Text, want)
		}
	}
	if got := h.moment(english(), time.Time{}, "UTC"); got != (moment{}) {
		t.Errorf("no time is shown as %+v", got)
	}
}

// A template that asks for a word of which there are two would fail when somebody reads the page.
func TestNoTwoWordsHaveOneName(t *testing.T) {
	has := map[string]string{}
	var look func(of reflect.Type)
	look = func(of reflect.Type) {
		for i := range of.NumField() {
			f := of.Field(i)
			if f.Anonymous {
				look(f.Type)
				continue
			}
			if other, ok := has[f.Name]; ok {
				t.Errorf("%s is in %s and in %s", f.Name, other, of.Name())
			}
			has[f.Name] = of.Name()
		}
	}
	look(reflect.TypeFor[words]())
}

// What every page brings stays small: the scripts together and the style, packed, with room for what is to come.
func TestScriptsAndStyleAreSmall(t *testing.T) {
	packed := func(kind string) int {
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		files, _ := staticFiles()
		for _, name := range slices.Sorted(maps.Keys(files)) {
			if strings.HasSuffix(name, kind) {
				_, _ = w.Write(files[name])
			}
		}
		_ = w.Close()
		return out.Len()
	}
	if n := packed(".js"); n > 12<<10 || n < 1<<10 {
		t.Errorf("the scripts are %d bytes", n)
	}
	if n := packed(".css"); n > 6<<10 || n < 1<<10 {
		t.Errorf("the style is %d bytes", n)
	}
}
