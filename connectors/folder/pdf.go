package folder

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"loket/internal/message"
)

// MarkNoText is the mark of a PDF whose text could not be had: the file is there all the same.
const MarkNoText = "the text of the PDF could not be read"

const (
	pdfWithin = 20 * time.Second // for one file
	pdfText   = 64 << 10         // bytes of text
)

// pdfText gives the text of a PDF, "" when it has none or there is no program that gives it. The program gets the file as a
// descriptor, so that no name is a flag, and neither our environment nor a shell.
func (f *Folder) pdfText(ctx context.Context, file *os.File) (string, error) {
	if f.program == "" {
		return "", nil
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, pdfWithin)
	defer cancel()
	out := &capped{}
	cmd := exec.CommandContext(ctx, f.program, "-q", "-enc", "UTF-8", "-nopgbrk", "-l", "50", "/dev/fd/3", "-")
	cmd.Env, cmd.Stdout, cmd.ExtraFiles, cmd.WaitDelay = []string{"LC_ALL=C.UTF-8"}, out, []*os.File{file}, time.Second
	if err := cmd.Run(); err != nil && !out.full {
		return "", fmt.Errorf("read the text of the PDF: %w", err)
	}
	return message.Head(strings.TrimSpace(message.CleanText(out.text.String())), pdfText), nil
}

// capped breaks off who writes more than is wanted.
type capped struct {
	text bytes.Buffer
	full bool
}

func (c *capped) Write(p []byte) (int, error) {
	if room := pdfText - c.text.Len(); len(p) > room {
		c.full = true
		c.text.Write(p[:room])
		return 0, errors.New("enough")
	}
	return c.text.Write(p)
}
