package mailbox

import (
	"context"
	"crypto/tls"
	"fmt"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"go.uber.org/zap"
)

// BenchmarkFetch reads 5,000 mails of about 2 kB from Dovecot over TLS into a Take that does nothing, and the same
// mailbox with one FETCH a mail by the bare library: what a reader without batches can reach at best.
func BenchmarkFetch(b *testing.B) {
	const mails = 5000
	s, name := dovecot(b), user()
	filler := make([]byte, 0, 2000)
	for len(filler) < 1900 {
		filler = append(filler, "The router blinks red since this morning, and nothing helps.\r\n"...)
	}
	for _, subject := range subjects("m", mails) {
		s.Deliver(name, "INBOX", append(mailOf(subject), filler...))
	}
	singly(b, s.TLSAddr, s.CAFile, name, mails) // Dovecot indexes the new mailbox
	for b.Loop() {
		single := singly(b, s.TLSAddr, s.CAFile, name, mails)
		ours := throughMailbox(b, over(s.URL(name), s.CAFile), mails)
		b.ReportMetric(mails/single.Seconds(), "single/s")
		b.ReportMetric(mails/ours.Seconds(), "mails/s")
		b.ReportMetric(single.Seconds()/ours.Seconds(), "ratio")
	}
}

func throughMailbox(b *testing.B, cfg Config, mails int) time.Duration {
	b.Helper()
	cfg.Done = "none"
	h := newEnv()
	left := make(chan struct{}, mails)
	m, err := New(cfg, h, func(context.Context, Fetched) error { left <- struct{}{}; return nil }, zap.NewNop())
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	began := time.Now()
	go func() { done <- m.Run(ctx) }()
	for range mails {
		<-left
	}
	took := time.Since(began)
	cancel()
	if err := <-done; err != nil {
		b.Fatal(err)
	}
	return took
}

func singly(b *testing.B, addr, ca, name string, mails int) time.Duration {
	b.Helper()
	pool, err := roots(ca)
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	c, err := imapclient.DialTLS(addr, &imapclient.Options{TLSConfig: &tls.Config{RootCAs: pool}})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	if err := c.Login(name, "p@ss/word:1").Wait(); err != nil {
		b.Fatal(err)
	}
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		b.Fatal(err)
	}
	whole := &imap.FetchItemBodySection{Peek: true}
	for uid := 1; uid <= mails; uid++ {
		got, err := c.Fetch(imap.UIDSetNum(imap.UID(uid)), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{whole}}).Collect()
		if err != nil || len(got) != 1 || len(got[0].FindBodySection(whole)) == 0 {
			b.Fatal(fmt.Errorf("mail %d did not come: %w", uid, err))
		}
	}
	return time.Since(began)
}
