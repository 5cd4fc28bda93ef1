package x_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"loket/connectors/x"
	"loket/connectors/x/xtest"
	"loket/internal/secret"
)

func TestConfigMistakesAreToldByField(t *testing.T) {
	for _, test := range []struct {
		name string
		harm func(c *x.Config)
		want string // "" when it is right
	}{
		{"right", func(*x.Config) {}, ""},
		{"v1.1", func(c *x.Config) { c.API = "v1.1" }, ""},
		{"polling alone", func(c *x.Config) { c.Webhook, c.Poll = false, time.Minute }, ""},
		{"another API", func(c *x.Config) { c.API = "v3" }, "api: must be v2 or v1.1"},
		{"no key", func(c *x.Config) { c.ConsumerKey = "" }, "consumer_key: must be given"},
		{"no secrets", func(c *x.Config) { c.ConsumerSecret, c.AccessTokenSecret = secret.String{}, secret.String{} }, "consumer_secret: must be given"},
		{"token without a number", func(c *x.Config) { c.AccessToken = secret.New("token-of-somebody") }, "user_id: must be given"},
		{"number beside it", func(c *x.Config) { c.AccessToken, c.UserID = secret.New("token"), "42" }, ""},
		{"name for a number", func(c *x.Config) { c.UserID = "@example" }, "user_id: must be the account's number"},
		{"too often", func(c *x.Config) { c.Poll = time.Second }, "poll: must be at least 15s, not 1s"},
		{"messages too often", func(c *x.Config) { c.PollMessages = time.Second }, "poll_messages: must be at least 15s"},
		{"nothing comes in", func(c *x.Config) { c.Webhook = false }, "webhook: must be true when"},
		{"first too far", func(c *x.Config) { c.First = 31 * 24 * time.Hour }, "first: must be at most 30d"},
		{"negative", func(c *x.Config) { c.DailyReads, c.MaxMedia = -1, -1 }, "daily_reads: must be 0"},
		{"length", func(c *x.Config) { c.MaxLength = 30_000 }, "max_length: must be from 280 to 25000"},
		{"plain http", func(c *x.Config) { c.APIURL = "http://api.x.com" }, "api_url: must be an https"},
		{"this machine by name", func(c *x.Config) { c.APIURL = "http://localhost:80" }, "api_url: must be an https"},
		{"with a user", func(c *x.Config) { c.APIURL = "https://u:p@api.x.com" }, "api_url: must be an https"},
		{"this machine", func(c *x.Config) { c.APIURL = "http://127.0.0.1:80" }, ""},
	} {
		cfg := config(nil, "v2")
		test.harm(&cfg)
		err := cfg.Validate()
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: Validate = %v, want %q", test.name, err, test.want)
		}
		if text := fmt.Sprintf("%v %+v", err, cfg); strings.Contains(text, xtest.AccessToken) || strings.Contains(text, xtest.ConsumerSecret) {
			t.Errorf("%s: a secret is printed", test.name)
		}
	}
}
