package store_test

import (
	"strings"
	"testing"

	"loket/internal/store"
	"loket/internal/store/storetest"
)

func TestClusterTakesScriptsOfOneTag(t *testing.T) {
	t.Parallel() // a cluster takes two seconds to come up
	s := storetest.Cluster(t)
	for _, tag := range []string{"{a}", "{b}", "{c:1}"} {
		var tx store.Tx
		tx.IfField(tag+"hash", "f", "")
		tx.SetField(tag+"hash", "f", tag)
		tx.XAdd(tag+"stream", "e")
		commit(t, s, &tx, true)
		commit(t, s, &tx, false)
		_, got, err := s.Load(t.Context(), store.Field{Key: tag + "hash", Name: "f"}, store.Field{Key: tag + "other", Name: "f"})
		if err != nil || got[0] != tag {
			t.Errorf("Load = %v, %v, want %s", got, err, tag)
		}
	}
	if err := s.Redis().ScriptFlush(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	if err := s.Cursor("web").Save(t.Context(), "k", "v"); err != nil {
		t.Errorf("Save after the scripts were forgotten = %v", err)
	}
	if got, err := s.Advise(t.Context()); err != nil || len(got) != 1 {
		t.Errorf("Advise = %v, %v, want the one about appendonly", got, err)
	}
}

func TestClusterRefusesTwoTags(t *testing.T) {
	t.Parallel() // a cluster takes two seconds to come up
	s := storetest.Cluster(t)
	var tx store.Tx
	tx.Set("{a}x", "1")
	tx.Set("{b}x", "1")
	if _, err := s.Commit(t.Context(), &tx); err == nil || !strings.Contains(err.Error(), "CROSSSLOT") {
		t.Errorf("Commit over two tags = %v, want CROSSSLOT", err)
	}
}
