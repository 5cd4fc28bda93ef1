package arch_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// section is what stands under a heading of ARCHITECTURE.md.
func section(t *testing.T, heading string) string {
	t.Helper()
	_, text, found := strings.Cut(pages(t)["ARCHITECTURE.md"], "\n## "+heading+"\n")
	if !found {
		t.Fatalf("ARCHITECTURE.md has no heading %s", heading)
	}
	text, _, _ = strings.Cut(text, "\n## ")
	return text
}

// production are the files of Go that are no tests.
func production(t *testing.T) map[string]*ast.File {
	t.Helper()
	all := map[string]*ast.File{}
	for path, text := range sources(t, ".go") {
		if strings.HasSuffix(path, "_test.go") || strings.Contains(filepath.Base(filepath.Dir(path)), "test") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		all[path] = file
	}
	return all
}

// pattern is a text that code puts together, with * for what only the running program knows.
func pattern(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return text
		}
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return pattern(e.X) + pattern(e.Y)
		}
	}
	return "*"
}

// made are the texts that code puts together and that match.
func made(t *testing.T, form *regexp.Regexp) []string {
	t.Helper()
	var all []string
	for _, file := range production(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			e, is := n.(ast.Expr)
			if !is {
				return true
			}
			text := pattern(e)
			if !form.MatchString(text) {
				return true
			}
			all = append(all, text)
			return false
		})
	}
	return all
}

// compare expects that each of what code makes and of what the table tells has its like among the other.
func compare(t *testing.T, what string, made, told []string) {
	t.Helper()
	among := func(all []string, one string) bool {
		return slices.ContainsFunc(all, func(other string) bool { return meet(other, one) })
	}
	for _, m := range made {
		if !among(told, m) {
			t.Errorf("the %s %s is not in the table of ARCHITECTURE.md", what, m)
		}
	}
	for _, m := range told {
		if !among(made, m) {
			t.Errorf("ARCHITECTURE.md tells of the %s %s, which nobody makes", what, m)
		}
	}
}

func TestEveryMetricIsInTheTable(t *testing.T) {
	told := regexp.MustCompile(`\bloket_[a-z_]+`).FindAllString(section(t, "Metrics"), -1)
	compare(t, "metric", made(t, regexp.MustCompile(`^loket_[a-z_*]+_[a-z_*]*[a-z]$|^loket_tasks$`)), told)
}

func TestEveryKeyIsInTheTable(t *testing.T) {
	compare(t, "key", made(t, regexp.MustCompile(`^lk:\{`)), keysOf(section(t, "Keys")))
}

// keysOf reads the first column of the table. What begins with a colon has the tag of the key before it.
func keysOf(table string) []string {
	quoted, variable := regexp.MustCompile("`([^`]+)`"), regexp.MustCompile(`<[^>]*>|…`)
	var all []string
	for line := range strings.Lines(table) {
		cell := strings.Split(line, "|")
		if len(cell) < 4 {
			continue
		}
		tag := ""
		for _, m := range quoted.FindAllStringSubmatch(cell[1], -1) {
			key := m[1]
			if strings.HasPrefix(key, ":") {
				key = tag + key
			} else {
				tag = key[:strings.Index(key, "}")+1]
			}
			all = append(all, variable.ReplaceAllString(key, "*"))
		}
	}
	return all
}

// meet tells whether two patterns have a text in common: * is any text, "" too.
func meet(a, b string) bool {
	switch {
	case a == "" || b == "":
		return strings.Trim(a+b, "*") == ""
	case a[0] == '*':
		return meet(a[1:], b) || meet(a, b[1:])
	case b[0] == '*':
		return meet(a, b[1:]) || meet(a[1:], b)
	}
	return a[0] == b[0] && meet(a[1:], b[1:])
}
