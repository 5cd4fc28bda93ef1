package folder

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A sighted file is one that lies in the directory.
type sighted struct {
	name  string
	path  string
	info  fs.FileInfo // of the entry itself: a link is not followed
	since time.Time   // when it was first seen to be as it is
	told  bool        // that it waits for its sidecar
}

// same tells whether nothing was written since.
func (s *sighted) same(info fs.FileInfo) bool {
	return os.SameFile(s.info, info) && s.info.Size() == info.Size() && s.info.ModTime().Equal(info.ModTime())
}

func (s *sighted) isJSON() bool { return strings.EqualFold(filepath.Ext(s.name), ".json") }

// stem is the name without its ending: that of x.pdf and x.json is x.
func stem(name string) string { return strings.TrimSuffix(name, filepath.Ext(name)) }

// orphaned is how long a sidecar waits for its file.
const orphaned = time.Hour

// pass takes what is written whole, the oldest first. A file that can't be read or moved now holds up no other; what our own
// store does not take ends the pass.
func (f *Folder) pass(ctx context.Context) error {
	if err := f.look(); err != nil {
		return err
	}
	all, trouble := f.settled(), error(nil)
	for _, s := range all {
		if ctx.Err() != nil {
			return nil
		}
		err := f.take(ctx, s)
		if err != nil && !ofDisk(err) {
			return err
		}
		if err != nil && trouble == nil {
			trouble = fmt.Errorf("take a file in: %w", withoutPath(err))
		}
	}
	return trouble
}

// look notes what lies in the directory.
func (f *Folder) look() error {
	entries, err := os.ReadDir(f.cfg.Directory)
	if err != nil {
		return fmt.Errorf("look into directory: %w", withoutPath(err))
	}
	seen, coming := make(map[string]*sighted, len(entries)), map[string]bool{}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		if unfinished(e.Name()) {
			coming[begun(e.Name())] = true
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // taken away meanwhile
		}
		if err != nil {
			return fmt.Errorf("look at file: %w", withoutPath(err))
		}
		s := f.seen[e.Name()]
		if s == nil || !s.same(info) {
			s = &sighted{name: e.Name(), path: filepath.Join(f.cfg.Directory, e.Name()), info: info, since: f.now()}
		}
		seen[e.Name()] = s
	}
	f.seen, f.coming = seen, coming
	return nil
}

// unfinished tells of names under which programs write what they rename when it is whole.
func unfinished(name string) bool {
	lower := strings.ToLower(name)
	return strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") ||
		slices.ContainsFunc([]string{".part", ".tmp", ".filepart", ".crdownload"}, func(end string) bool { return strings.HasSuffix(lower, end) })
}

// begun is the stem of what an unfinished name is of: x of x.pdf.part, x.part and .x.pdf.a81b.
func begun(name string) string {
	plain := strings.TrimRight(strings.TrimPrefix(name, "."), "~")
	called, _, _ := strings.Cut(plain, ".")
	return called
}

// settled gives what may be taken. A sidecar goes with its file, and waits for it.
func (f *Folder) settled() []*sighted {
	var all []*sighted
	with := map[string]bool{} // stems of files that a sidecar may tell of
	for _, s := range f.seen {
		with[stem(s.name)] = with[stem(s.name)] || !s.isJSON()
	}
	for _, s := range f.seen {
		if s.isJSON() && (with[stem(s.name)] || f.awaits(s)) || !f.whole(s) {
			continue
		}
		side := f.sidecar(s)
		if side == nil && f.cfg.NeedsSidecar && !s.isJSON() && s.info.Mode().IsRegular() {
			f.tell(s)
			continue
		}
		if side != nil && !f.whole(side) {
			continue
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *sighted) int {
		return cmp.Or(a.info.ModTime().Compare(b.info.ModTime()), strings.Compare(a.name, b.name))
	})
	return all
}

// tell tells once of a file whose sidecar does not come.
func (f *Folder) tell(s *sighted) {
	if !s.told && f.now().Sub(s.since) >= orphaned {
		s.told = true
		f.env.Log.Warn("a file has waited for its sidecar for an hour")
	}
}

// awaits tells whether the file that a JSON may tell of is being put here. Who leaves it unfinished for long will not.
func (f *Folder) awaits(s *sighted) bool {
	called, _, _ := strings.Cut(s.name, ".")
	return f.coming[called] && f.now().Sub(s.since) < orphaned
}

func (f *Folder) whole(s *sighted) bool { return f.now().Sub(s.since) >= f.cfg.Settle }

// sidecar is what tells of a file, nil when nothing does.
func (f *Folder) sidecar(s *sighted) *sighted {
	if s.isJSON() {
		return nil
	}
	return cmp.Or(f.seen[stem(s.name)+".json"], f.seen[stem(s.name)+".JSON"])
}

// files are those that a sidecar tells of.
func (f *Folder) files(side *sighted) (all []*sighted) {
	for _, s := range f.seen {
		if !s.isJSON() && stem(s.name) == stem(side.name) {
			all = append(all, s)
		}
	}
	return all
}
