package e2e_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"loket/desk/api"
	"loket/internal/store/storetest"
)

// TestErasureGoesOnAfterKill: an order that was taken is done by the next process, wherever the one before died.
func TestErasureGoesOnAfterKill(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"erase-ordered", "erase-intake", "erase-threads", "erase-queue", "erase-identity"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			server := storetest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
			d := newDaemon(t, fmt.Sprintf(standard, "url: unix://"+server.Socket)).start("LOKET_FAIL_AT=" + step)
			anna := d.client("anna")
			kate, err := anna.Register(t.Context(), []string{"cno:4242", "email:kate@vriesema.example"}, "Kate Vriesema", api.Because{})
			if err != nil {
				t.Fatal(err)
			}
			for i := range 3 {
				body := map[string]string{"text": fmt.Sprint("swordfish ", i), "name": "Kate Vriesema", "email": "kate@vriesema.example"}
				if _, err := d.postTo(d.public+"/in/website/", fmt.Sprint(i), body); err != nil {
					t.Fatal(err)
				}
			}
			d.settled()
			task, err := anna.Claim(t.Context(), "support", 0, "")
			if err != nil || task == nil {
				t.Fatalf("Claim = %v, %v", task, err)
			}
			if _, err := anna.Reply(t.Context(), task.ID, api.Answer{Text: "Dear Kate Vriesema", Attachments: []api.File{{Name: "a.txt", Data: []byte("swordfish")}}}); err != nil {
				t.Fatal(err)
			}
			d.await("the answer to be delivered", func() bool { // one that a dead process was sending is waited for, longer than a test may
				now, err := anna.Task(t.Context(), task.ID)
				return err == nil && len(now.Messages) == 2 && now.Messages[1].Delivery != nil && now.Messages[1].Delivery.State == "delivered"
			})
			if _, err := anna.Erase(t.Context(), kate.ID, false, api.Because{Reason: "she asked"}); err == nil {
				t.Fatal("Erase answered, want that the process died of it")
			}
			d.await("loket to kill itself", d.dead)
			d.start()
			rdb := redis.NewClient(&redis.Options{Network: "unix", Addr: server.Socket})
			t.Cleanup(func() { _ = rdb.Close() })
			d.await("the order to be done", func() bool { return rdb.Exists(t.Context(), "lk:{desk}:erase").Val() == 0 })
			all := storetest.Everything(t, rdb)
			readFiles(t, filepath.Join(d.dir, "data"), all)
			for key, value := range all {
				for _, text := range []string{"vriesema", "swordfish", "4242"} {
					if strings.Contains(strings.ToLower(key+" "+value), text) {
						t.Errorf("%s still has %q: %.300s", key, text, value)
					}
				}
			}
			if _, err := d.client("anna").Customer(t.Context(), kate.ID); !api.IsProblem(err, "gone") {
				t.Errorf("Customer = %v, want gone", err)
			}
			d.healthy()
		})
	}
}

func readFiles(t *testing.T, dir string, into map[string]string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		into[path] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
