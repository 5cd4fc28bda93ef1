// Package dovecottest starts a real Dovecot 2.3 for tests: TLS with a certificate of the test's own, mailboxes as
// maildirs that a test fills by writing files, and a server that can be killed and started again.
package dovecottest

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Password opens every mailbox: a user is any name.
const Password = "p@ss/word:1"

// A Server is a running Dovecot. Its methods may be called concurrently, but for Kill and Restart.
type Server struct {
	TLSAddr   string // host:port that speaks TLS at once
	PlainAddr string // host:port that offers STARTTLS, and lets people in without it too
	CAFile    string // PEM of the authority that its certificate comes from

	tb   testing.TB
	dir  string
	bin  string
	as   account
	cmd  *exec.Cmd
	done chan struct{}
}

// An account is who owns the mail on this machine: Dovecot does not serve mail of uid 0.
type account struct{ uid, gid int }

// Start starts a Dovecot that ends with the test. A machine without one fails the test.
func Start(tb testing.TB) *Server {
	tb.Helper()
	dir, err := os.MkdirTemp("", "dovecot") // not tb.TempDir: the owner of the mail must get in, and sockets' paths be short
	if err != nil {
		tb.Fatal(err)
	}
	s, err := New(dir)
	if err != nil {
		_ = os.RemoveAll(dir)
		tb.Fatal(err)
	}
	s.tb = tb
	tb.Cleanup(func() { s.Close() })
	return s
}

// New starts a Dovecot in the empty directory dir for a TestMain that shares it; Close ends it and removes dir.
// Its methods panic where those of a Server from Start fail the test.
func New(dir string) (*Server, error) {
	bin, err := look()
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, bin: bin, as: owner(), CAFile: filepath.Join(dir, "ca.pem")}
	if err := s.prepare(); err != nil {
		return nil, fmt.Errorf("prepare dovecot: %w", err)
	}
	for try := 1; ; try++ {
		ports, err := freePorts(2)
		if err == nil {
			err = s.configure(ports[0], ports[1])
		}
		if err != nil {
			return nil, fmt.Errorf("prepare dovecot: %w", err)
		}
		err = s.start()
		if err == nil {
			return s, nil
		}
		s.kill()
		if !errors.Is(err, errTaken) || try == 10 {
			return nil, err
		}
	}
}

// URL is the account of the user over TLS, with its password.
func (s *Server) URL(name string) string { return s.account("imaps", s.TLSAddr, name) }

// PlainURL is the account of the user where STARTTLS is offered.
func (s *Server) PlainURL(name string) string { return s.account("imap", s.PlainAddr, name) }

// URLAt is the account of the user over TLS at another address, that of a proxy.
func (s *Server) URLAt(addr, name string) string { return s.account("imaps", addr, name) }

func (s *Server) account(scheme, addr, name string) string {
	return (&url.URL{Scheme: scheme, User: url.UserPassword(name, Password), Host: addr}).String()
}

// Kill ends the server and all that it runs, as kill -9 does.
func (s *Server) Kill() { s.kill() }

// Restart kills the server and starts it again at the same addresses. Mail stays.
func (s *Server) Restart() {
	s.help()
	s.kill()
	s.check(s.again())
}

// again starts the server at the addresses it had. When a connection of somebody's begins at one of its ports just now, it waits for its end.
func (s *Server) again() error {
	deadline := time.Now().Add(time.Minute)
	for {
		err := s.start()
		if !errors.Is(err, errTaken) || time.Now().After(deadline) {
			return err
		}
		s.kill()
		time.Sleep(20 * time.Millisecond)
	}
}

// Close ends the server and removes all mail. It is safe twice.
func (s *Server) Close() {
	s.kill()
	_ = os.RemoveAll(s.dir)
}

// Log is what the server wrote, for a test that fails.
func (s *Server) Log() string {
	b, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	return string(b)
}

func look() (string, error) {
	for _, path := range []string{"dovecot", "/usr/sbin/dovecot", "/usr/local/sbin/dovecot"} {
		bin, err := exec.LookPath(path)
		if err != nil {
			continue
		}
		if out, err := exec.Command(bin, "--version").Output(); err != nil || !bytes.HasPrefix(out, []byte("2.3.")) {
			return "", fmt.Errorf("dovecot 2.3 is needed for this test, %s is %s", bin, bytes.TrimSpace(out))
		}
		return bin, nil
	}
	return "", fmt.Errorf("dovecot is needed for this test (Debian: apt install dovecot-imapd)")
}

func owner() account {
	if os.Getuid() != 0 {
		return account{os.Getuid(), os.Getgid()}
	}
	if u, err := user.Lookup("mail"); err == nil {
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		return account{uid, gid}
	}
	return account{65534, 65534}
}

func (s *Server) prepare() error {
	for _, d := range []string{"", "mail"} {
		path := filepath.Join(s.dir, d)
		if err := os.MkdirAll(path, 0o755); err != nil {
			return err
		}
		if err := os.Chmod(path, 0o755); err != nil {
			return err
		}
	}
	if err := os.Chown(filepath.Join(s.dir, "mail"), s.as.uid, s.as.gid); err != nil {
		return err
	}
	return certify(s.dir)
}

