package folder

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A letter that was cut off in copying is waited for as one that grows; one that does not grow for an hour comes, and says so.
func TestLettersWithoutAnEndAreWaitedFor(t *testing.T) {
	const png, tiff = "\x89PNG\r\n\x1a\n picture", "II*\x00\x20\x00\x00\x00 picture"
	for name, test := range map[string]struct {
		begins, whole string
		marks         []string
	}{
		"a.pdf": {"%PDF-1.7\n1 0 obj\n", pdf, []string{MarkCut}},
		"a.png": {png, png + "IEND\xAEB`\x82", []string{MarkCut}},
		"a.tif": {tiff, tiff + strings.Repeat("directory", 9), []string{MarkCut}},
		"b.pdf": {"%PDF-1.7 %%EOF" + strings.Repeat("of an older version", 300), pdf, []string{MarkCut}},
		"c.tif": {"MM\x00*\x00\x00", "MM\x00*\x00\x00\x00\x08 directory", []string{MarkCut}},
	} {
		for _, grows := range []bool{true, false} {
			b := newBench(t, nil)
			now := time.Now()
			b.now = func() time.Time { return now }
			b.put(name, test.begins)
			b.look()
			now = now.Add(59 * time.Minute)
			b.look()
			if n := len(b.Accepted()); n > 0 {
				t.Fatalf("%s: %d messages of what is not whole", name, n)
			}
			marks := test.marks
			if grows {
				b.put(name, test.whole)
				marks = nil
			}
			now = now.Add(time.Minute)
			b.look()
			if diff := cmp.Diff(marks, b.Only().Marks); diff != "" {
				t.Errorf("%s, grows %v: marks (-want +got):\n%s", name, grows, diff)
			}
			b.wantFiles("done/" + name)
		}
	}
}
