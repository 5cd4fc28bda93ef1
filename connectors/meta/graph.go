package meta

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"loket/connectors"
	"loket/connectors/vendor"
	"loket/internal/secret"
)

// newAPI makes the client of the Graph API for whoever has a token.
func (c *Config) newAPI(token secret.String, u *usage) (*vendor.Client, error) {
	return vendor.New(vendor.Options{
		Vendor: "Meta", Base: c.APIURL + "/" + c.Version, Read: readRefusal, Within: 20 * time.Second,
		Sign: func(next http.RoundTripper) http.RoundTripper {
			proved := vendor.Bearer(token.Reveal())(next)
			return roundTrip(func(r *http.Request) (*http.Response, error) {
				r = r.Clone(r.Context())
				query := r.URL.Query()
				query.Set("appsecret_proof", proof(c.AppSecret, token))
				r.URL.RawQuery = query.Encode()
				res, err := proved.RoundTrip(r)
				if err == nil {
					u.note(res.Header)
				}
				return res, err
			})
		},
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// proof shows that who has the token has the app's secret, too (developers.facebook.com/docs/facebook-login/security).
func proof(appSecret, token secret.String) string {
	mac := hmac.New(sha256.New, []byte(appSecret.Reveal()))
	_, _ = mac.Write([]byte(token.Reveal())) // never fails
	return hex.EncodeToString(mac.Sum(nil))
}

// reasons are what error codes mean, with the subcode behind a dot where that says more.
//
//go:embed reasons.tsv
var reasons vendor.Codes

// readRefusal does not repeat Meta's words: numbers and names stand in them.
func readRefusal(e *vendor.Error, header http.Header, body []byte) {
	said := vendor.Flatten(body).Under("error")
	e.Code = int(said.Int("code"))
	if e.Code == 0 { // somebody's between us and Meta
		return
	}
	text, passes := meaning(said["code"], said["error_subcode"])
	e.Detail = text
	switch {
	case passes, isLimit(e.Code):
		e.Verdict = vendor.Retry
	case e.Status >= 500, said["is_transient"] == "true", isTrouble(e.Code): // whatever the status: it may have been done
		e.Verdict = vendor.Unclear
	default:
		e.Verdict = vendor.Permanent
	}
	if isLimit(e.Code) {
		e.After = max(e.After, regain(header), time.Minute)
	}
}

// meaning is what an error means for whoever answers, with its code for whoever looks it up.
func meaning(code, subcode string) (text string, passes bool) {
	text, passes = reasons.Meaning(code + "." + subcode)
	if text == "" {
		text, passes = reasons.Meaning(code)
	}
	if text == "" {
		return "Meta refused it with error " + code, false
	}
	return fmt.Sprintf("%s (Meta %s)", text, code), passes
}

// isLimit tells whether an error says that we ask too much at a time (developers.facebook.com/docs/graph-api/overview/rate-limiting,
// and the lists that reasons.tsv names). Not confirmed by a text of Meta's that we could read: 341, 131048, 131056, and that each of 80000 to
// 80014 is one. What is taken for a limit wrongly is tried again instead of refused.
func isLimit(code int) bool {
	switch code {
	case 4, 17, 32, 341, 613, 130429, 131048, 131056:
		return true
	}
	return code >= 80000 && code <= 80014 // of one product each
}

// isTrouble tells whether an error says that something went wrong at Meta itself. That 131000 and 131016 do is not confirmed.
func isTrouble(code int) bool {
	switch code {
	case 1, 2, 131000, 131016:
		return true
	}
	return false
}

// isFinal tells whether what was asked stays unknown: it is not there, or the token lacks a right to see it.
func isFinal(err error) bool {
	e := vendor.As(err)
	return connectors.IsPermanent(err) || e != nil && (e.Code == 3 || e.Code == 10 || e.Code >= 200 && e.Code <= 299)
}

// regain is how long until Meta lets us ask again, as its headers say in minutes.
func regain(header http.Header) (longest time.Duration) {
	business := vendor.Flatten([]byte(header.Get("X-Business-Use-Case-Usage")))
	for path := range business {
		if n := len(path) - len(".estimated_time_to_regain_access"); n > 0 && path[n:] == ".estimated_time_to_regain_access" {
			minutes, _ := strconv.Atoi(business[path]) // what is none is 0
			longest = max(longest, time.Duration(minutes)*time.Minute)
		}
	}
	return min(longest, 24*time.Hour)
}

// instant reads a time of Meta's: seconds, milliseconds, or as text; fallback when it is none or to come.
func instant(s string, fallback time.Time) time.Time {
	at, err := time.Parse("2006-01-02T15:04:05-0700", s)
	if n, errNumber := strconv.ParseInt(s, 10, 64); errNumber == nil && n > 0 {
		at, err = time.Unix(n, 0), nil
		if n > 1e11 {
			at = time.UnixMilli(n)
		}
	}
	if err != nil || at.After(fallback) {
		return fallback
	}
	return at.UTC()
}

// firstOf is the first of some fields that says something.
func firstOf(f vendor.Fields, paths ...string) string {
	var values []string
	for _, path := range paths {
		values = append(values, f[path])
	}
	return cmp.Or(values...)
}

// isID tells whether s can be an id of Meta's, which may stand in a path.
func isID(s string) bool {
	return s != "" && len(s) <= 512 && strings.Trim(s, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-=:$") == ""
}
