package x_test

import (
	"strings"
	"testing"

	"loket/connectors/connectortest"
	"loket/connectors/x/xtest"
)

func TestSetupSaysWhatIsToBeDoneAndWhatIs(t *testing.T) {
	const url = "https://loket.example/in/care/"
	for name, test := range map[string]struct {
		hook *xtest.Hook
		want string
	}{
		"nothing":        {nil, "MISSING  the webhook is not registered"},
		"right":          {&xtest.Hook{ID: "77", URL: url, Valid: true}, "right    the webhook is registered and valid, as 77"},
		"not valid":      {&xtest.Hook{ID: "77", URL: url}, "PUT "},
		"somebody's own": {&xtest.Hook{ID: "78", URL: "https://other.example/"}, "LOOK     another webhook is registered: https://other.example/"},
	} {
		f, e := xtest.Start(t), connectortest.New(t)
		if test.hook != nil {
			f.Register(*test.hook)
		}
		for _, version := range []string{"v1.1", "v2"} {
			lines, err := account(t, e, config(f, version)).Setup(t.Context())
			text := strings.Join(lines, "\n")
			if err != nil || !strings.Contains(text, test.want) || !strings.Contains(text, `{"url": "`+url+`"}`) || !strings.Contains(text, "783214") {
				t.Errorf("%s, %s: Setup = %v\n%s\nwant %q", name, version, err, text, test.want)
			}
			for _, secret := range secrets() {
				if strings.Contains(text, secret) {
					t.Errorf("%s: it tells a secret", name)
				}
			}
		}
	}
	f, e := xtest.Start(t), connectortest.New(t)
	f.Fail("/oauth2/token", xtest.Fault{Status: 403}, 0)
	if lines, err := account(t, e, config(f, "v2")).Setup(t.Context()); err == nil || len(lines) < 5 {
		t.Errorf("Setup where X does not let us look = %d lines, %v; want the lines all the same", len(lines), err)
	}
}

func TestWebhookThatXGaveUpIsChallengedAgain(t *testing.T) {
	f, e := xtest.Start(t), connectortest.New(t)
	f.Register(xtest.Hook{ID: "77", URL: "https://loket.example/in/care/"})
	f.Register(xtest.Hook{ID: "78", URL: "https://other.example/"})
	a := account(t, e, config(f, "v2"))
	e.Run(a)
	e.Eventually("the challenge", func() bool { return f.Challenged("77") == 1 })
	if f.Challenged("78") != 0 || a.Trouble() != nil {
		t.Errorf("another's was challenged %d times; Trouble = %v", f.Challenged("78"), a.Trouble())
	}
}
