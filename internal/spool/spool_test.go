package spool_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/internal/message"
	"loket/internal/soak"
	"loket/internal/spool"
)

func TestPutSurvivesReopening(t *testing.T) {
	s, dir := open(t)
	want := &message.Message{
		ID: id(1), Connector: "web", Channel: "web", Subject: "é\n\"", Text: "no signal", Raw: []byte{0, 255, 10},
		From:     []message.Identifier{{Kind: "email", Value: "a@example.org", Level: message.Claimed}},
		Received: time.Date(2026, 11, 22, 10, 0, 0, 123e6, time.UTC),
	}
	if err := s.Put(want); err != nil {
		t.Fatal(err)
	}
	for _, s := range []*spool.Spool{s, reopen(t, s, dir)} {
		got, err := s.Get(want.ID)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("Get (-want +got):\n%s%v", diff, err)
		}
	}
}

func TestListIsOldestFirst(t *testing.T) {
	s, dir := open(t)
	var want []string
	for i := range 30 {
		put(t, s, i)
		want = append(want, id(i))
		// A file system may count time in coarse steps.
		at := time.Now().Add(time.Duration(i-100) * time.Second)
		if err := os.Chtimes(filepath.Join(dir, id(i)+".json"), at, at); err != nil {
			t.Fatal(err)
		}
	}
	for _, i := range []int{0, 17, 3, 29} {
		if err := s.Remove(id(i)); err != nil {
			t.Fatal(err)
		}
		want = slices.DeleteFunc(want, func(s string) bool { return s == id(i) })
	}
	for range 2 {
		for _, limit := range []int{1, 7, 26, 1000, 0} {
			n := limit
			if n == 0 || n > len(want) {
				n = len(want)
			}
			if diff := cmp.Diff(want[:n], list(t, s, limit)); diff != "" {
				t.Errorf("List(%d) (-want +got):\n%s", limit, diff)
			}
		}
		s = reopen(t, s, dir)
	}
}

func TestPutTwiceKeepsOneInItsPlace(t *testing.T) {
	s, dir := open(t)
	for range 2 {
		put(t, s, 1)
		put(t, s, 2)
		put(t, s, 1)
		if diff := cmp.Diff([]string{id(1), id(2)}, list(t, s, 0)); diff != "" {
			t.Errorf("List (-want +got):\n%s", diff)
		}
		s = reopen(t, s, dir)
	}
	for range 2 {
		if err := s.Remove(id(1)); err != nil {
			t.Errorf("Remove = %v", err)
		}
	}
	put(t, s, 1)
	if diff := cmp.Diff([]string{id(2), id(1)}, list(t, s, 0)); diff != "" {
		t.Errorf("List after Remove and Put (-want +got):\n%s", diff)
	}
}

func TestTornFileIsMovedAside(t *testing.T) {
	whole := fmt.Sprintf(`{"id":%q,"text":"hello"}`, id(2))
	for _, tt := range []struct {
		name, content string
		bad           bool
	}{
		{"whole", whole, false},
		{"empty", "", true},
		{"torn", whole[:len(whole)/2], true},
		{"all but its last byte", whole[:len(whole)-1], true},
		{"zeros", strings.Repeat("\x00", 100), true},
		{"two", whole + whole, true},
		{"another's", strings.Replace(whole, id(2), id(3), 1), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, dir := open(t)
			put(t, s, 1)
			if err := os.WriteFile(filepath.Join(dir, id(2)+".json"), []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
			s = reopen(t, s, dir)
			_, err := s.Get(id(2))
			if errors.Is(err, spool.ErrCorrupt) != tt.bad || !tt.bad && err != nil {
				t.Fatalf("Get = %v, want corrupt %v", err, tt.bad)
			}
			if !tt.bad {
				return
			}
			for range 2 {
				if diff := cmp.Diff([]string{id(1)}, list(t, s, 0)); diff != "" {
					t.Errorf("List (-want +got):\n%s", diff)
				}
				if st := s.Stats(); st.Bad != 1 || st.Messages != 1 {
					t.Errorf("Stats = %+v, want 1 message and 1 bad", st)
				}
				if _, err := s.Get(id(2)); !errors.Is(err, spool.ErrNone) {
					t.Errorf("Get again = %v, want ErrNone", err)
				}
				s = reopen(t, s, dir)
			}
			if b, err := os.ReadFile(filepath.Join(dir, id(2)+".bad")); string(b) != tt.content || err != nil {
				t.Errorf("set aside: %q, %v, want what was found", b, err)
			}
		})
	}
}

