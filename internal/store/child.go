package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"go.uber.org/zap"
)

const (
	minPause = 100 * time.Millisecond
	maxPause = 10 * time.Second
	// steady is how long a server must have run for its end to count as the first.
	steady = time.Minute
	// farewell is how long the server may take to end when asked; everything it answered is on the disk already.
	farewell = 10 * time.Second
)

// child is a server process that ends with this one, and that is started again when it ends by itself.
type child struct {
	bin  string
	args []string
	lock *os.File
	tidy func() // called before each start
	log  *zap.Logger
	out  *lines

	stop chan struct{}
	done chan struct{}
	died chan struct{} // closed when the server ended by itself for the first time

	mu      sync.Mutex
	err     error       // why it ended last
	running *os.Process // nil while none does
}

func startChild(bin string, args []string, lock *os.File, tidy func(), log *zap.Logger) *child {
	log = log.Named(filepath.Base(bin))
	c := &child{
		bin: bin, args: args, lock: lock, tidy: tidy, log: log, out: &lines{log: log},
		stop: make(chan struct{}), done: make(chan struct{}), died: make(chan struct{}),
	}
	go c.supervise()
	return c
}

// close asks the server to end and waits until it has.
func (c *child) close() error {
	close(c.stop)
	<-c.done
	return nil
}

// kill ends a server that hangs. It is started again.
func (c *child) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running != nil {
		_ = c.running.Kill()
	}
}

// last says why the server ended, with what it said itself.
func (c *child) last() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

func (c *child) supervise() {
	defer close(c.done)
	// The kernel ends the child with the thread that started it, so that thread must stay.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	pause := minPause
	for first := true; ; first = false {
		began := time.Now()
		err := c.runOnce()
		select {
		case <-c.stop:
			return
		default:
		}
		c.mu.Lock()
		c.err = fmt.Errorf("%s ended: %w: %s", c.bin, err, c.out.tail())
		c.mu.Unlock()
		if first {
			close(c.died)
		}
		if time.Since(began) > steady {
			pause = minPause
		}
		c.log.Error("the store's server ended, starting it again", zap.Error(c.last()), zap.Duration("after", pause))
		select {
		case <-c.stop:
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, maxPause)
	}
}

// runOnce starts the server and returns when it has ended.
func (c *child) runOnce() error {
	c.tidy()
	cmd := exec.Command(c.bin, c.args...)
	cmd.Stdout, cmd.Stderr = c.out, c.out
	cmd.ExtraFiles = []*os.File{c.lock}
	cmd.SysProcAttr = tied()
	cmd.WaitDelay = time.Second // its own children may keep the output open
	if err := cmd.Start(); err != nil {
		return err
	}
	c.run(cmd.Process)
	defer c.run(nil)
	ended, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-ended:
			return
		case <-c.stop:
		}
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(farewell):
			_ = cmd.Process.Kill()
		}
	}()
	err := cmd.Wait()
	close(ended)
	<-watched
	if err == nil {
		return errors.New("without an error")
	}
	return err
}

func (c *child) run(p *os.Process) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running = p
}

// lines logs what the server writes, line by line, and remembers the last ones.
type lines struct {
	log *zap.Logger

	mu   sync.Mutex
	rest []byte
	kept []string
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, p...)
	for {
		i := bytes.IndexByte(l.rest, '\n')
		if i < 0 {
			break
		}
		l.take(strings.TrimSpace(string(l.rest[:i])))
		l.rest = l.rest[i+1:]
	}
	if len(l.rest) > 4<<10 {
		l.rest = nil
	}
	return len(p), nil
}

func (l *lines) take(line string) {
	if line == "" {
		return
	}
	l.log.Debug("server says", zap.String("line", line))
	l.kept = append(l.kept, line)
	if len(l.kept) > 3 {
		l.kept = l.kept[1:]
	}
}

func (l *lines) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.kept) == 0 {
		return "it said nothing"
	}
	return strings.Join(l.kept, " / ")
}
