package xtest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// unsigned says what is wrong with the OAuth 1.0a signature of a call (RFC 5849 §3.4); "" when nothing is.
func (x *X) unsigned(r *http.Request) string {
	scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if scheme != "OAuth" {
		return "no OAuth header"
	}
	given := map[string]string{}
	for _, part := range strings.Split(rest, ",") {
		k, v, _ := strings.Cut(strings.TrimSpace(part), "=")
		v, _ = url.PathUnescape(strings.Trim(v, `"`))
		given[k] = v
	}
	if given["oauth_consumer_key"] != ConsumerKey || given["oauth_token"] != AccessToken {
		return "keys of somebody else"
	}
	var pairs []string
	add := func(k, v string) { pairs = append(pairs, percent(k)+"="+percent(v)) }
	for k, v := range given {
		if k != "oauth_signature" && k != "realm" {
			add(k, v)
		}
	}
	query := r.URL.Query()
	if r.Header.Get("Content-Type") == "application/x-www-form-urlencoded" {
		b, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(b))
		form, _ := url.ParseQuery(string(b))
		for k, vs := range form {
			query[k] = append(query[k], vs...)
		}
	}
	for k, vs := range query {
		for _, v := range vs {
			add(k, v)
		}
	}
	slices.Sort(pairs)
	base := strings.Join([]string{r.Method, percent(x.URL + r.URL.Path), percent(strings.Join(pairs, "&"))}, "&")
	mac := hmac.New(sha1.New, []byte(percent(ConsumerSecret)+"&"+percent(AccessSecret)))
	mac.Write([]byte(base))
	if base64.StdEncoding.EncodeToString(mac.Sum(nil)) != given["oauth_signature"] {
		return "wrong signature"
	}
	return ""
}

// percent is RFC 3986's encoding.
func percent(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}
