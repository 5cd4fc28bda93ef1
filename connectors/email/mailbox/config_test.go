package mailbox

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.yaml.in/yaml/v4"

	"loket/internal/field"
	"loket/internal/secret"
)

func TestDefaultsNeedOnlyAnAccount(t *testing.T) {
	c := DefaultConfig()
	c.URL = secret.New("imaps://jan:secret@imap.example.org")
	if err := c.Validate(); err != nil {
		t.Errorf("Validate = %v", err)
	}
	if _, err := New(DefaultConfig(), newEnv(), nil, zap.NewNop()); err == nil {
		t.Error("New without an account gives no error")
	}
}

func TestAccountsAreRead(t *testing.T) {
	for _, row := range []struct {
		url, user, password    string // as in the settings
		addr, wantUser, wantPW string
		tls                    bool
	}{
		{url: "imaps://jan:secret@imap.example.org", addr: "imap.example.org:993", wantUser: "jan", wantPW: "secret", tls: true},
		{url: "imap://jan:secret@imap.example.org/", addr: "imap.example.org:143", wantUser: "jan", wantPW: "secret"},
		{url: "imaps://help@example.org:p@ss/w:rd#?@imap.example.org:1993", addr: "imap.example.org:1993", wantUser: "help@example.org", wantPW: "p@ss/w:rd#?", tls: true},
		{url: "imaps://help%40example.org:100%25%20sure@h", addr: "h:993", wantUser: "help@example.org", wantPW: "100% sure", tls: true},
		{url: "imaps://imap.example.org", user: "jan", password: "p%41", addr: "imap.example.org:993", wantUser: "jan", wantPW: "p%41", tls: true},
		{url: "imaps://other:other@h", user: "jan", password: "p", addr: "h:993", wantUser: "jan", wantPW: "p", tls: true},
		{url: " imaps://jan:p@[::1]:9\n", addr: "[::1]:9", wantUser: "jan", wantPW: "p", tls: true},
		{url: "imaps://jan:p@[::1]", addr: "[::1]:993", wantUser: "jan", wantPW: "p", tls: true},
	} {
		c := DefaultConfig()
		c.URL, c.User, c.Password = secret.New(row.url), row.user, secret.New(row.password)
		a, err := c.account()
		if err != nil || a.addr() != row.addr || a.user != row.wantUser || a.password.Reveal() != row.wantPW || a.tls != row.tls {
			t.Errorf("account of %q = %+v %q %q, %v", row.url, a.addr(), a.user, a.password.Reveal(), err)
		}
	}
}

func TestValidateGivesEveryMistake(t *testing.T) {
	c := Config{
		URL: secret.New("imap://jan:hunter2@imap.example.org"), StartTLS: "none", CA: "/nowhere/ca.pem",
		OAuth2:  &OAuth2{Provider: "hotmail", TokenURL: "http://example.org/token"},
		Folders: []string{"INBOX", "", "inbox", "a*"}, Junk: "Spam", Sent: "Spam", Done: "move:Spam",
		Poll: 10 * time.Millisecond, First: -time.Hour, MaxSize: 10, Batch: 0,
	}
	var got []string
	for _, e := range field.All(c.Validate()) {
		got = append(got, e.Error())
	}
	want := []string{
		"starttls: none sends passwords readably: it is for a server on this machine, or needs insecure: true",
		"ca: must be certificates in PEM, or a file of them: open /nowhere/ca.pem: no such file or directory",
		`oauth2.provider: must be gmail or microsoft365, or left out, not "hotmail"`,
		"oauth2.client_id: must be given",
		"oauth2.client_secret: must be given when there is no refresh_token",
		"oauth2.token_url: must be an https:// URL",
		"oauth2: and a password are given: take one away",
		"folders[1]: must be the name of a folder, not empty",
		`folders[2]: is the same folder as folders[0]: "inbox"`,
		`folders[3]: must be the name of a folder, without * and control characters, not "a*"`,
		`sent: is the same folder as junk: "Spam"`,
		`done: moves mail to "Spam", which is read itself (junk)`,
		"poll: must be at least 1s, not 10ms",
		"first: must be at least 0s, not -1h",
		"max_size: must be from 65536 to 268435456 bytes, not 10",
		"batch: must be from 1 to 500, not 0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mistakes (-want +got):\n%s", diff)
	}
}

