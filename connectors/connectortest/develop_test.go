package connectortest_test

import (
	"encoding/json"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// codeOf gives the files of the chapter on connectors in docs/develop.md: a block of Go that begins a package begins a file, those that follow
// go on with it.
func codeOf(t *testing.T) map[string]string {
	t.Helper()
	b, err := os.ReadFile("../../docs/develop.md")
	if err != nil {
		t.Fatal(err)
	}
	_, chapter, _ := strings.Cut(string(b), "\n## Write a connector\n")
	chapter, _, _ = strings.Cut(chapter, "\n## ")
	files, name := map[string]string{}, "pager.go"
	for _, block := range strings.Split(chapter, "\n```go\n")[1:] {
		block, _, _ = strings.Cut(block, "\n```\n")
		if strings.HasPrefix(block, "package pager_test\n") {
			name = "pager_test.go"
		}
		if files[name] != "" {
			files[name] += "\n"
		}
		files[name] += block + "\n"
	}
	return files
}

// What docs/develop.md shows of a connector compiles, and passes every suite.
func TestConnectorOfTheDocumentWorks(t *testing.T) {
	dir := t.TempDir()
	room, err := filepath.Abs("../pager")
	if err != nil {
		t.Fatal(err)
	}
	replace := map[string]string{} // the compiler finds them there, though nothing is written there
	for name, text := range codeOf(t) {
		if formatted, err := format.Source([]byte(text)); err != nil || string(formatted) != text {
			t.Errorf("%s in the document is not formatted: %v", name, err)
		}
		replace[filepath.Join(room, name)] = filepath.Join(dir, name)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if len(replace) != 2 {
		t.Fatalf("the document has %d files, want the connector and its test", len(replace))
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	at, binary := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "pager.test")
	if err := os.WriteFile(at, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, line := range [][]string{{"go", "test", "-c", "-vet=off", "-o", binary, "-overlay", at, "loket/connectors/pager"}, {binary, "-test.v"}} {
		run := exec.Command(line[0], line[1:]...)
		run.Dir = map[bool]string{true: ".", false: dir}[line[0] == "go"]
		out, err := run.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", strings.Join(line, " "), err, out)
		}
		if line[0] != binary {
			continue
		}
		for _, suite := range []string{"TestConformance", "TestOddWebhooks", "TestFaultsOfTheCompany"} {
			if !strings.Contains(string(out), "--- PASS: "+suite) {
				t.Errorf("%s did not run", suite)
			}
		}
	}
}
