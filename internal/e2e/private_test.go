package e2e_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNobodyElseOnTheMachineReadsTheData: whatever the umask, and whoever made the directory.
func TestNobodyElseOnTheMachineReadsTheData(t *testing.T) {
	t.Parallel()
	const token = "swordfish-swordfish"
	d := newDaemon(t, fmt.Sprintf(standard, embedded)+"tokens: [{name: crm, token: "+token+"}]\n")
	d.before = []string{"sh", "-c", `umask 0; exec "$0" "$@"`}
	data, configuration := filepath.Join(d.dir, "data"), filepath.Join(d.dir, "config.yaml")
	for _, dir := range []string{data, filepath.Join(data, "blobs")} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		chmod(t, dir, 0o777)
	}
	chmod(t, configuration, 0o644)
	d.start()
	if _, err := d.post("k1", strings.Repeat("Where is my parcel? ", 1000)); err != nil {
		t.Fatal(err)
	}
	d.settled()
	task := d.tasks("support")[0]
	if out, code := d.loket("", "reply", task.Number, "--text", "Here", "--attach", configuration); code != 0 {
		t.Fatalf("loket reply: %d: %s", code, out)
	}
	files := 0
	err := filepath.WalkDir(data, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is %v", path, info.Mode())
		}
		files++
		return err
	})
	if err != nil || files < 12 {
		t.Errorf("%d files, %v", files, err)
	}
	log := d.log.String()
	if !strings.Contains(log, "tokens[0].token: is a secret that stands here") || !strings.Contains(log, "chmod 600 "+configuration) {
		t.Errorf("the log does not tell of the configuration:\n%s", log)
	}
	if strings.Count(log, "could get at the data") != 2 || strings.Contains(log, token) {
		t.Errorf("want the two directories in the log, and no token:\n%s", log)
	}
	d.stop()

	for _, name := range []string{"secret.key", "admin.token"} {
		path := filepath.Join(data, name)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		chmod(t, path, 0o640)
		out, code := d.loket("", "serve", "-c", configuration)
		if code == 0 || !strings.Contains(out, "chmod 600 "+path) || strings.Contains(out, strings.TrimSpace(string(text))) {
			t.Errorf("serve with %s open to others = %d: %s", name, code, out)
		}
		chmod(t, path, 0o600)
	}
	out, code := d.loket("", "check", "-c", configuration)
	if code != 0 || !strings.Contains(out, "warning: "+configuration) || !strings.HasSuffix(out, ": ok\n") || strings.Contains(out, token) {
		t.Errorf("check = %d: %s", code, out)
	}
	d.start().stop() // it needed nothing but what it asked for
}

func chmod(t *testing.T, path string, mode fs.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}
