package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"loket/desk/api"
	"loket/internal/private"
	"loket/internal/secret"
)

// daemon says how the daemon is reached, and for whom.
type daemon struct {
	Server    string `group:"daemon" from:"LOKET_SERVER" placeholder:"URL" help:"Its desk listener; that of the configuration if -c is given, else http://127.0.0.1:8081."`
	TokenFile string `group:"daemon" placeholder:"FILE" help:"The bearer token. Left out, LOKET_TOKEN, else admin.token in the data directory."`
	Data      string `group:"daemon" from:"LOKET_DATA" placeholder:"DIR" help:"Its data directory, for admin.token; that of the configuration if -c is given, else ./data."`
	Agent     string `group:"daemon" from:"LOKET_AGENT" placeholder:"NAME" help:"Who acts; the person of the token, else the name you logged in by."`
}

// leased is for commands that change a task somebody may hold.
type leased struct {
	Lease string `placeholder:"LEASE" help:"Only if this lease is still current. Left out, for the agent who holds the task."`
}

// How long the daemon may take to begin an answer: longer than a claim waits for work, and than a check of everything.
const (
	patience     = 90 * time.Second
	morePatience = 10 * time.Minute
)

// client makes the client that talks to the daemon.
func (d *daemon) client(w *streams) (*api.Client, error) {
	if err := d.find(w); err != nil {
		return nil, err
	}
	u, err := url.Parse(d.Server)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, usagef("--server: must be a URL such as http://127.0.0.1:8081, not %q", d.Server)
	}
	token, err := d.token(w)
	if err != nil {
		return nil, err
	}
	return &api.Client{
		Base: d.Server, Token: token, Agent: d.Agent, Login: login(), HTTP: patient(patience), Zone: func(name string) { w.zone = name },
	}, nil
}

// find fills in where the daemon is: by its configuration, if there is one to ask.
func (d *daemon) find(w *streams) error {
	needsData := d.Data == "" && d.TokenFile == "" && strings.TrimSpace(w.env("LOKET_TOKEN")) == ""
	if w.from.Config != "" && (d.Server == "" || needsData) {
		cfg, err := w.from.load(w.err)
		if errors.Is(err, errReported) {
			return usagef("cannot say by %s where the daemon is: give --server and --data", w.from.Config)
		}
		if err != nil {
			return err
		}
		d.Server, d.Data = cmp.Or(d.Server, "http://"+Reachable(cfg.Listen.Desk)), cmp.Or(d.Data, cfg.Store.Data)
	}
	d.Server, d.Data = cmp.Or(d.Server, "http://127.0.0.1:8081"), cmp.Or(d.Data, "data")
	return nil
}

// Reachable is where a listener is reached from its own machine.
func Reachable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return listen
}

// patient waits so long for the beginning of an answer.
func patient(long time.Duration) *http.Client {
	return &http.Client{Transport: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: long,
	}}
}

func (d *daemon) token(w *streams) (secret.String, error) {
	path := d.TokenFile
	if path == "" {
		if text := strings.TrimSpace(w.env("LOKET_TOKEN")); text != "" {
			return secret.New(text), nil
		}
		path = filepath.Join(d.Data, "admin.token")
	}
	raw, err := os.ReadFile(path)
	text := strings.TrimSpace(string(raw))
	switch {
	case err != nil && d.TokenFile == "":
		return secret.String{}, usagef("no token: give --token-file or LOKET_TOKEN, or the data directory of the daemon by --data (%w)", err)
	case err != nil:
		return secret.String{}, usagef("read token: %w", err)
	case text == "" || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }):
		return secret.String{}, usagef("read token: %s holds none", path)
	}
	if err := private.Check(path); err != nil {
		w.warn("warning: " + err.Error())
	}
	return secret.New(text), nil
}

// explain says in sentences what went wrong, and gives the exit code for it.
func explain(err error) (string, int) {
	var problem *api.Problem
	var unreached *url.Error
	var wrong usageError
	var garbled *json.SyntaxError
	switch {
	case errors.As(err, &wrong):
		return err.Error(), exitUsage
	case errors.As(err, &problem):
		switch {
		case problem.Status >= 500, problem.Status == http.StatusUnauthorized,
			problem.Status == http.StatusMisdirectedRequest, problem.Status == http.StatusTooManyRequests:
			return strings.Join(problemLines(problem), "\n"), exitUsage // it did not say no: whoever asks again until it says yes must see that
		}
		return strings.Join(problemLines(problem), "\n"), exitNo
	case errors.As(err, &unreached):
		where := unreached.URL
		if u, err := url.Parse(where); err == nil {
			where = u.Scheme + "://" + u.Host
		}
		return fmt.Sprintf("cannot reach the daemon at %s: %v", where, unreached.Err), exitUsage
	case errors.As(err, &garbled), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Sprintf("cannot understand the daemon, or it is another program that answers there: %v", err), exitUsage
	}
	return err.Error(), exitNo
}

// problemLines is a line for each thing that is wrong.
func problemLines(p *api.Problem) []string {
	var lines []string
	for _, e := range p.Errors {
		lines = append(lines, e.Field+": "+e.Detail)
	}
	if len(lines) == 0 {
		lines = []string{p.Error()}
	}
	if p.Type == "urn:loket:unseen" {
		lines = append(lines, unseenText(p)...)
	}
	if p.Type == "urn:loket:token" {
		lines = append(lines, "the token comes from --token-file, LOKET_TOKEN or admin.token in --data")
	}
	return lines
}
