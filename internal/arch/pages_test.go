package arch_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// root is the project, seen from here.
var root = filepath.Join("..", "..")

// pages are all pages that people read, by their path from the root.
func pages(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	collect := func(path string) {
		text, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		all[path] = string(text)
	}
	top, err := filepath.Glob(filepath.Join(root, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range top {
		collect(filepath.Base(path))
	}
	err = filepath.WalkDir(filepath.Join(root, "docs"), func(path string, e fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".md") {
			path, err = filepath.Rel(root, path)
			collect(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// sources is the text of all files of the project whose name ends so.
func sources(t *testing.T, suffix string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, suffix) {
			return err
		}
		b, err := os.ReadFile(path)
		all[path] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestReadmeIsShort(t *testing.T) {
	if n := strings.Count(pages(t)["README.md"], "\n"); n > 200 {
		t.Errorf("README.md has %d lines, want at most 200: what is for one kind of reader belongs to docs/", n)
	}
}

var (
	fenced   = regexp.MustCompile("(?ms)^[ \t]*```(\\w*)\n(.*?)^[ \t]*```")
	headings = regexp.MustCompile(`(?m)^#+ (.+)$`)
	links    = regexp.MustCompile(`(?:\]\(|src=")([^)"\s]+)[)"]`)
	notWords = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors are the names that headings of a page have, as GitHub makes them.
func anchors(page string) []string {
	var all []string
	for _, h := range headings.FindAllStringSubmatch(fenced.ReplaceAllString(page, ""), -1) {
		all = append(all, strings.ReplaceAll(notWords.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-"))
	}
	return all
}

func TestLinksBetweenPagesLead(t *testing.T) {
	all := pages(t)
	for path, text := range all {
		for _, m := range links.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			to, anchor, _ := strings.Cut(m[1], "#")
			target := path
			if to != "" {
				target = filepath.Join(filepath.Dir(path), to)
			}
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s links to %s, which is not there", path, m[1])
				continue
			}
			if anchor != "" && !slices.Contains(anchors(all[target]), anchor) {
				t.Errorf("%s links to %s, where no heading is called so", path, m[1])
			}
		}
	}
}

// TestPagesThatAreNamedExist: the help of commands, comments of the configuration and of code lead readers to pages.
func TestPagesThatAreNamedExist(t *testing.T) {
	all := pages(t)
	named := regexp.MustCompile(`\b(?:docs/)?(?:[a-z]+/)*[A-Za-z]+\.md\b`)
	check := func(path, text string) {
		for _, page := range named.FindAllString(text, -1) {
			if all[page] == "" && all[filepath.Join("docs", page)] == "" {
				t.Errorf("%s names the page %s, which is not there", path, page)
			}
		}
	}
	for _, suffix := range []string{".go", ".yaml", "Makefile"} {
		for path, text := range sources(t, suffix) {
			check(path, text)
		}
	}
}

// TestEveryPageIsReachedFromReadme: who begins at README.md finds every page.
func TestEveryPageIsReachedFromReadme(t *testing.T) {
	all := pages(t)
	seen := map[string]bool{}
	var visit func(path string)
	visit = func(path string) {
		if seen[path] || all[path] == "" {
			return
		}
		seen[path] = true
		for _, m := range links.FindAllStringSubmatch(all[path], -1) {
			to, _, _ := strings.Cut(m[1], "#")
			visit(filepath.Join(filepath.Dir(path), to))
		}
	}
	visit("README.md")
	for path := range all {
		if !seen[path] {
			t.Errorf("no link leads from README.md to %s", path)
		}
	}
}

// TestGoInPagesIsCompiled: what pages show in Go stands word for word in a file of the project. That of docs/develop.md is compiled
// where it stands (TestConnectorOfTheDocumentWorks).
func TestGoInPagesIsCompiled(t *testing.T) {
	var code strings.Builder
	for _, text := range sources(t, ".go") {
		code.WriteString(text)
	}
	for path, text := range pages(t) {
		if path == filepath.Join("docs", "develop.md") {
			continue
		}
		for _, m := range fenced.FindAllStringSubmatch(text, -1) {
			if m[1] == "go" && !strings.Contains(code.String(), strings.TrimSpace(m[2])) {
				first, _, _ := strings.Cut(m[2], "\n")
				t.Errorf("%s: the code that begins with %q stands in no file", path, first)
			}
		}
	}
}

// TestSettingsThatPagesNameAreInTheExample: a name with a colon behind it, or of several parts with a section before it,
// is a key of the configuration.
func TestSettingsThatPagesNameAreInTheExample(t *testing.T) {
	example, err := os.ReadFile(filepath.Join(root, "config.example.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	isKey := func(name string) bool {
		return regexp.MustCompile(`(?m)[\s{#-]` + name + `:`).Match(example)
	}
	named := regexp.MustCompile("`([a-z_]+:|(?:store|listen|identity|log|connectors|teams|rules|calendars)\\.[a-z_]+)`")
	for path, text := range pages(t) {
		if path == "CHANGELOG.md" {
			continue // it tells of what was, too
		}
		for _, m := range named.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
			for _, key := range strings.Split(strings.TrimSuffix(m[1], ":"), ".") {
				if !isKey(key) {
					t.Errorf("%s names the setting %s, which is not in config.example.yaml", path, m[1])
				}
			}
		}
	}
}