// configure has the server listen on these ports when it is started.
func (s *Server) configure(tls, plain string) error {
	s.TLSAddr, s.PlainAddr = "127.0.0.1:"+tls, "127.0.0.1:"+plain
	conf := fmt.Sprintf(template, s.dir, plain, tls, s.as.uid, s.as.gid, Password)
	if os.Getuid() != 0 {
		me, err := user.Current()
		if err != nil {
			return err
		}
		group, err := user.LookupGroupId(me.Gid)
		if err != nil {
			return err
		}
		conf += fmt.Sprintf("default_internal_user = %s\ndefault_login_user = %s\ndefault_internal_group = %s\n", me.Username, me.Username, group.Name)
	}
	return os.WriteFile(filepath.Join(s.dir, "conf"), []byte(conf), 0o644)
}

// template takes: directory, port, TLS port, uid, gid, password.
const template = `base_dir = %[1]s/run
state_dir = %[1]s/run
log_path = %[1]s/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <%[1]s/cert.pem
ssl_key = <%[1]s/key.pem
disable_plaintext_auth = no
mail_location = maildir:%[1]s/mail/%%u
first_valid_uid = 1
mail_max_userip_connections = 1000
auth_mechanisms = plain login
auth_failure_delay = 0
auth_verbose = no
maildir_very_dirty_syncs = no
namespace inbox {
  inbox = yes
  separator = /
}
passdb {
  driver = static
  args = password=%[6]s
}
userdb {
  driver = static
  args = uid=%[4]d gid=%[5]d home=%[1]s/mail/%%u
}
service imap-login {
  inet_listener imap {
    port = %[2]s
  }
  inet_listener imaps {
    port = %[3]s
    ssl = yes
  }
  chroot =
  service_count = 0
  process_min_avail = 1
  client_limit = 500
}
service imap {
  process_min_avail = 1
  service_count = 100
}
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  chroot =
}
`

// errTaken is that of a server one of whose ports another process has.
var errTaken = errors.New("a port is taken")

func (s *Server) start() error {
	out, err := os.OpenFile(filepath.Join(s.dir, "out"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer out.Close()
	// A dead server leaves its pid file and sockets.
	if err := os.RemoveAll(filepath.Join(s.dir, "run")); err != nil {
		return err
	}
	before := len(s.Log())
	cmd := exec.Command(s.bin, "-F", "-c", filepath.Join(s.dir, "conf"))
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start dovecot: %w", err)
	}
	done := make(chan struct{})
	go func() { _ = cmd.Wait(); close(done) }()
	s.cmd, s.done = cmd, done
	if err := s.await(); err != nil {
		if strings.Contains(s.Log()[before:], "Address already in use") {
			return fmt.Errorf("%w: %w", errTaken, err)
		}
		return err
	}
	return nil
}

// await waits for the greeting of both ports.
func (s *Server) await() error {
	deadline := time.Now().Add(time.Minute)
	for _, addr := range []string{s.PlainAddr, s.TLSAddr} {
		for {
			err := greeted(addr, addr == s.TLSAddr)
			select {
			case <-s.done: // whoever answered is somebody else
				out, _ := os.ReadFile(filepath.Join(s.dir, "out"))
				return fmt.Errorf("dovecot ended at once: %s %s", out, s.Log())
			case <-time.After(5 * time.Millisecond):
			}
			if err == nil {
				break
			}
			if time.Now().After(deadline) {
				return fmt.Errorf("dovecot does not answer: %w: %s", err, s.Log())
			}
		}
	}
	return nil
}

func greeted(addr string, onlyConnect bool) error {
	c, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return err
	}
	defer c.Close()
	if onlyConnect {
		return nil
	}
	if err := c.SetReadDeadline(time.Now().Add(2 * time.Second)); err != nil {
		return err
	}
	_, err = c.Read(make([]byte, 4))
	return err
}

// kill ends the server with its children: those that serve a connection outlive their master.
func (s *Server) kill() {
	if s.cmd == nil {
		return
	}
	master := s.cmd.Process.Pid
	_ = s.cmd.Process.Signal(syscall.SIGSTOP) // or it starts another between the look and the kill
	pids := descendants(master)
	_ = s.cmd.Process.Kill()
	for _, pid := range pids {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	<-s.done
	for _, pid := range pids {
		for syscall.Kill(pid, 0) == nil && !zombie(pid) {
			time.Sleep(time.Millisecond)
		}
	}
	s.cmd = nil
}

// descendants lists the processes that pid started, and those that they started.
func descendants(pid int) (all []int) {
	children := map[int][]int{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		if f := statFields(path); f != nil {
			parent, _ := strconv.Atoi(f[1])
			child, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			children[parent] = append(children[parent], child)
		}
	}
	for todo := []int{pid}; len(todo) > 0; {
		next := children[todo[0]]
		todo = append(todo[1:], next...)
		all = append(all, next...)
	}
	return all
}

func zombie(pid int) bool {
	f := statFields(fmt.Sprintf("/proc/%d/stat", pid))
	return f == nil || f[0] == "Z"
}

// statFields are the fields of a process behind its name: state, parent.
func statFields(path string) []string {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	_, rest, ok := strings.Cut(string(b[bytes.LastIndexByte(b, ')')+1:]), " ")
	if f := strings.Fields(rest); ok && len(f) > 1 {
		return f
	}
	return nil
}

func freePorts(n int) (ports []string, err error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		ports = append(ports, strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
	}
	return ports, nil
}

func (s *Server) help() {
	if s.tb != nil {
		s.tb.Helper()
	}
}

func (s *Server) check(err error) {
	s.help()
	switch {
	case err == nil:
	case s.tb != nil:
		s.tb.Fatal(err)
	default:
		panic(err)
	}
}
