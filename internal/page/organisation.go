package page

import (
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
	"math"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"loket/internal/field"
)

// An Organisation is whose pages these are, as customers see it. All may be empty.
type Organisation struct {
	// Name stands above every page, and for whoever of us wrote.
	Name string `yaml:"name"`
	// Logo is a file, PNG, JPEG, WebP or SVG of at most 64 KiB, shown in the place of the name.
	Logo string `yaml:"logo"`
	// Colour is that of links and buttons, #rrggbb; DarkColour where the reader prefers dark pages, by itself a lighter Colour.
	Colour     string `yaml:"colour"`
	DarkColour string `yaml:"dark_colour"`
}

// The grounds that links stand on, those with the least contrast, as style.css has them; and the least contrast with a text that the eyes
// of most can read (WCAG 2.2, 1.4.3).
const (
	lightGround   = "#e8f1fb"
	darkGround    = "#1d3148"
	leastContrast = 4.5
)

const (
	maxName = 60
	maxLogo = 64 << 10
)

var colourForm = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// Validate returns all mistakes. It does not look at the file of the logo.
func (o Organisation) Validate() error {
	var errs []error
	if utf8.RuneCountInString(o.Name) > maxName || strings.ContainsAny(o.Name, "\r\n") {
		errs = append(errs, field.Errorf("name", "must be one line of at most %d characters", maxName))
	}
	errs = append(errs, contrasting("colour", o.Colour, lightGround, "#000000"), contrasting("dark_colour", o.DarkColour, darkGround, "#ffffff"))
	return errors.Join(errs...)
}

// contrasting checks that a colour can be read on a ground, and names one that can: more of towards.
func contrasting(path, colour, ground, towards string) error {
	switch {
	case colour == "":
		return nil
	case !colourForm.MatchString(colour):
		return field.Errorf(path, "must be a colour such as #0b57a4, not %q", colour)
	}
	if has := contrast(colour, ground); has < leastContrast {
		return field.Errorf(path, "can't be read by everybody: its contrast with the ground %s is %.1f, and must be at least %.1f; %s has that",
			ground, math.Floor(has*10)/10, leastContrast, readable(colour, ground, towards))
	}
	return nil
}

// readable is the colour, as much nearer to another as it takes to be read on a ground.
func readable(colour, ground, towards string) string {
	for part := 0.0; part < 1; part += 0.02 {
		if c := mix(colour, towards, part); contrast(c, ground) >= leastContrast {
			return c
		}
	}
	return towards
}

func mix(a, b string, part float64) string {
	var out strings.Builder
	out.WriteString("#")
	for i := range 3 {
		x, y := channel(a, i), channel(b, i)
		fmt.Fprintf(&out, "%02x", int(math.Round(x+(y-x)*part)))
	}
	return out.String()
}

// contrast is how much two colours differ, 1 to 21 (WCAG 2.2, contrast ratio).
func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func luminance(colour string) float64 {
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		c := channel(colour, i) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

// channel is red, green or blue of a colour, 0 to 255.
func channel(colour string, i int) float64 {
	n, _ := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8) // of the form of a colour
	return float64(n)
}

// colours are the style that an organisation adds.
func (o Organisation) colours() string {
	if o.Colour == "" && o.DarkColour == "" {
		return ""
	}
	var css strings.Builder
	dark := o.DarkColour
	if o.Colour != "" {
		fmt.Fprintf(&css, ":root{--brand:%s}\n", o.Colour)
		if dark == "" {
			dark = readable(o.Colour, darkGround, "#ffffff")
		}
	}
	fmt.Fprintf(&css, "@media (prefers-color-scheme:dark){:root{--brand:%s}}\n", dark)
	return css.String()
}

// logo reads the file of the logo into an address that holds it. In an img no browser runs what an SVG may have in it.
func (o Organisation) logo() (template.URL, error) {
	if o.Logo == "" {
		return "", nil
	}
	f, err := os.Open(o.Logo)
	if err != nil {
		return "", field.Errorf("logo", "can't be read: %v", err)
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxLogo+1))
	switch {
	case err != nil:
		return "", field.Errorf("logo", "can't be read: %v", err)
	case len(content) > maxLogo:
		return "", field.Errorf("logo", "must be at most %d kB", maxLogo>>10)
	}
	kind := http.DetectContentType(content)
	if strings.HasPrefix(kind, "text/") && svg.Match(content) {
		kind = "image/svg+xml"
	}
	switch kind {
	case "image/png", "image/jpeg", "image/webp", "image/svg+xml":
		return template.URL("data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(content)), nil
	}
	return "", field.Errorf("logo", "must be PNG, JPEG, WebP or SVG, not %s", kind)
}

var svg = regexp.MustCompile(`(?s)^\s*(<\?xml.*?\?>\s*)?(<!--.*?-->\s*)*(<!DOCTYPE[^>]*>\s*)?<svg[\s>]`)
