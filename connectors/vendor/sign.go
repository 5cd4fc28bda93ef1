package vendor

import "net/http"

// Basic signs with a user and a password.
func Basic(user, password string) func(http.RoundTripper) http.RoundTripper {
	return signer(func(r *http.Request) { r.SetBasicAuth(user, password) })
}

// Bearer signs with a token.
func Bearer(token string) func(http.RoundTripper) http.RoundTripper {
	return signer(func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) })
}

func signer(sign func(*http.Request)) func(http.RoundTripper) http.RoundTripper {
	return func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			r = r.Clone(r.Context()) // a transport changes no request
			sign(r)
			return next.RoundTrip(r)
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
