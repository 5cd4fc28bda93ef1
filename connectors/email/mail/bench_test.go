package mail

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/textproto"
)

// BenchmarkRead reads a mix of mails: the corpus, and one in ten with an attachment of 200 KB. Beside it, in the same
// run and taking turns, go-message walks the same mails and decodes their leaves. ×go-message is how many times as fast Read is.
func BenchmarkRead(b *testing.B) {
	mails, size := mix(b)
	var ours, theirs time.Duration
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		for _, raw := range mails {
			Read(raw, DefaultLimits())
		}
		ours += time.Since(start)
		b.StopTimer()
		start = time.Now()
		for _, raw := range mails {
			walkGoMessage(raw)
		}
		theirs += time.Since(start)
		b.StartTimer()
	}
	b.ReportMetric(theirs.Seconds()/ours.Seconds(), "×go-message")
	b.ReportMetric(float64(len(mails)*b.N)/ours.Seconds(), "mails/s")
}

// BenchmarkHeader splits headers only, beside go-message's.
func BenchmarkHeader(b *testing.B) {
	mails, _ := mix(b)
	b.Run("own", func(b *testing.B) {
		for b.Loop() {
			for _, raw := range mails {
				h := header{limit: 256 << 10}
				h.read(raw)
			}
		}
	})
	b.Run("go-message", func(b *testing.B) {
		for b.Loop() {
			for _, raw := range mails {
				_, _ = textproto.ReadHeader(bufio.NewReader(bytes.NewReader(raw)))
			}
		}
	})
}

func mix(b *testing.B) (mails [][]byte, size int) {
	b.Helper()
	data := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("scan"), 50<<10))
	var folded strings.Builder
	for ; len(data) > 76; data = data[76:] {
		folded.WriteString(data[:76] + "\r\n")
	}
	folded.WriteString(data + "\r\n")
	for _, raw := range corpus(b) {
		mails = append(mails, raw)
	}
	for i := range len(mails) / 10 {
		mails = append(mails, fmt.Appendf(nil, "From: jan@example.nl\r\nSubject: Scan %d\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"+
			"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nZie bijlage.\r\n--b\r\nContent-Type: application/pdf; name=\"scan.pdf\"\r\n"+
			"Content-Transfer-Encoding: base64\r\n\r\n%s--b--\r\n", i, folded.String()))
	}
	for _, raw := range mails {
		size += len(raw)
	}
	return mails, size
}

// walkGoMessage is the least that a reader on go-message does: every leaf decoded. What it can't read, it leaves.
func walkGoMessage(raw []byte) {
	e, err := message.Read(bytes.NewReader(raw))
	if e == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return
	}
	_ = e.Walk(func(_ []int, leaf *message.Entity, err error) error {
		if err == nil && leaf.MultipartReader() == nil {
			_, _ = io.ReadAll(leaf.Body)
		}
		return nil
	})
}
