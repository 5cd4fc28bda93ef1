package page

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/internal/field"
)

// What is printed on pages can be read by everybody, and who chose a colour that can't is told one that can.
func TestColoursCanBeRead(t *testing.T) {
	for _, test := range []struct {
		given Organisation
		want  []string
	}{
		{Organisation{}, nil},
		{Organisation{Name: "Gemeente Utrecht", Colour: "#0b57a4", DarkColour: "#8fc1f7"}, nil},
		{Organisation{Colour: "#CC0000"}, nil},
		{Organisation{Colour: "#ff6600"}, []string{`colour: can't be read by everybody: its contrast with the ground #e8f1fb is 2.5, and must be at least 4.5; #b84900 has that`}},
		{Organisation{DarkColour: "#0b57a4"}, []string{`dark_colour: can't be read by everybody: its contrast with the ground #1d3148 is 1.8, and must be at least 4.5; #719eca has that`}},
		{Organisation{Colour: "blue", DarkColour: "#12345"}, []string{`colour: must be a colour such as #0b57a4, not "blue"`, `dark_colour: must be a colour such as #0b57a4, not "#12345"`}},
		{Organisation{Colour: "#000000;}body{display:none}"}, []string{`colour: must be a colour such as #0b57a4, not "#000000;}body{display:none}"`}},
		{Organisation{Name: strings.Repeat("x", 61)}, []string{"name: must be one line of at most 60 characters"}},
	} {
		var got []string
		for _, e := range field.All(test.given.Validate()) {
			got = append(got, e.Error())
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", test.given, diff)
		}
	}
	for _, row := range [][2]string{{lightGround, "#000000"}, {darkGround, "#ffffff"}} {
		for _, colour := range []string{"#000000", "#ffffff", "#ffff00", "#808080", "#ff00ff"} {
			if c := readable(colour, row[0], row[1]); contrast(c, row[0]) < leastContrast {
				t.Errorf("%s made readable on %s is %s, with a contrast of %v", colour, row[0], c, contrast(c, row[0]))
			}
		}
	}
	// The style's own colours keep what is asked of others, on the grounds that are named here.
	for _, own := range []string{"--ours:" + lightGround, "--ours:" + darkGround} {
		if !strings.Contains(style, own) {
			t.Errorf("style.css has no %s", own)
		}
	}
}

func TestLogoIsAPicture(t *testing.T) {
	dir := t.TempDir()
	for name, row := range map[string]struct{ content, want string }{
		"logo.svg":  {"<?xml version='1.0'?>\n<!-- ours -->\n<svg xmlns='http://www.w3.org/2000/svg'/>", "data:image/svg+xml;base64,"},
		"logo.png":  {"\x89PNG\r\n\x1a\n rest", "data:image/png;base64,"},
		"page.svg":  {"<html><svg></svg></html>", "logo: must be PNG, JPEG, WebP or SVG, not text/html; charset=utf-8"},
		"empty.png": {"", "logo: must be PNG, JPEG, WebP or SVG, not text/plain; charset=utf-8"},
		"large.png": {"\x89PNG\r\n\x1a\n" + strings.Repeat("x", maxLogo), "logo: must be at most 64 kB"},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(row.content), 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := NewLook(Organisation{Logo: path})
		got := ""
		switch {
		case err != nil:
			got = err.Error()
		case strings.HasPrefix(string(l.Logo), row.want) && strings.Contains(l.Policy(), "img-src 'self' data:;"):
			continue
		default:
			got = string(l.Logo) + " with " + l.Policy()
		}
		if got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
	if _, err := NewLook(Organisation{Logo: filepath.Join(dir, "none.png")}); err == nil || !strings.HasPrefix(err.Error(), "logo: can't be read: ") {
		t.Errorf("a logo that is not there: %v", err)
	}
}
