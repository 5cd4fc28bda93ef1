package form

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"loket/internal/limit"
)

// aReader reads a form with three fields, of which JSON has two.
func aReader() Reader {
	return Reader{
		Bytes: 1 << 20, Typed: 64 << 10, Fields: 10, Files: 2, InMemory: 1 << 10,
		Known: []string{"name", "text", "key"}, Members: []string{"name", "text"}, FilesIn: "attachments",
	}
}

func headed(kind string) http.Header { return http.Header{"Content-Type": {kind}} }

const inParts = Multipart + "; boundary=b"

// parts is a multipart form of heads and contents.
func parts(headsAndContents ...string) string {
	var b strings.Builder
	for i := 0; i < len(headsAndContents); i += 2 {
		b.WriteString("--b\r\nContent-Disposition: form-data; " + headsAndContents[i] + "\r\n\r\n" + headsAndContents[i+1] + "\r\n")
	}
	return b.String() + "--b--\r\n"
}

// A got is what came of a form.
type got struct {
	Fields url.Values
	Files  []string // name, type, content
	Chose  bool     // files
	Fault  string
}

func read(t *testing.T, rd Reader, kind string, src io.Reader) got {
	t.Helper()
	p, err := rd.Read(headed(kind), src)
	out := got{Fields: p.Values, Chose: p.HadFiles}
	if err != nil {
		out.Fault = err.Error()
	}
	defer p.Close()
	for _, f := range p.Files {
		src, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(src)
		if err != nil || int64(len(content)) != f.Size {
			t.Fatalf("file of %d bytes, said to be %d: %v", len(content), f.Size, err)
		}
		out.Files = append(out.Files, f.Name+" "+f.Type+" "+string(content))
	}
	return out
}

