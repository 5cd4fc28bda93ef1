package e2e_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/redis/go-redis/v9"

	"loket/connectors/email/mailbox/dovecottest"
	"loket/connectors/email/send/smtptest"
	"loket/internal/store/storetest"
)

// BenchmarkMailbox lets the real binary read a full mailbox of Dovecot over TLS until every mail is in its task and
// marked, beside one FETCH a mail by the bare library on the same mailbox in the same run. What is printed is their
// ratio: machines differ, and are busy. LOKET_BENCH_MAILS sets how many mails (default 5,000).
//
// Small mails are 2 kB of text. Large ones are 9 kB, text and HTML, so that the original becomes a file of its own.
func BenchmarkMailbox(b *testing.B) {
	for _, fsync := range []string{"everysec", "always"} {
		b.Run("small/appendfsync="+fsync, func(b *testing.B) { benchmarkMailbox(b, fsync, smallMail) })
	}
	b.Run("large/appendfsync=everysec", func(b *testing.B) { benchmarkMailbox(b, "everysec", largeMail) })
}

func benchmarkMailbox(b *testing.B, fsync string, write func(n int) []byte) {
	mails := 5000
	if n, err := strconv.Atoi(os.Getenv("LOKET_BENCH_MAILS")); err == nil {
		mails = n
	}
	if _, err := binary(); err != nil { // made before anything is measured
		b.Fatal(err)
	}
	mailServer, sink := dovecottest.Start(b), smtptest.Start(b, smtptest.Options{})
	for n := range mails {
		mailServer.Deliver("help", "INBOX", write(n))
	}
	fetchSingly(b, mailServer, mails) // Dovecot indexes the new mailbox
	redisServer := storetest.Start(b, "--appendonly", "yes", "--appendfsync", fsync)
	rdb := redis.NewClient(&redis.Options{Network: "unix", Addr: redisServer.Socket})
	defer rdb.Close()
	configuration := strings.NewReplacer("url: embedded", "url: unix://"+redisServer.Socket, "level: debug", "level: info").Replace(mailed(mailServer, sink, ""))

	single := fetchSingly(b, mailServer, mails)
	d := newDaemon(b, configuration)
	before := redisCPU(b, rdb)
	begun := time.Now()
	d.start()
	d.await("every mail to be in its task", func() bool {
		return rdb.HLen(context.Background(), "lk:{q}:t").Val() == int64(mails)
	})
	queued := time.Since(begun)
	d.settled()
	b.ReportMetric(float64(mails)/single.Seconds(), "single-fetch/s")
	b.ReportMetric(float64(mails)/queued.Seconds(), "queued/s")
	b.ReportMetric(single.Seconds()/queued.Seconds(), "of-single-fetch")
	b.ReportMetric(float64((processCPU(b, d.cmd.Process.Pid) / time.Duration(mails)).Microseconds()), "loket-cpu-µs/mail")
	b.ReportMetric(float64(((redisCPU(b, rdb) - before) / time.Duration(mails)).Microseconds()), "redis-cpu-µs/mail")
}

// fetchSingly reads the inbox with one FETCH for each mail, as a reader without batches does at best.
func fetchSingly(b *testing.B, server *dovecottest.Server, mails int) time.Duration {
	b.Helper()
	ca, err := os.ReadFile(server.CAFile)
	if err != nil {
		b.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	begun := time.Now()
	c, err := imapclient.DialTLS(server.TLSAddr, &imapclient.Options{TLSConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	if err := c.Login("help", dovecottest.Password).Wait(); err != nil {
		b.Fatal(err)
	}
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		b.Fatal(err)
	}
	whole := &imap.FetchItemBodySection{Peek: true}
	for uid := 1; uid <= mails; uid++ {
		got, err := c.Fetch(imap.UIDSetNum(imap.UID(uid)), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{whole}}).Collect()
		if err != nil || len(got) != 1 || len(got[0].FindBodySection(whole)) == 0 {
			b.Fatalf("mail %d: %d came, %v", uid, len(got), err)
		}
	}
	return time.Since(begun)
}

const complaint = "The router blinks red since this morning, and nothing helps.\n"

func smallMail(n int) []byte {
	return letter(mailHeader(n), strings.Repeat(complaint, 27))
}

func largeMail(n int) []byte {
	return letter(mailHeader(n)+"\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b",
		"--b\nContent-Type: text/plain; charset=utf-8\n\n"+strings.Repeat(complaint, 40)+
			"--b\nContent-Type: text/html; charset=utf-8\n\n<html><body>"+strings.Repeat("<div dir=\"ltr\"><p>"+complaint+"</p></div>\n", 70)+"</body></html>\n--b--\n")
}

func mailHeader(n int) string {
	return fmt.Sprintf("Received: from mail.example.com by mx.example.org; Sun, 22 Nov 2026 10:30:00 +0100\n"+
		"Authentication-Results: mx.example.org; dmarc=pass header.from=example.com\n"+
		"From: Customer %d <customer%d@example.com>\nTo: Example Support <help@example.org>\nSubject: No signal %d\n"+
		"Message-ID: <%d@example.com>\nDate: Sun, 22 Nov 2026 10:29:00 +0100", n%1000, n%1000, n, n)
}
