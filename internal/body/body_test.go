package body

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

var some = Limits{Bytes: 10 << 20, Depth: 5, Values: 1000, Each: 100}

func TestJSONWithinLimitsIsGiven(t *testing.T) {
	for _, text := range []string{
		`{}`, ` {"a":[1,-2.5e3,true,null,"x,{\"}\\"],"b":{"a":{}}} ` + "\r\n", `[]`, `"a"`, `7`, ``, `null`,
		`{"a":"` + strings.Repeat("x", 100_000) + `"}`, `{"":1," ":2}`, `[[[[[]]]]]`, `{"a":[` + strings.Repeat("{},", 99) + `{}]}`,
		`{"a":{"x":1},"b":{"x":1}}`, `{"\u0061":1,"b":"\"a\":"}`,
	} {
		for name, r := range map[string]io.Reader{"whole": strings.NewReader(text), "in bytes": iotest.OneByteReader(strings.NewReader(text))} {
			if got, err := JSON(r, some); err != nil || string(got) != text {
				t.Errorf("JSON(%.40q, %s) = %.40q, %v; want it as it came", text, name, got, err)
			}
		}
	}
}

func TestShapeIsBounded(t *testing.T) {
	for _, test := range []struct {
		name, text, want string
		many             bool
	}{
		{"elements", `{"files":[` + strings.Repeat("{},", 100) + `{}]}`, `files has more than 100 elements`, true},
		{"elements in text", `{"files":[` + strings.Repeat(`"\"",`, 100) + `""]}`, `files has more than 100 elements`, true},
		{"numbers", `[` + strings.Repeat("1,", 101) + `1]`, `body has more than 100 elements`, true},
		{"members", `{` + strings.Join(names(101), ",") + `}`, `n100 has more than 100 members`, true},
		{"deep", `{"a":[[[[[`, `a goes deeper than 5 brackets`, true},
		{"values", `{"a":[` + strings.Repeat(`[1,2,3,4,5,6,7,8,9,10],`, 95) + `[]]}`, `a has more than 1000 values in it`, true},
		{"name", `{"` + strings.Repeat("x", 2000) + `":1}`, `body has a name of more than 1000 bytes`, true},
		{"twice", `{"text":"a","text":"b"}`, `text is given twice`, false},
		{"twice, escaped", `{"text":"a","te\u0078t":"b"}`, `text is given twice`, false},
		{"twice, in another case", `{"text":"a","Text":"b"}`, `Text is given twice`, false},
		{"twice, in letters that fold", `{"status":"a","\u017ftatus":"b"}`, `ſtatus is given twice`, false},
		{"twice, within", `{"a":[{"x":1,"y":2,"x":3}]}`, `a gives "x" twice`, false},
		{"two values", `{"a":1}{"a":1}`, `body is not one JSON value: something follows it`, false},
		{"a bracket too many", `{}}`, `body is not one JSON value: a bracket closes that was never opened`, false},
		{"cut off", `{"a":[1,2`, `body is not one JSON value: it breaks off`, false},
		{"cut off in text", `{"a":"xy`, `body is not one JSON value: it breaks off`, false},
	} {
		for name, r := range map[string]io.Reader{"whole": strings.NewReader(test.text), "in bytes": iotest.OneByteReader(strings.NewReader(test.text))} {
			_, err := JSON(r, some)
			var shape *ShapeError
			if !errors.As(err, &shape) || err.Error() != test.want || TooMany(err) != test.many {
				t.Errorf("%s, %s: %v (many: %v), want %s (%v)", test.name, name, err, TooMany(err), test.want, test.many)
			}
		}
		if err := CheckJSON([]byte(test.text), some); err == nil || err.Error() != test.want {
			t.Errorf("%s, in memory: %v, want %s", test.name, err, test.want)
		}
	}
}

func names(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf(`"n%d":1`, i))
	}
	return all
}

// counted counts what is read of it.
type counted struct {
	r io.Reader
	n int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}

// allocated is how many bytes do takes of memory in all.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestWhatIsRefusedCostsLittle(t *testing.T) {
	const size = 10 << 20
	fill := func(head, again string) string { return head + strings.Repeat(again, size/len(again)) }
	for name, text := range map[string]string{
		"empty objects":  fill(`{"attachments":[`, `{},`),
		"empty text":     fill(`{"attachments":[`, `"",`),
		"brackets":       fill(`{"attachments":`, `[`),
		"names":          fill(`{`, `"a":1,`),
		"lists in lists": fill(`{"attachments":[`, `[[[]]],`),
		"values":         fill(`[`, `1,`),
		"one long name":  fill(`{"`, `x`),
	} {
		r := &counted{r: strings.NewReader(text)}
		var err error
		took := allocated(func() { _, err = JSON(r, some) })
		if err == nil || r.n > 64<<10 || took > 1<<20 {
			t.Errorf("%s: %v after %d bytes, with %d bytes of memory; want an error after little", name, err, r.n, took)
		}
	}
	r := &counted{r: strings.NewReader(fill("a", "&a"))}
	took := allocated(func() {
		if _, err := Form(r, some); !TooMany(err) {
			t.Errorf("form: %v, want too many fields", err)
		}
	})
	if r.n > 64<<10 || took > 1<<20 {
		t.Errorf("form: read %d bytes with %d bytes of memory, want little", r.n, took)
	}
}

