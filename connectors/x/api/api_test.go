package api

import (
	"testing"
	"time"

	"loket/internal/secret"
)

// TestSignatureIsHMACWithSHA256 has values that other programs computed: RFC 4231's second case among them.
func TestSignatureIsHMACWithSHA256(t *testing.T) {
	for _, test := range []struct{ key, body, want string }{
		{"Jefe", "what do ya want for nothing?", "sha256=W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="},
		{"key", "The quick brown fox jumps over the lazy dog", "sha256=97yD9DBThCSxMpjmqm+xQ+9NWaFJRhdZl0edvC0aPNg="},
	} {
		if got := Signature(secret.New(test.key), []byte(test.body)); got != test.want {
			t.Errorf("Signature(%q) = %s, want %s", test.body, got, test.want)
		}
		if !Signed(secret.New(test.key), []byte(test.body), test.want) || Signed(secret.New("other"), []byte(test.body), test.want) {
			t.Errorf("Signed(%q) does not tell the keys apart", test.body)
		}
	}
}

func TestIDsAreNumbersOfAnyLength(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"9", "10", true}, {"10", "9", false}, {"1460323737035677698", "1460323737035677699", true}, {"999", "1460323737035677698", true}, {"7", "7", false},
	} {
		if got := Less(test.a, test.b); got != test.want {
			t.Errorf("Less(%s, %s) = %v, want %v", test.a, test.b, got, test.want)
		}
	}
	for s, want := range map[string]bool{"1": true, "9007199254740993": true, "": false, "0": false, "01": false, "-1": false, "1e3": false, "12345678901234567890": false, "٣": false} {
		if got := IsID(s); got != want {
			t.Errorf("IsID(%q) = %v, want %v", s, got, want)
		}
	}
	if got := Conversation("2244994945", "783214"); got != "783214-2244994945" {
		t.Errorf("Conversation = %s, want the smaller number first", got)
	}
	for conversation, want := range map[string]string{"783214-2244994945": "2244994945", "2244994945-783214": "2244994945", "1460323737035677698": "", "1-2": ""} {
		if got := Other(conversation, "783214"); got != want {
			t.Errorf("Other(%s) = %q, want %q", conversation, got, want)
		}
	}
}

func TestIDsTellTime(t *testing.T) {
	at := time.Date(2021, 11, 15, 19, 8, 5, 0, time.UTC)
	const id = "1460323737035677698" // of that second
	if got := toMillisecond(at, id); got.Sub(at) < 0 || got.Sub(at) >= time.Second || got.Equal(at) {
		t.Errorf("toMillisecond(%s) = %s, want it within the second", at, got)
	}
	if got := toMillisecond(at, "7"); !got.Equal(at) {
		t.Errorf("toMillisecond of an odd id = %s, want %s", got, at)
	}
	if a, b := IDAt(at.Add(-time.Second)), IDAt(at.Add(time.Second)); !Less(a, id) || !Less(id, b) {
		t.Errorf("IDAt gives %s and %s around %s", a, b, id)
	}
	if got := IDBefore(id, time.Minute); !Less(got, id) || !Less(IDAt(at.Add(-61*time.Second)), got) {
		t.Errorf("IDBefore(%s) = %s", id, got)
	}
	for _, odd := range []string{"", "7", "x"} {
		if got := IDBefore(odd, time.Hour); got != "1" {
			t.Errorf("IDBefore(%q) = %s, want 1", odd, got)
		}
	}
}

// Likes and reactions say nothing that anybody has to answer.
func TestLikesAndReactionsAreNoMessages(t *testing.T) {
	for _, body := range []string{
		`{"for_user_id":"783214","favorite_events":[{"id":"a","user":{"id":4711},"favorited_status":{"id_str":"1","text":"x","user":{"id_str":"783214"}}}]}`,
		`{"for_user_id":"783214","direct_message_events":[{"type":"reaction_create","id":"1","reaction_create":{"reaction_key":"like","emoji_reaction":"👍"}}]}`,
		`{"data":{"event_type":"like.create","event_uuid":"u","filter":{"user_id":"783214"},"payload":{"id":"1"}}}`,
		`{"data":{"event_type":"dm.received","filter":{"user_id":"783214"},"payload":{"direct_message_events":[{"type":"reaction_create","id":"1"}]}}}`,
	} {
		events, _, err := Events([]byte(body))
		if err != nil || len(events) != 1 || events[0].Other == "" {
			t.Errorf("Events(%s) = %+v, %v; want nothing for a desk", body, events, err)
		}
	}
}
