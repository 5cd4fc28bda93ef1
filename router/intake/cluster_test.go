package intake_test

import (
	"testing"

	"loket/internal/message"
	"loket/internal/store/storetest"
	"loket/router/intake"
	"loket/router/queue"
)

// Every way through intake on a cluster, which refuses scripts with undeclared keys or keys of two tags.
func TestIntakeOnACluster(t *testing.T) {
	t.Parallel()
	st := storetest.Cluster(t)
	left, h := newEnv(t, st, dying("placed")), newEnv(t, st)
	left.accept(form(1))
	h.accept(form(2))
	referred := form(3)
	referred.Thread, referred.Own, referred.References = "", "<b@x>", []string{"<a@x>"}
	referred.From = []message.Identifier{{Kind: "email", Value: "kate@example.org", Level: message.Proven}}
	h.accept(referred)
	answer := form(4)
	answer.Thread, answer.Own, answer.References = "", "<c@x>", []string{"<a@x>", "<b@x>"}
	h.accept(answer)
	h.accept(poison(9))
	for range 7 {
		h.sweep()
	}
	h.want(3, 4, 0, 1)
	if page, _, err := h.Quarantine(t.Context(), 10, ""); err != nil || len(page) != 1 {
		t.Errorf("Quarantine = %v, %v", page, err)
	}
	if err := h.Retry(t.Context(), poison(9).ID); err != nil {
		t.Error(err)
	}
	h.accept(form(9))
	h.sweep()
	h.want(4, 6, 0, 0)
	spooled := newEnv(t, st, func(o *intake.Options) { o.Spool = openSpool(t, t.TempDir()) })
	if err := spooled.spool.Put(form(5)); err != nil {
		t.Fatal(err)
	}
	spooled.run()
	h.eventually("the spool is read", func() bool { return len(h.tasks(t)) == 5 })
	spooled.drain()
	h.close(form(2).Thread)
	h.reopen.Store(-1)
	again := form(6)
	again.Thread = form(2).Thread
	h.accept(again)
	h.want(6, 8, 0, 0)
	if _, err := h.queue.Claim(t.Context(), queue.Claim{Team: "support", Agent: "anna", Request: "r"}); err != nil {
		t.Error(err)
	}
	h.check()
}
