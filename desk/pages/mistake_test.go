package pages

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"loket/internal/field"
)

// What is wrong with what was typed is told in Dutch on Dutch pages, with which field it is.
func TestMistakesAreToldInDutch(t *testing.T) {
	w := dutch()
	for want, err := range map[string]error{
		"Tot: moet in de toekomst liggen, binnen een jaar.":                       field.Errorf("until", "must lie in the future, within a year"),
		`Labels (2): moet één woord zijn van hoogstens 50 tekens, niet "twee x".`: errors.Join(nil, field.Errorf("tag[1]", "must be one word of at most %d characters, not %q", 50, "twee x")),
		`Team: geen team heet "suport".`:                                          field.Errorf("team", "no team is called %q%s", "suport", field.DidYouMean("suport", []string{"support"})),
		"Aan (1): moet een e-mailadres zijn, zoals naam@example.org.":             field.Errorf("to[0]", "%v", errors.New("must be one e-mail address such as name@example.org")),
		"Antwoorden kan niet op dit kanaal: hoogstens 160 tekens.":                field.Errorf("", "cannot answer on this channel: %v", errors.New("must be at most 160 characters")),
		"x: a mistake that nobody knows":                                          field.Errorf("x", "a mistake that nobody knows"),
	} {
		if got, ok := w.mistake(err); !ok || got != want {
			t.Errorf("mistake(%v) = %q, %v; want %q", err, got, ok, want)
		}
	}
	if got, ok := english().mistake(field.Errorf("to[0]", "must be x")); !ok || got != "to[0]: must be x" {
		t.Errorf("in English it is %q, %v", got, ok)
	}
}

// Every mistake that the desk finds in what people typed has words in Dutch, or no page can make it.
func TestEveryMistakeOfTheDeskHasDutchWords(t *testing.T) {
	said := mistakesInDutch()
	seen := map[string]bool{}
	for _, format := range reasons(t, "..") {
		seen[format] = true
		if said[format] == "" && !byPrograms()[format] {
			t.Errorf("%q has no words in Dutch", format)
		}
	}
	for format := range byPrograms() {
		if !seen[format] {
			t.Errorf("%q is no mistake of the desk any more", format)
		}
	}
	for _, p := range phrases(said) {
		text, ok := mistakesDutch().reason(strings.NewReplacer("%d", "3", "%q", `"x"`, "%s", "x", "%v", "x").Replace(formatOf(said, p.says)))
		if !ok || strings.Contains(text, "%!") || strings.Contains(text, "%[") {
			t.Errorf("%q is said as %q, %v", p.form.Get(), text, ok)
		}
	}
}

func formatOf(said map[string]string, says string) string {
	for format, text := range said {
		if text == says {
			return format
		}
	}
	return ""
}

// reasons are the formats of the mistakes that a package makes.
func reasons(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has the files %v, %v", dir, files, err)
	}
	var all []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 2 {
				return true
			}
			f, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || f.Sel.Name != "Errorf" {
				return true
			}
			if of, ok := f.X.(*ast.Ident); !ok || of.Name != "field" {
				return true
			}
			if format, ok := call.Args[1].(*ast.BasicLit); ok {
				text, err := strconv.Unquote(format.Value)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, text)
			}
			return true
		})
	}
	return all
}

// byPrograms are the mistakes that only programs and the command line can make, and formats of which the whole is a value.
func byPrograms() map[string]bool {
	return map[string]bool{
		"%v": true, "%s: %v": true,
		"must be at most 128 letters, digits and signs without spaces":                      true,
		"must be what an answer of this task gives as older":                                true,
		"must be a mailbox: there is none":                                                  true,
		"must be longer: %d drafts begin with %q":                                           true,
		"must be the id of an event":                                                        true,
		"must be open, queued, claimed, waiting or closed, not %q%s":                        true,
		"must be left out with state: it is of those that are closed or wait":               true,
		"must be the cursor of the page before":                                             true,
		"must be from 1 to %d, not %d":                                                      true,
		"must name the person whose tasks are wanted":                                       true,
		"must be given, in base64":                                                          true,
		"must not be empty, unless there are attachments":                                   true,
		"must say how it was said: phone, counter, letter…":                                 true,
		"is a report on a mail of ours: only the mailbox itself may bring one":              true,
		"must name the person who is to do it":                                              true,
		"must say how: phone, visit, letter…, at most 60 letters, digits, spaces and _ . -": true,
		"must be left out with machine, which is said of all of them":                       true,
		"must be the id of a message to us in this task":                                    true,
		"must be one that is taken for a machine's, and there is none in this task":         true,
		"there is no such thread":                                                           true,
		"is %s, and may be at most claimed":                                                 true,
		"is %s, and may only be left out":                                                   true,
		"is %s, and may be phone, counter or letter":                                        true,
		"may only be left out, and own too: thread names the conversation":                  true,
		"must be one of those that the answer would go to without being asked for":          true,
	}
}
