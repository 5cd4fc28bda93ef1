package send_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"loket/connectors/email/send"
	"loket/internal/field"
	"loket/internal/secret"
)

func TestValidateNamesEveryMistake(t *testing.T) {
	good := send.Account{Address: "help@example.com", URL: secret.New("smtps://u:p@smtp.example.com")}
	for _, tt := range []struct {
		name  string
		spoil func(*send.Account)
		want  []string // paths
	}{
		{"good", func(*send.Account) {}, nil},
		{"all that may be", func(a *send.Account) {
			a.Name, a.Auth, a.Hello, a.Timeout, a.MaxSize, a.Plus, a.Bounce = "Ex", "login", "h.example.com", time.Minute, 1<<20, "+", "b@example.com"
			a.DKIM = &send.DKIM{Domain: "example.com", Selector: "s1", KeyFile: "k"}
		}, nil},
		{"without TLS", func(a *send.Account) { a.URL, a.Insecure = secret.New("smtp://relay.example.com:25"), true }, nil},
		{"nothing", func(a *send.Account) { *a = send.Account{} }, []string{"address", "url"}},
		{"password that is no URL", func(a *send.Account) { a.URL = secret.New("smtps://u:top%secret@h") }, []string{"url"}},
		{"password that ends the host", func(a *send.Account) { a.URL = secret.New("smtps://u:top/secret@h") }, []string{"url"}},
		{"query", func(a *send.Account) { a.URL = secret.New("smtps://u:p@h/?secret") }, []string{"url"}},
		{"another scheme", func(a *send.Account) { a.URL = secret.New("https://smtp.example.com") }, []string{"url"}},
		{"two that exclude each other", func(a *send.Account) { a.Insecure, a.CA = true, "ca.pem" }, []string{"insecure", "insecure"}},
		{"login without a user", func(a *send.Account) { a.URL, a.Auth = secret.New("smtps://h"), "plain" }, []string{"auth"}},
		{"unknown login", func(a *send.Account) { a.Auth = "plian" }, []string{"auth"}},
		{"bounds", func(a *send.Account) { a.Timeout, a.MaxSize, a.Hello = time.Millisecond, 1, "a b" }, []string{"hello", "timeout", "max_size"}},
		{"plus", func(a *send.Account) { a.Plus, a.Bounce = "@", "nobody" }, []string{"plus", "bounce"}},
		{"long address", func(a *send.Account) { a.Plus, a.Address = "+", strings.Repeat("a", 30)+"@example.com" }, []string{"plus"}},
		{"dkim", func(a *send.Account) { a.DKIM = &send.DKIM{Domain: "a b"} }, []string{"dkim.domain", "dkim.selector", "dkim.key_file"}},
		{"name with a line end", func(a *send.Account) { a.Name = "x\r\nBcc: y" }, []string{"name"}},
	} {
		a := good
		tt.spoil(&a)
		err := a.Validate()
		var got []string
		for _, e := range field.All(err) {
			got = append(got, e.Path)
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s (-want +got): %s\n%v", tt.name, d, err)
		}
		if text := fmt.Sprintf("%v %+v", err, a); strings.Contains(text, "secret") || strings.Contains(text, "u:p") {
			t.Errorf("%s: tells a secret: %s", tt.name, text)
		}
	}
	twice := send.Accounts{good, {Address: "HELP@example.com", URL: good.URL}, {}}
	err := twice.Validate()
	if d := cmp.Diff("[1].address [2].address [2].url", paths(err)); d != "" {
		t.Errorf("accounts (-want +got): %s\n%v", d, err)
	}
}

func paths(err error) string {
	var all []string
	for _, e := range field.All(err) {
		all = append(all, e.Path)
	}
	return strings.Join(all, " ")
}

func TestAccountIsReadFromConfiguration(t *testing.T) {
	var c struct {
		Accounts send.Accounts `yaml:"accounts"`
	}
	text := `
accounts:
  - {address: a@example.com, url: "smtp://h", max_size: 1000000, timeout: 10s, dkim: {selector: s, key_file: k}}
`
	if err := yaml.Unmarshal([]byte(text), &c); err != nil {
		t.Fatal(err)
	}
	a := c.Accounts[0]
	if a.URL.Reveal() != "smtp://h" || a.MaxSize != 1_000_000 || a.Timeout != 10*time.Second || a.DKIM.Selector != "s" {
		t.Errorf("read %+v", c)
	}
}
