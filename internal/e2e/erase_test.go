package e2e_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
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
			kate, err := anna.Register(t.Context(), []string{"cno:482913057", "email:kate@vriesema.example"}, "Kate Vriesema", api.Because{})
			if err != nil {
				t.Fatal(err)
			}
			var pages []string
			for i := range 3 {
				body := map[string]string{"text": fmt.Sprint("swordfish ", i), "name": "Kate Vriesema", "email": "kate@vriesema.example"}
				a, err := d.postTo(d.public+"/in/website/", fmt.Sprint(i), body)
				if err != nil {
					t.Fatal(err)
				}
				pages = append(pages, strings.TrimPrefix(d.page(a), d.public))
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
				for _, text := range []string{"vriesema", "swordfish", "482913057"} {
					if strings.Contains(strings.ToLower(key+" "+value), text) {
						t.Errorf("%s still has %q: %.300s", key, text, value)
					}
				}
			}
			if _, err := d.client("anna").Customer(t.Context(), kate.ID); !api.IsProblem(err, "gone") {
				t.Errorf("Customer = %v, want gone", err)
			}

			// Old links say that it is gone: hers, and those of colleagues.
			mo := d.signedIn("mo", "--role", "manager", "--team", "support")
			for _, page := range pages {
				for _, accept := range []string{"text/html", "application/json"} {
					if got := answeredWith(t, http.DefaultClient, d.public+page, accept); got != http.StatusGone {
						t.Errorf("her page is answered %d for %s, want 410", got, accept)
					}
				}
			}
			for _, path := range []string{"/tasks/" + task.Number, "/customers/" + kate.ID, "/customers/" + kate.ID + "/export", "/customers/" + kate.ID + "/erase", "/customers/" + kate.ID + "/why?x=cno:482913057"} {
				if got := answeredWith(t, mo, d.desk+path, "text/html"); got != http.StatusGone {
					t.Errorf("%s is answered %d, want 410", path, got)
				}
			}
			d.healthy()
		})
	}
}

// answeredWith is the status with which whoever asks for an address is answered.
func answeredWith(t *testing.T, c *http.Client, url, accept string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", accept)
	res, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// TestWhatWasErasedStandsInNoFile: not in what the embedded store wrote down when it came either, and not because the
// process dies before that is written anew.
func TestWhatWasErasedStandsInNoFile(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start("LOKET_FAIL_AT=erase-done")
	for n, dies := range []bool{true, false} {
		name, number, word := []string{"vriesema", "hoekstra"}[n], []string{"482913057", "593024168"}[n], []string{"swordfish", "marzipan"}[n]
		anna := d.client("anna")
		kate, err := anna.Register(t.Context(), []string{"cno:" + number, "email:kate@" + name + ".example"}, "Kate "+name, api.Because{})
		if err != nil {
			t.Fatal(err)
		}
		body := map[string]string{"text": word, "name": "Kate " + name, "email": "kate@" + name + ".example"}
		sent, err := d.postTo(d.public+"/in/website/", word, body)
		if err != nil {
			t.Fatal(err)
		}
		d.settled()
		d.writeBack(sent, "my "+word, name+".txt", "a file about "+word)
		d.settled()
		left := func() (all []string) {
			files := map[string]string{}
			readFiles(t, filepath.Join(d.dir, "data"), files)
			for path, content := range files {
				for _, word := range []string{name, word, number} {
					if strings.Contains(strings.ToLower(path+content), word) {
						all = append(all, path+" has "+word)
					}
				}
			}
			return all
		}
		if len(left()) == 0 {
			t.Fatal("nothing is in the files before: this test sees nothing")
		}
		if out, code := d.loket("", "customer", "erase", kate.ID, "--confirm", "--reason", "asked"); (code != 0) != dies || strings.Contains(out, "BGREWRITEAOF") {
			t.Fatalf("customer erase: %d: %s", code, out)
		}
		if dies {
			d.await("loket to kill itself", d.dead)
			d.start()
		}
		d.await("nothing to be left in the files", func() bool { return len(left()) == 0 })
	}
	d.healthy()
}

// writeBack sends a text with a file as a browser sends the form on the page of a thread.
func (d *daemon) writeBack(to accepted, text, name, content string) {
	d.tb.Helper()
	body := "--BND\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n" + text +
		"\r\n--BND\r\nContent-Disposition: form-data; name=\"attachments\"; filename=\"" + name + "\"\r\nContent-Type: text/plain\r\n\r\n" + content + "\r\n--BND--\r\n"
	res, err := http.Post(d.page(to), "multipart/form-data; boundary=BND", strings.NewReader(body))
	if err != nil {
		d.tb.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusAccepted {
		d.tb.Fatalf("writing back is answered %s", res.Status)
	}
}

func readFiles(t *testing.T, dir string, into map[string]string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil && !errors.Is(err, fs.ErrNotExist) || e == nil || !e.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // the store replaces its files
		}
		into[path] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
