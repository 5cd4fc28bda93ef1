package webform

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
)

func TestLinkIsForWhoeverSentItFirst(t *testing.T) {
	c := newCounter(t, nil)
	post := func(address, key, text string) receiptBody {
		t.Helper()
		r := jsonRequest(`{"text":"` + text + `"}`)
		r.RemoteAddr = address
		if key != "" {
			r.Header.Set("Idempotency-Key", key)
		}
		w := c.do(r)
		var got receiptBody
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 202 || got.Receipt == "" {
			t.Fatalf("%s: %d %s, %v; want 202 with a receipt", address, w.Code, w.Body, err)
		}
		return got
	}
	first := post("192.0.2.1:1", "a1", "x")
	if first.Thread == "" {
		t.Fatal("who sent it first has no link")
	}
	for range 2 { // asking again makes nobody the first
		if other := post("192.0.2.2:1", "a1", "x"); other != (receiptBody{Receipt: first.Receipt}) {
			t.Errorf("another client = %+v, want the receipt alone", other)
		}
	}
	if again := post("192.0.2.1:2", "a1", "x"); again != first {
		t.Errorf("the same client again = %+v, want %+v", again, first)
	}
	if other := post("192.0.2.2:1", "a1", "y"); other.Thread == "" || other.Receipt == first.Receipt {
		t.Errorf("another text under the key = %+v, want a message of its own", other)
	}
	c.away = errors.New("the store is away")
	if away := post("192.0.2.1:1", "a1", "x"); away != (receiptBody{Receipt: first.Receipt}) {
		t.Errorf("with the store away = %+v, want the receipt alone", away)
	}
	if free := post("192.0.2.1:1", "", "x"); free.Thread == "" {
		t.Error("a post without a key has no link while the store is away")
	}
}

func TestPageOfOursProvesWhoSendsItAgain(t *testing.T) {
	c := newCounter(t, nil)
	c.away = errors.New("the store is away")
	page := c.do(get("/", "")).Body.String()
	hidden := func(name string) string {
		_, rest, _ := strings.Cut(page, `name="`+name+`" value="`)
		value, _, _ := strings.Cut(rest, `"`)
		return value
	}
	send := func(address string, values url.Values) string {
		r := browser(formRequest(values))
		r.RemoteAddr = address
		return c.do(r).Body.String()
	}
	values := url.Values{"text": {"x"}, fieldKey: {hidden(fieldKey)}, fieldProof: {hidden(fieldProof)}}
	for _, address := range []string{"192.0.2.1:1", "192.0.2.2:1"} { // whose telephone found another network
		if answer := send(address, values); !strings.Contains(answer, "/t/") {
			t.Errorf("from %s there is no link: %s", address, answer)
		}
	}
	// The form shows a key that somebody chose again, but proves it to nobody.
	page = send("192.0.2.1:1", url.Values{"text": {""}, fieldKey: {"a1"}, fieldProof: {"guess"}})
	if hidden(fieldKey) != "a1" || hidden(fieldProof) == c.env.Seal(forKey, "a1") {
		t.Errorf("key %q with proof %q, want it without a good one", hidden(fieldKey), hidden(fieldProof))
	}
	for _, proof := range []string{"", "guess", values.Get(fieldProof)} {
		if answer := send("192.0.2.3:1", url.Values{"text": {"x"}, fieldKey: {"a1"}, fieldProof: {proof}}); strings.Contains(answer, "/t/") {
			t.Errorf("proof %q of another key gives a link", proof)
		}
	}
}