// However a form is sent, the same is read of it.
func TestEachWayToSendAFormIsRead(t *testing.T) {
	long := strings.Repeat("a long file\n", 10_000) // on disk, in part
	for name, tc := range map[string]struct {
		kind, body string
		want       got
	}{
		"URL-encoded": {URLEncoded, "name=Anna&text=a+b&key=k&else=%FC", got{Fields: url.Values{"name": {"Anna"}, "text": {"a b"}, "key": {"k"}}}},
		"several of a name": {
			URLEncoded, "name=&name=Anna&name=Bea", got{Fields: url.Values{"name": {"", "Anna", "Bea"}}},
		},
		"multipart": {
			inParts, parts("name=name", "Anna", "name=else", "\xfc", "name=attachments; filename=a.txt\r\nContent-Type: text/plain", long, "name=text", "a b"),
			got{Fields: url.Values{"name": {"Anna"}, "text": {"a b"}}, Files: []string{"a.txt text/plain " + long}, Chose: true},
		},
		"as many parts as may be": {
			inParts, parts(slices.Concat(slices.Repeat([]string{"name=else", ""}, 11), []string{"name=text", "x"})...), got{Fields: url.Values{"text": {"x"}}},
		},
		"no file chosen": {inParts, parts("name=text", "x", `name=attachments; filename=""`+"\r\nContent-Type: application/octet-stream", ""), got{Fields: url.Values{"text": {"x"}}}},
		"JSON": {
			JSON, `{"name":"Anna","Text":"a b","key":"the sender's own","attachments":[{"name":"a.txt","type":"text/plain","data":"aGk="}]}`,
			got{Fields: url.Values{"name": {"Anna"}, "text": {"a b"}}, Files: []string{"a.txt text/plain hi"}},
		},
		"in a charset": {
			inParts, parts("name=name", "J\xf6rg", `name=attachments; filename="gr`+"\xfc"+`n.txt"`, "hi", "name=_charset_", "iso-8859-1"),
			got{Fields: url.Values{"name": {"Jörg"}}, Files: []string{"grün.txt text/plain hi"}, Chose: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, src := range []io.Reader{strings.NewReader(tc.body), iotest.HalfReader(strings.NewReader(tc.body))} {
				if diff := cmp.Diff(tc.want, read(t, aReader(), tc.kind, src)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}

// What is refused keeps no file, and what was typed as far as it can be read, for the page that shows it again.
func TestWhatIsRefusedKeepsWhatWasTyped(t *testing.T) {
	typed := url.Values{"text": {"x"}}
	file := func(name, content string) []string { return []string{"name=attachments; filename=" + name, content} }
	form := func(more ...string) string { return parts(append([]string{"name=text", "x"}, more...)...) }
	for name, tc := range map[string]struct {
		kind, body string
		want       got
	}{
		"too many files":      {inParts, form(append(append(file("a", "1"), file("b", "2")...), file("c", "3")...)...), got{Fields: typed, Chose: true, Fault: "attachments must be at most 2"}},
		"too large":           {inParts, form(file("a", strings.Repeat("x", 2<<20))...), got{Fields: typed, Chose: true, Fault: "the request is larger than 1048576 bytes"}},
		"too much typed":      {inParts, form("name=name", strings.Repeat("x", 64<<10)), got{Fields: typed, Fault: "the request is larger than 65536 bytes"}},
		"too many fields":     {URLEncoded, "text=x" + strings.Repeat("&a", 20), got{Fields: url.Values{}, Fault: "the body has more than 10 fields"}},
		"too many parts":      {inParts, form(slices.Repeat([]string{"name=else", ""}, 12)...), got{Fields: typed, Fault: "the form has too many parts"}},
		"not base64":          {inParts, form("name=attachments; filename=a\r\nContent-Transfer-Encoding: base64", "%%%"), got{Fields: typed, Chose: true, Fault: "attachments must be base64 with padding"}},
		"a part without name": {inParts, form("filename", "x"), got{Fields: typed, Fault: "a part of the form has no name that can be read"}},
		"the name of a file":  {URLEncoded, "text=x&attachments=a.txt", got{Fields: typed, Fault: "attachments must be sent as multipart/form-data, or in JSON: in a URL-encoded form only their names come"}},
		"broken escape":       {URLEncoded, "text=x&name=%zz", got{Fields: typed, Fault: "the body is not a URL-encoded form"}},
		"another charset":     {URLEncoded, "text=x&name=%FC", got{Fields: url.Values{"text": {"x"}, "name": {"\xfc"}}, Fault: "name must be UTF-8, or name the charset that it is in"}},
		"a charset unknown":   {URLEncoded, "text=x&_charset_=klingon", got{Fields: typed, Fault: `the content type names a charset that is not known; UTF-8 always is: "klingon"`}},
		"JSON of a number":    {JSON, `{"text":"x","name":1}`, got{Fields: url.Values{}, Fault: "name must be a string, not number"}},
		"JSON of files":       {JSON, `{"text":"x","attachments":[{"data":"%"}]}`, got{Fields: url.Values{"name": {""}, "text": {"x"}}, Fault: "attachments[0].data must be base64 with padding"}},
		"another kind":        {"text/plain", "x", got{Fields: url.Values{}, Fault: "the content type must be application/json, application/x-www-form-urlencoded or multipart/form-data"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, read(t, aReader(), tc.kind, strings.NewReader(tc.body))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A form that will not be taken costs no disk and no memory for its files.
func TestFilesOfAFormThatWillNotBeTakenAreDropped(t *testing.T) {
	rd := aReader()
	rd.DropFiles = true
	body := parts("name=attachments; filename=a", strings.Repeat("x", 10<<10), "name=text", "typed after it")
	want := got{Fields: url.Values{"text": {"typed after it"}}, Chose: true}
	if diff := cmp.Diff(want, read(t, rd, inParts, strings.NewReader(body))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A large file waits in no folder that somebody could look into, and not after its form is closed.
func TestStagedFilesAreNowhere(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	p, err := aReader().Read(headed(inParts), strings.NewReader(parts("name=attachments; filename=a", strings.Repeat("x", 100<<10))))
	if err != nil {
		t.Fatal(err)
	}
	file := p.Files[0]
	if there, err := os.ReadDir(dir); err != nil || len(there) != 0 {
		t.Errorf("in the folder: %v, %v", there, err)
	}
	p.Close()
	p.Close()
	if _, err := file.Open(); err == nil {
		t.Error("a file is there after its form was closed")
	}
}

// Our trouble is told apart from theirs.
func TestTroubleOfOursMayPass(t *testing.T) {
	for name, tc := range map[string]struct {
		err    error
		status int
	}{
		"busy": {limit.ErrBusy, http.StatusServiceUnavailable}, "slow": {limit.ErrSlow, http.StatusRequestTimeout}, "broken off": {io.ErrUnexpectedEOF, http.StatusBadRequest},
	} {
		for _, kind := range []string{JSON, URLEncoded, inParts} {
			src := io.MultiReader(strings.NewReader("--b\r\nContent-Disposition: form-data; name=text\r\n\r\nx"), iotest.ErrReader(tc.err))
			if kind == JSON {
				src = iotest.ErrReader(tc.err)
			}
			_, err := aReader().Read(headed(kind), src)
			var bad *Error
			if !errors.As(err, &bad) || bad.Problem().Status != tc.status {
				t.Errorf("%s, %s: %v; want status %d", name, kind, err, tc.status)
			}
		}
	}
	t.Setenv("TMPDIR", "/nowhere")
	_, err := aReader().Read(headed(inParts), strings.NewReader(parts("name=attachments; filename=a", strings.Repeat("x", 100<<10))))
	var bad *Error
	if !errors.As(err, &bad) || bad.Fault != Unavailable {
		t.Errorf("no room for a file: %v; want that it may pass", err)
	}
}

// What is stored is what was sent, and the same post tells the same.
func TestFilesAreStoredUnderTheirMessage(t *testing.T) {
	p, err := aReader().Read(headed(inParts), strings.NewReader(parts("name=attachments; filename=a", "hello", "name=attachments; filename=b", strings.Repeat("x", 5<<10))))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	stored := map[string]int{}
	put := func(_ context.Context, name string, r io.Reader) (int64, error) {
		n, err := io.Copy(io.Discard, r)
		stored[name] = int(n)
		return n, err
	}
	for range 2 {
		if err := p.Store(t.Context(), "id", put); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(map[string]int{"id/1": 5, "id/2": 5 << 10}, stored); diff != "" || p.Attachments("id")[1].Blob != "id/2" || len(p.Digest()) != 6 {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
}

// Whatever is sent, it is read within bounds or refused with a reason; nothing panics.
func FuzzRead(f *testing.F) {
	f.Add(0, []byte(`{"text":"a","attachments":[{"name":"a","data":"`+base64.StdEncoding.EncodeToString([]byte("b"))+`"}]}`))
	f.Add(1, []byte("text=a&name=%FC&_charset_=latin1"))
	f.Add(2, []byte(parts("name=text", "x", "name=attachments; filename=a", "b")))
	f.Add(2, []byte(parts(`name=a; filename*=utf-8''%e2%80%ae`+"\r\nContent-Transfer-Encoding: base64", "%%")))
	f.Fuzz(func(t *testing.T, kind int, data []byte) {
		rd := aReader()
		rd.Bytes, rd.InMemory = 4<<10, 64
		kinds := []string{JSON, URLEncoded, inParts}
		p, err := rd.Read(headed(kinds[uint(kind)%3]), bytes.NewReader(data))
		var bad *Error
		if err == nil {
			defer p.Close()
		}
		switch {
		case err != nil && (!errors.As(err, &bad) || bad.Reason == "" || bad.Fault == Unavailable || len(p.Files) > 0):
			t.Fatalf("refused by %v with %d files", err, len(p.Files))
		case err == nil && (len(p.Files) > rd.Files || len(data) > int(rd.Bytes)):
			t.Fatalf("took %d files of %d bytes", len(p.Files), len(data))
		}
		for name := range p.Values {
			if !rd.knows(name) {
				t.Errorf("read %q, which is not known", name)
			}
		}
		for _, file := range p.Files {
			if file.Name == "" || strings.ContainsAny(file.Name, "/\\\n") || !strings.Contains(file.Type, "/") {
				t.Errorf("file %q of type %q", file.Name, file.Type)
			}
		}
	})
}