func TestPutMendsATornFile(t *testing.T) {
	s, dir := open(t)
	if err := os.WriteFile(filepath.Join(dir, id(1)+".json"), []byte(`{"id":`), 0o600); err != nil {
		t.Fatal(err)
	}
	s = reopen(t, s, dir)
	put(t, s, 1) // the channel delivers it again
	if _, err := s.Get(id(1)); err != nil {
		t.Errorf("Get = %v, want what was put", err)
	}
	if st := s.Stats(); st.Bad != 0 || st.Messages != 1 {
		t.Errorf("Stats = %+v, want 1 message", st)
	}
}

func TestUnreadableFileDoesNotBlock(t *testing.T) {
	s, dir := open(t)
	// A directory in a file's place: it cannot be read, whoever asks.
	if err := os.Mkdir(filepath.Join(dir, id(1)+".json"), 0o700); err != nil {
		t.Fatal(err)
	}
	s = reopen(t, s, dir)
	if _, err := s.Get(id(1)); !errors.Is(err, spool.ErrCorrupt) {
		t.Errorf("Get = %v, want ErrCorrupt", err)
	}
	if got := list(t, s, 0); len(got) > 0 {
		t.Errorf("List = %v, want none", got)
	}
}

func TestOpenRemovesWhatWasHalfWritten(t *testing.T) {
	s, dir := open(t)
	put(t, s, 1)
	for _, name := range []string{".put-123", "README", "UPPER.json", "..json"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s = reopen(t, s, dir)
	if st := s.Stats(); st.Messages != 1 || st.Bad != 0 {
		t.Errorf("Stats = %+v, want the one message", st)
	}
	if _, err := os.Stat(filepath.Join(dir, ".put-123")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the half file: %v, want it gone", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "README")); err != nil {
		t.Errorf("a stranger's file: %v, want it there", err)
	}
}

func TestStats(t *testing.T) {
	s, dir := open(t)
	if got := s.Stats(); got != (spool.Stats{}) {
		t.Errorf("Stats = %+v, want none", got)
	}
	before := time.Now().Add(-time.Second)
	put(t, s, 1)
	between := time.Now()
	put(t, s, 2)
	for range 2 {
		var bytes int64
		for i := 1; i <= 2; i++ {
			info, err := os.Stat(filepath.Join(dir, id(i)+".json"))
			if err != nil {
				t.Fatal(err)
			}
			bytes += info.Size()
		}
		got := s.Stats()
		if got.Messages != 2 || got.Bytes != bytes || got.Oldest.Before(before) || got.Oldest.After(between) {
			t.Errorf("Stats = %+v, want 2 messages of %d bytes since shortly before %v", got, bytes, between)
		}
		s = reopen(t, s, dir)
	}
	for i := 1; i <= 2; i++ {
		if err := s.Remove(id(i)); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.Stats(); got != (spool.Stats{}) {
		t.Errorf("Stats after Remove = %+v, want none", got)
	}
}

func TestInvalidIDsNeverBecomePaths(t *testing.T) {
	s, dir := open(t)
	for _, bad := range []string{"", "../x", "a/b", "X", id(1) + "a"} {
		if err := s.Put(&message.Message{ID: bad}); err == nil {
			t.Errorf("Put(%q) = nil, want an error", bad)
		}
		if _, err := s.Get(bad); !errors.Is(err, spool.ErrNone) {
			t.Errorf("Get(%q) = %v, want ErrNone", bad, err)
		}
		if err := s.Remove(bad); err != nil {
			t.Errorf("Remove(%q) = %v", bad, err)
		}
	}
	if files, err := os.ReadDir(dir); len(files) > 0 || err != nil {
		t.Errorf("files %v, %v, want none", files, err)
	}
}

func TestPutAfterCloseFails(t *testing.T) {
	s, _ := open(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second finds the file of the first, which nobody synced
		if err := s.Put(&message.Message{ID: id(1)}); err == nil {
			t.Error("Put after Close = nil, want an error")
		}
	}
}

func TestManyAtOnce(t *testing.T) {
	s, dir := open(t)
	const writers, each = 8, 60
	var wg sync.WaitGroup
	var drained atomic.Int64
	seen := make([]atomic.Bool, writers*each)
	done := make(chan struct{})
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				n := w*each + i
				put(t, s, n)
				if rand.IntN(4) == 0 {
					put(t, s, n)
				}
				_ = s.Stats()
			}
		})
	}
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for {
				var last bool
				select {
				case <-done:
					last = true
				default:
				}
				for _, id := range list(t, s, 50) {
					m, err := s.Get(id)
					if errors.Is(err, spool.ErrNone) {
						continue // the other reader was first
					}
					if err != nil {
						t.Errorf("Get = %v", err)
						return
					}
					var n int
					if _, err := fmt.Sscanf(m.Text, "message %d", &n); err != nil {
						t.Errorf("text %q: %v", m.Text, err)
						return
					}
					if !seen[n].Swap(true) {
						drained.Add(1)
					}
					if err := s.Remove(id); err != nil {
						t.Errorf("Remove = %v", err)
					}
				}
				if last && s.Stats().Messages == 0 {
					return
				}
			}
		})
	}
	wg.Wait()
	close(done)
	readers.Wait()
	if drained.Load() != writers*each {
		t.Errorf("%d drained, want %d", drained.Load(), writers*each)
	}
	if files, _ := os.ReadDir(dir); len(files) > 0 {
		t.Errorf("%d files left", len(files))
	}
}