func TestAccountsThatAreNone(t *testing.T) {
	for url, want := range map[string]string{
		"":                             "imap: must be given",
		"imap.example.org":             "imap: must be imaps://",
		"https://jan:hunter2@h":        "imap: must be imaps://",
		"imaps://jan:hunter2@":         "imap: must end in a host name",
		"imaps://jan:hunter2@h/INBOX":  "imap: must end in a host name",
		"imaps://jan:hunter2@h:x":      "imap: must end in a host name",
		"imaps://jan:hunter2@h:0":      "imap: must end in a host name",
		"imaps://jan:hunter2%zz@h":     "imap: has a %",
		"imaps://:hunter2@h":           "imap: must name the user",
		"imaps://jan:hunter2%0d%0ax@h": "imap: has a line end",
		"imaps://jan@h":                "password: must be given",
	} {
		c := DefaultConfig()
		c.URL = secret.New(url)
		err := c.Validate()
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("Validate of %q = %v, want %q and no password", url, err, want)
		}
	}
}

func TestPlainIsForThisMachine(t *testing.T) {
	for url, ok := range map[string]bool{
		"imap://jan:p@127.0.0.1": true, "imap://jan:p@localhost:1143": true, "imap://jan:p@[::1]": true,
		"imap://jan:p@192.0.2.1": false, "imap://jan:p@localhost.example.org": false, "imaps://jan:p@192.0.2.1": true,
	} {
		c := DefaultConfig()
		c.URL, c.StartTLS = secret.New(url), "none"
		if err := c.Validate(); (err == nil) != ok {
			t.Errorf("Validate of %s without STARTTLS = %v", url, err)
		}
		c.Insecure = true
		if err := c.Validate(); err != nil {
			t.Errorf("Validate of %s, insecure = %v", url, err)
		}
	}
}

func TestProvidersFillIn(t *testing.T) {
	for _, row := range []struct {
		in         OAuth2
		url, scope string
	}{
		{OAuth2{Provider: gmail, ClientID: "c", RefreshToken: secret.New("r")}, gmailTokenURL, gmailScope},
		{OAuth2{Provider: microsoft365, ClientID: "c", RefreshToken: secret.New("r")}, microsoftURL + "common" + microsoftPath, microsoftUser},
		{OAuth2{Provider: microsoft365, Tenant: "a/b", ClientID: "c", ClientSecret: secret.New("s")}, microsoftURL + "a%2Fb" + microsoftPath, microsoftApp},
		{OAuth2{Provider: gmail, TokenURL: "https://example.org/t", Scope: "x", ClientID: "c", RefreshToken: secret.New("r")}, "https://example.org/t", "x"},
	} {
		if err := row.in.Validate(); err != nil {
			t.Errorf("Validate of %+v = %v", row.in, err)
		}
		if f := row.in.filled(); f.TokenURL != row.url || f.Scope != row.scope {
			t.Errorf("filled = %q, %q, want %q, %q", f.TokenURL, f.Scope, row.url, row.scope)
		}
	}
	for _, o := range []OAuth2{
		{Provider: gmail, ClientID: "c", ClientSecret: secret.New("s")},
		{Provider: microsoft365, ClientID: "c", ClientSecret: secret.New("s")},
		{ClientID: "c", ClientSecret: secret.New("s")},
	} {
		if err := o.Validate(); len(field.All(err)) != 1 {
			t.Errorf("Validate of %+v = %v, want one mistake", o, err)
		}
	}
}

func TestCAIsAFileOrItsText(t *testing.T) {
	pem, err := os.ReadFile(dovecot(t).CAFile)
	if err != nil {
		t.Fatal(err)
	}
	for ca, ok := range map[string]bool{"": true, string(pem): true, dovecot(t).CAFile: true, filepath.Join(t.TempDir(), "x"): false, "-----BEGIN nothing": false} {
		if _, err := roots(ca); (err == nil) != ok {
			t.Errorf("roots(%.30q) = %v", ca, err)
		}
	}
}

func TestSettingsAreReadFromYAML(t *testing.T) {
	c := DefaultConfig()
	const settings = `
imap: imaps://jan@imap.example.org
oauth2: {provider: gmail, client_id: id, client_secret: s, refresh_token: r}
folders: [INBOX, Spoed]
junk: Junk
done: move:Verwerkt
poll: 30s
idle: false
`
	if err := yaml.Unmarshal([]byte(settings), &c); err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	if c.OAuth2.RefreshToken.Reveal() != "r" || !slices.Equal(c.Folders, []string{"INBOX", "Spoed"}) || c.Idle || c.Poll != 30*time.Second || c.MaxSize != 40<<20 {
		t.Errorf("config = %+v", c)
	}
}
