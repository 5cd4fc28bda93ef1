// Package sources is for tests that build the program themselves.
package sources

import (
	"io/fs"
	"os"
	"path/filepath"
)

// Look looks at every file of the project, whose root is given, so that the result which go keeps of a test is not that of other code: go does
// not know what a test builds, but it knows what it looked at. Only a test's own look counts, none of TestMain.
func Look(root string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && path != root && d.Name()[0] == '.' {
			return filepath.SkipDir
		}
		if err == nil && d.Type().IsRegular() {
			_, err = os.Stat(path)
		}
		return err
	})
}
