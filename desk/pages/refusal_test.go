package pages

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Whatever a connector refuses an answer by, or means by a code of its vendor's, is told in Dutch on Dutch pages.
func TestEveryRefusalOfConnectorsHasDutchWords(t *testing.T) {
	said, seen, nl := refusalsInDutch(), 0, dutch()
	err := filepath.WalkDir("../../connectors", func(path string, d fs.DirEntry, err error) error {
		var formats []string
		switch {
		case err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go"):
			return err
		case d.Name() == "reasons.tsv":
			formats = meanings(t, path)
		case strings.HasSuffix(path, ".go"):
			formats = refusals(t, path)
		}
		for _, format := range formats {
			seen++
			if said[format] == "" {
				t.Errorf("%q of %s has no words in Dutch", format, path)
			}
			sample := strings.NewReplacer("%d", "3", "%q", `"x"`, "%s", "x", "%v", "x").Replace(format)
			if got, lang := nl.refusal(sample); lang != "" || strings.Contains(got, "%!") || strings.Contains(got, "%[") {
				t.Errorf("%q is told as %q, in %q", sample, got, lang)
			}
		}
		return nil
	})
	if err != nil || seen < 200 {
		t.Errorf("connectors have %d refusals, %v", seen, err)
	}
}

// refusals are the formats by which a file of a connector refuses, and what it says that answers of its vendor mean.
func refusals(t *testing.T, path string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	add := func(e ast.Expr) {
		if text, ok := e.(*ast.BasicLit); ok && text.Kind == token.STRING {
			format, err := strconv.Unquote(text.Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, format)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if name, ok := n.Fun.(*ast.SelectorExpr); ok && name.Sel.Name == "Refuse" {
				add(n.Args[0])
			}
			if name, ok := n.Fun.(*ast.Ident); ok && name.Name == "Refuse" {
				add(n.Args[0])
			}
		case *ast.KeyValueExpr:
			if name, ok := n.Key.(*ast.Ident); ok && name.Name == "Means" {
				add(n.Value)
			}
		}
		return true
	})
	return all
}

// meanings are the last column of a table of codes.
func meanings(t *testing.T, path string) []string {
	t.Helper()
	table, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for line := range strings.Lines(string(table)) {
		if line = strings.TrimRight(line, "\n"); line != "" && line[0] != '#' {
			all = append(all, line[strings.LastIndex(line, "\t")+1:])
		}
	}
	return all
}

// What an answer was refused by is told whole in Dutch where there are words for it, with the words of others as they are.
func TestRefusalsAreToldInDutch(t *testing.T) {
	for reason, want := range map[string]string{
		"": "",
		"the answer was not delivered: name a recipient to mx.example.org: it says 550 no such user":                                                                      "het antwoord is niet bezorgd: mx.example.org neemt de ontvanger niet aan: de server zegt 550 no such user",
		"the customer blocked us on WhatsApp (Meta 131049)":                                                                                                               "de klant heeft ons op WhatsApp geblokkeerd (Meta 131049)",
		"WhatsApp takes a free text only within 24 hours of the customer's last message, which came on 2026-11-28 09:00 UTC; a template would do, but none is configured": "WhatsApp neemt een vrije tekst alleen binnen 24 uur na het laatste bericht van de klant, van 2026-11-28 09:00 UTC; een sjabloon kan wel, maar er is er geen ingesteld",
		"X refuses the same text twice: change a word (Status is a duplicate)":                                                                                            "X weigert tweemaal dezelfde tekst: verander een woord (Status is a duplicate)",
	} {
		if got, lang := dutch().refusal(reason); got != want || lang != "" {
			t.Errorf("%q is told as %q, in %q; want %q", reason, got, lang, want)
		}
	}
	if got, lang := dutch().refusal("nobody knows"); got != "nobody knows" || lang != "en" {
		t.Errorf("what has no words is %q, in %q", got, lang)
	}
	if got, lang := english().refusal("there is nothing to send"); got != "there is nothing to send" || lang != "" {
		t.Errorf("in English it is %q, in %q", got, lang)
	}
}