func TestOneThatStaysDoesNotHoldThePlaceOfThoseThatWent(t *testing.T) {
	s, dir := open(t)
	last := soak.Pick(1100, 3000) // from 1030 on the places are given up
	put(t, s, 0)
	for i := 1; i <= last; i++ {
		put(t, s, i)
		if i > 2 {
			if err := s.Remove(id(i - 1)); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := []string{id(0), id(1), id(last)}
	for range 2 {
		if diff := cmp.Diff(want, list(t, s, 0)); diff != "" {
			t.Errorf("List (-want +got):\n%s", diff)
		}
		s = reopen(t, s, dir)
	}
}

// The figure is messages a second on the disk, by so many at a time.
func BenchmarkPut(b *testing.B) {
	for _, writers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			s, err := spool.Open(b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			text := strings.Repeat("x", 4<<10)
			var next atomic.Int64
			var wg sync.WaitGroup
			for range writers {
				wg.Go(func() {
					for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
						if err := s.Put(&message.Message{ID: id(int(n)), Text: text}); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}

func open(t *testing.T) (*spool.Spool, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "spool")
	s, err := spool.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, dir
}

func reopen(t *testing.T, s *spool.Spool, dir string) *spool.Spool {
	t.Helper()
	_ = s.Close()
	s, err := spool.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func put(t *testing.T, s *spool.Spool, n int) {
	t.Helper()
	if err := s.Put(&message.Message{ID: id(n), Text: fmt.Sprintf("message %d", n)}); err != nil {
		t.Errorf("Put = %v", err)
	}
}

func list(t *testing.T, s *spool.Spool, limit int) []string {
	t.Helper()
	ids, err := s.List(limit)
	if err != nil {
		t.Errorf("List = %v", err)
	}
	return ids
}

func id(n int) string { return message.NewID([]byte("test"), fmt.Append(nil, n)) }