func TestWhatIsTakenCostsTwiceItsSize(t *testing.T) {
	text := `{"data":"` + strings.Repeat("QUJD", 2<<20) + `"}`
	took := allocated(func() {
		if b, err := JSON(strings.NewReader(text), some); err != nil || len(b) != len(text) {
			t.Errorf("JSON = %d bytes, %v; want all %d", len(b), err, len(text))
		}
	})
	if took > 5*uint64(len(text)) {
		t.Errorf("%d bytes took %d bytes of memory in all", len(text), took)
	}
}

func TestBytesAreBounded(t *testing.T) {
	r := &counted{r: strings.NewReader(strings.Repeat("x", 1<<20))}
	if _, err := Read(r, Limits{Bytes: 1000}); !errors.Is(err, ErrTooLarge) || r.n > 8<<10 {
		t.Errorf("Read = %v after %d bytes, want ErrTooLarge after few", err, r.n)
	}
	if b, err := Read(strings.NewReader(strings.Repeat("x", 1000)), Limits{Bytes: 1000}); err != nil || len(b) != 1000 {
		t.Errorf("Read = %d bytes, %v; want exactly as many as may be", len(b), err)
	}
	broken := errors.New("line is cut")
	if _, err := JSON(io.MultiReader(strings.NewReader(`{"a"`), iotest.ErrReader(broken)), some); !errors.Is(err, broken) {
		t.Errorf("JSON = %v, want the reader's own error", err)
	}
}

func TestHeadsOfPartsAreBounded(t *testing.T) {
	body := func(head, text string) string {
		return "--b\r\nContent-Disposition: form-data; name=a\r\n" + head + "\r\n" + text + "\r\n--b--\r\n"
	}
	for name, test := range map[string]struct {
		body  string
		taken bool
	}{
		"plain":               {body("", "text"), true},
		"a long text":         {body("", strings.Repeat("X: y\r\n", 10_000)), true},
		"many fields":         {body(strings.Repeat("X: y\r\n", 3000), "text"), false},
		"one long field":      {body("X: "+strings.Repeat("y", 20_000)+"\r\n", "text"), false},
		"after spaces":        {strings.Replace(body(strings.Repeat("X: y\r\n", 3000), "text"), "--b\r\n", "--b  \t \r\n", 1), false},
		"by line feeds":       {strings.ReplaceAll(body(strings.Repeat("X: y\r\n", 4000), "text"), "\r\n", "\n"), false},
		"in the second part":  {strings.Replace(body("", "text"), "--b--\r\n", body(strings.Repeat("X: y\r\n", 3000), ""), 1), false},
		"looks like a part":   {body("", "--bx\r\n"+strings.Repeat("X: y\r\n", 10_000)), true},
		"empty lines in text": {body("", strings.Repeat("\r\n", 20_000)), true},
	} {
		for how, r := range map[string]io.Reader{"whole": strings.NewReader(test.body), "in bytes": iotest.OneByteReader(strings.NewReader(test.body))} {
			parts := Parts(r, "b")
			var err error
			for err == nil {
				var p io.Reader
				if p, err = parts.NextPart(); err == nil {
					_, err = io.Copy(io.Discard, p)
				}
			}
			if errors.Is(err, io.EOF) != test.taken {
				t.Errorf("%s, %s: %v, want taken: %v", name, how, err, test.taken)
			}
		}
	}
}

// What the scanner counts is what is there, and no JSON is refused that a limit does not concern.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":[1,{"b":null}],"c":"\\\"}"}`, `[1,2,[3]]`, `{"a":1,"A":2}`, `"\ud800"`, `[tru e]`, "\ufeff{}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := JSON(iotest.OneByteReader(bytes.NewReader(data)), Limits{})
		if whole := CheckJSON(data, Limits{}); fmt.Sprint(err) != fmt.Sprint(whole) {
			t.Fatalf("in bytes %v, whole %v", err, whole)
		}
		if !json.Valid(data) {
			return
		}
		var shape *ShapeError
		if errors.As(err, &shape) && strings.HasSuffix(shape.Reason, " twice") {
			return
		}
		if err != nil {
			t.Fatalf("valid JSON %q is refused: %v", data, err)
		}
		values, dec := 0, json.NewDecoder(bytes.NewReader(data))
		var v any
		if dec.Decode(&v) != nil {
			return
		}
		values = count(v)
		if err := CheckJSON(data, Limits{Values: values}); err != nil {
			t.Fatalf("%q has %d values: %v", data, values, err)
		}
		if err := CheckJSON(data, Limits{Values: values - 1}); values > 1 && !TooMany(err) {
			t.Fatalf("%q has %d values, which are not too many for %d: %v", data, values, values-1, err)
		}
	})
}

// count is how many values there are; names are not.
func count(v any) int {
	n := 1
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			n += count(e)
		}
	case map[string]any:
		for _, e := range v {
			n += count(e)
		}
	}
	return n
}
