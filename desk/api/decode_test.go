package api

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"loket/internal/field"
)

func TestDecodeNamesWhatIsWrong(t *testing.T) {
	type looked struct {
		Seen string `json:"seen"`
	}
	type person struct {
		Agent string   `json:"agent"`
		Saw   []looked `json:"saw"`
		looked
	}
	var into struct {
		person
		Text  string   `json:"text"`
		Close bool     `json:"close"`
		Tags  []string `json:"tags"`
	}
	for in, want := range map[string]string{
		`{"text": 1}`:          "text: must be a string, not a number",
		`{"agent": 1}`:         "agent: must be a string, not a number",
		`{"seen": 1}`:          "seen: must be a string, not a number",
		`{"saw":[{"seen":1}]}`: "saw.seen: must be a string, not a number",
		`{"close": "yes"}`:     "close: must be true or false, not a string",
		`{"tags": {}}`:         "tags: must be a list, not an object",
		`{"txt": "x"}`:         `txt: is not a field of this (did you mean "text"?)`,
		`[1]`:                  "must be one JSON object, not a list",
		`{"text": "x"} more`:   "must be one JSON object: something follows it",
	} {
		if err := decode([]byte(in), &into); err == nil || err.Error() != want {
			t.Errorf("decode(%s) = %v, want %s", in, err, want)
		}
	}
	if err := decode([]byte(" \n"), &into); err != nil {
		t.Errorf("Decode of nothing = %v, want {}", err)
	}
}

func TestMessageOfManyFilesIsRefusedBeforeTheyAreMade(t *testing.T) {
	text := []byte(`{"channel":"phone","text":"x","attachments":[` + strings.Repeat("{},", 3_400_000) + `{}]}`)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := readMessage(text, "NL")
	runtime.ReadMemStats(&after)
	var wrong *field.Error
	if !errors.As(err, &wrong) || wrong.Path != "attachments" || after.TotalAlloc-before.TotalAlloc > 1<<20 {
		t.Errorf("ReadMessage = %v with %d bytes of memory, want a mistake at attachments with little", err, after.TotalAlloc-before.TotalAlloc)
	}
}
