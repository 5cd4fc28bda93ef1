package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
	"pgregory.net/rapid"

	"loket/internal/field"
	"loket/internal/proptest"
	"loket/internal/store"
	"loket/internal/store/storetest"
)

func takeIn(tb testing.TB, r *Registry, text string, opt ImportOptions) ImportReport {
	tb.Helper()
	if opt.By.At.IsZero() {
		opt.By = Actor{Name: "anna", At: noon}
	}
	rep, err := r.Import(tb.Context(), strings.NewReader(text), opt)
	if err != nil {
		tb.Fatalf("Import = %v", err)
	}
	return rep
}

func testConfig() Config { return Config{Region: "NL", Key: []byte("a key of the tests")} }

// snapshot is all that a registry knows, without ids that were made and without times of its own.
func snapshot(tb interface {
	Fatal(...any)
	Context() context.Context
}, r *Registry,
) []string {
	ctx := tb.Context()
	rdb := r.store.Redis()
	keys, err := rdb.Keys(ctx, "lk:{reg}:i:*").Result()
	if err != nil {
		tb.Fatal(err)
	}
	groups := map[string][]string{}
	var out []string
	for _, key := range keys {
		x := strings.TrimPrefix(key, "lk:{reg}:i:")
		if _, ok := cidOf(x); ok {
			continue
		}
		e, ok := parseEntry(x, rdb.Get(ctx, key).Val())
		if !ok {
			tb.Fatal("no entry", x)
		}
		groups[e.group] = append(groups[e.group], fmt.Sprintf("%s(%d %v %v)", x, e.tie, e.contested, e.generic))
		for f, w := range rdb.HGetAll(ctx, noteKey(x)).Val() {
			out = append(out, x+" "+f+"="+w)
		}
	}
	for id, nodes := range groups {
		name := ""
		if customerOf(id) != "" {
			c, err := r.Customer(ctx, id)
			if err != nil {
				tb.Fatal(err)
			}
			name = c.Name
		}
		slices.Sort(nodes)
		out = append(out, name+": "+strings.Join(nodes, " "))
	}
	for _, set := range append(rdb.Keys(ctx, phonesKey("*")).Val(), searchKey()) {
		for _, m := range rdb.ZRange(ctx, set, 0, -1).Val() {
			out = append(out, set+" "+m)
		}
	}
	slices.Sort(out)
	return out
}

const crm = "id;customer_no;Name;E-mail;email_2;phone;Preferred;consent.newsletter;consent.calls:phone;attribute.Town;-internal\n" +
	"1;1001;Kate Bush;kate@example.org;kate@work.example;06 12345678;email:kate@work.example;ja;no;Utrecht;x\n" +
	"2;1002;\"Anna\nvan der Berg\";anna@example.org;;0201234567; phone ;nee;;;\n"

func TestImportTakesRowsIn(t *testing.T) {
	r := empty(t)
	rep := takeIn(t, r, "\ufeff"+crm, ImportOptions{System: "acme"})
	if diff := cmp.Diff(ImportReport{Rows: 2, Created: 2, Lines: 3}, rep); diff != "" {
		// The second row ends on line 4 and begins on 3.
		t.Fatalf("Import (-want +got):\n%s", diff)
	}
	c, _, err := r.Owner(t.Context(), one(t, "email:kate@work.example"))
	if err != nil || c.Name != "Kate Bush" ||
		holds(c) != "cno:1001 crm:acme:1 email:kate@example.org email:kate@work.example phone:+31612345678" {
		t.Fatalf("Owner = %v %s, %v", c, holds(c), err)
	}
	if x, ok, err := r.Preferred(t.Context(), c.ID, Service); err != nil || !ok || x.String() != "email:kate@work.example" {
		t.Errorf("Preferred = %v, %v, %v", x, ok, err)
	}
	for line, want := range map[string]bool{
		"email:kate@example.org newsletter": true, "phone:0612345678 newsletter": true, "phone:0612345678 calls": false,
		"email:anna@example.org newsletter": false, "email:kate@example.org calls": false, "email:anna@example.org service": true,
	} {
		x, purpose, _ := strings.Cut(line, " ")
		if got, err := r.Allowed(t.Context(), one(t, x), purpose); err != nil || got != want {
			t.Errorf("Allowed(%s) = %v, %v, want %v", line, got, err, want)
		}
	}
	attributes, err := r.Attributes(t.Context(), c.ID)
	if diff := cmp.Diff([]Attribute{{Name: "Town", Value: "Utrecht", Source: "crm:acme:1", At: noon}}, attributes); diff != "" || err != nil {
		t.Errorf("Attributes (-want +got), %v:\n%s", err, diff)
	}
	if again := takeIn(t, r, crm, ImportOptions{System: "acme"}); again.Same != 2 {
		t.Errorf("Import again = %+v, want all the same", again)
	}
	sound(t, r)
}

func TestImportTellsWhatIsWrongAndGoesOn(t *testing.T) {
	s := storetest.New(t)
	for _, tc := range []struct{ name, text, want string }{
		{"no key", "id,email\n,a@example.org\n2,b@example.org\n", "2 bad must have id or customer_no"},
		{"bad field", "id,email,phone\n1,a@example.org,12\n", "2 left-out phone: must be one phone number that exists, such as +31 20 123 4567"},
		{"columns", "id,email\n1\n2,b@example.org\n", "2 bad must have 2 columns as the header has, not 1"},
		{"open quote", "id,name\n1,\"Kate\n2,Anna\n3,Eve\n", "2 bad must have every quotation mark closed, and doubled within a cell"},
		{"not UTF-8", "id,name\n2,Anna\n" + strings.Repeat("\n", 70_000) + "1,\xcf\xe5\xf2\xf0\xee\xe2\xe0\n", "70003 bad must be UTF-8, or in a charset that is named"},
		{"json", "{\"id\":\"1\"}\n{\"id\":2}\n{\"nam\":1}\n{\"id\":\"4\"}", "2 bad must be one JSON object of a row: json: cannot unmarshal number into Go struct field Row.id of type string" +
			"|3 bad must be one JSON object of a row: json: unknown field \"nam\""},
		{"not of the charset", "\xff\xfei\x00d\x00\n\x001\x00\n\x00\x3d\xd8\n\x00", "3 bad must be text of the charset that is named"},
		{"rounded", "customer_no,name\n1.00E+05,Anna\n", "2 bad customer_no: must be the whole number, not what a spreadsheet made of it: format the column as text"},
		{"error of a spreadsheet", "id,customer_no,name\n1,#N/B,Anna\n", "2 left-out customer_no: must be somebody's, not a value that says nothing about anybody"},
		{"no name", "id,name\n1,(leeg)\n", "2 left-out name: must be somebody's, not a value that says nothing about anybody"},
		{"says nothing", "id,email\n0000,a@example.org\n", "2 bad id: must be somebody's, not a value that says nothing about anybody"},
		{"purpose", "id,consent.News Letter\n1,yes\n", "2 left-out consent: purpose: must be 1 to 40 of a-z, 0-9, _ . and -, such as newsletter"},
		{"yes or no", "id,consent.news\n1,perhaps\n", "2 bad column consent.news: must be yes or no"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := emptied(t, s)
			rep := takeIn(t, r, tc.text, ImportOptions{System: "acme"})
			var got []string
			for _, p := range rep.Problems {
				got = append(got, fmt.Sprintf("%d %s %s", p.Line, p.Kind, p.Reason))
			}
			if diff := cmp.Diff(tc.want, strings.Join(got, "|")); diff != "" {
				t.Errorf("Problems (-want +got):\n%s", diff)
			}
			if rep.Rows != rep.Created+rep.Bad {
				t.Errorf("Import = %+v, want each row counted once", rep)
			}
		})
	}
}

func TestImportRefusesAHeaderItDoesNotKnow(t *testing.T) {
	r := empty(t)
	_, err := r.Import(t.Context(), strings.NewReader("naam,plaats\n"), ImportOptions{System: "acme"})
	want := "import: line 1: header: column \"naam\" is unknown: call it attribute.naam to keep it, -naam to leave it out\n" +
		"column \"plaats\" is unknown: call it attribute.plaats to keep it, -plaats to leave it out\n" +
		"there must be a column id or customer_no"
	if err == nil || err.Error() != want {
		t.Errorf("Import = %v, want %s", err, want)
	}
}

func TestImportTellsTheMistakesOfWhoeverAsksFromItsOwn(t *testing.T) {
	r := empty(t)
	for path, in := range map[string]struct {
		source io.Reader
		opt    ImportOptions
	}{
		"mode":   {strings.NewReader("id\n1\n"), ImportOptions{Mode: "remove"}},
		"format": {strings.NewReader("id\n1\n"), ImportOptions{Format: "xml"}},
		"":       {io.MultiReader(strings.NewReader("id\n1\n"), broken{}), ImportOptions{System: "acme"}},
	} {
		var wrong *field.Error
		if _, err := r.Import(t.Context(), in.source, in.opt); !errors.As(err, &wrong) || wrong.Path != path {
			t.Errorf("Import = %v, want a mistake at %q", err, path)
		}
	}
	var wrong *field.Error
	if _, err := r.Import(t.Context(), strings.NewReader(""), ImportOptions{}); !errors.As(err, &wrong) {
		t.Errorf("Import of nothing = %v, want what is wrong with it", err)
	}
	_ = r.store.Close()
	if _, err := r.Import(t.Context(), strings.NewReader("id\n1\n"), ImportOptions{System: "acme"}); err == nil || errors.As(err, &wrong) {
		t.Errorf("Import without a store = %v, want an error of its own", err)
	}
}

func TestImportReportsConflictsAndErased(t *testing.T) {
	r := empty(t)
	text := "id,email\n1,kate@example.org\n2,kate@example.org\n"
	rep := takeIn(t, r, text, ImportOptions{System: "acme"})
	if rep.Conflicts != 1 || rep.Created != 1 || len(rep.Problems) != 1 || rep.Problems[0].Kind != "conflict" {
		t.Errorf("Import of one address for two = %+v", rep)
	}
	c, _, err := r.Owner(t.Context(), one(t, "crm:acme:1"))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Erase(t.Context(), c.ID, Actor{Name: "anna"}); err != nil {
		t.Fatal(err)
	}
	rep = takeIn(t, r, "id,email\n1,new@example.org\n3,eve@example.org\n", ImportOptions{System: "acme"})
	if rep.Bad != 1 || rep.Created != 1 || !strings.Contains(rep.Problems[0].Reason, ErrGone.Error()) {
		t.Errorf("Import of an erased customer = %+v", rep)
	}
	sound(t, r)
}

// A number that is given to several people makes one customer of them, whatever it says; so it is told, in a dry run too. One
// person's rows are not.
func TestAKeyThatIsGivenToSeveralIsTold(t *testing.T) {
	s := storetest.New(t)
	text := "id,customer_no,name,email,phone\n" +
		",99999,Anna Bakker,anna@example.org,\n" +
		",99999,Bert Visser,bert@example.org,\n" + // 3: told
		",99999,\"Bakker, A.\",a.bakker@example.org,\n" +
		",99999,,somebody@example.org,\n" +
		",99999,Anna de Wit,A.Bakker@example.org,\n" +
		"7,,Jan Bos,,0612345678\n" +
		"7,,Piet Bos,,0612345679\n" + // 8: told
		"7,,J. Bosch,,+31 6 1234 5678\n" +
		"8,,Jürgen Müller,,\n" +
		"8,,JURGEN MULLER,j@example.org,\n"
	for _, dry := range []bool{true, false} {
		r := emptied(t, s)
		rep := takeIn(t, r, text, ImportOptions{System: "acme", DryRun: dry})
		want := []ImportProblem{
			{Line: 3, Key: "99999", Kind: "conflict", Reason: "customer_no: line 2 gives it to another name and address; both are one customer now"},
			{Line: 8, Key: "7", Kind: "conflict", Reason: "id: line 7 gives it to another name and address; both are one customer now"},
		}
		if diff := cmp.Diff(want, rep.Problems); diff != "" || rep.Conflicts != 2 {
			t.Errorf("dry %v: Import = %+v (-want +got):\n%s", dry, rep, diff)
		}
	}
}

func TestConflictsNameTheIdentifier(t *testing.T) {
	r := empty(t)
	rep := takeIn(t, r, "id,email,email_2\n1,kate@example.org,\n", ImportOptions{System: "acme"})
	owner, _, err := r.Owner(t.Context(), one(t, "crm:acme:1"))
	if err != nil {
		t.Fatal(rep, err)
	}
	rep = takeIn(t, r, "id,email,email_2\n2,new@example.org,kate@example.org\n", ImportOptions{System: "acme"})
	want := []ImportProblem{{Line: 2, Key: "2", Kind: "conflict", Reason: "email:kate@example.org: it is customer " + owner.ID + "'s"}}
	if diff := cmp.Diff(want, rep.Problems); diff != "" {
		t.Errorf("Import of another's address (-want +got):\n%s", diff)
	}
	r = empty(t)
	owner = register(t, r, "crm:acme:1", "email:kate@example.org")
	_, err = r.Register(t.Context(), ids(t, "vouched crm:acme:9", "vouched email:kate@example.org"), "", Actor{Name: "anna"})
	if want := "email:kate@example.org is customer " + owner.ID + "'s"; !errors.Is(err, ErrConflict) || !strings.Contains(err.Error(), want) {
		t.Errorf("Register = %v, want %s", err, want)
	}
	sound(t, r)
}

func TestDryRunTellsAndWritesNothing(t *testing.T) {
	r := empty(t)
	takeIn(t, r, "id,email\n1,kate@example.org\n", ImportOptions{System: "acme"})
	shows(t, r, "email:anna@example.org")
	shows(t, r, "phone:+31201234567")
	before := snapshot(t, r)
	rep := takeIn(t, r, "id,email,phone\n1,kate@example.org,\n2,kate@example.org,\n3,anna@example.org,0201234567\n"+
		"4,new@example.org,\n5,new@example.org,\n1,,0612345678\n", ImportOptions{System: "acme", DryRun: true})
	if diff := cmp.Diff(before, snapshot(t, r)); diff != "" {
		t.Errorf("a dry run changed (-before +after):\n%s", diff)
	}
	if rep.Rows != 6 || rep.Same != 1 || rep.Conflicts != 2 || rep.Joined != 1 || rep.Created != 1 || rep.Bound != 1 {
		t.Errorf("Import = %+v", rep)
	}
}

func TestReplaceTakesBackOnlyWhatTheSameSourceSaid(t *testing.T) {
	r := empty(t)
	opt := func(hours int, mode Mode) ImportOptions {
		return ImportOptions{System: "acme", Mode: mode, By: Actor{Name: "anna", At: noon.Add(time.Duration(hours) * time.Hour)}}
	}
	takeIn(t, r, "id,email,phone,attribute.town,attribute.tier\n1,old@example.org,0612345678,Utrecht,gold\n", opt(0, Add))
	c, _, err := r.Owner(t.Context(), one(t, "crm:acme:1"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Link(t.Context(), one(t, "email:agent@example.org"), c.ID, Actor{Name: "anna", At: noon}); err != nil {
		t.Fatal(err)
	}
	next := "id,email,phone,attribute.town\n1,new@example.org,0612345678,Amersfoort\n"
	for i := 1; i < 3; i++ {
		takeIn(t, r, next, opt(i, Replace))
		c = customer(t, r, c.ID)
		if got, want := holds(c), "crm:acme:1 email:agent@example.org email:new@example.org phone:+31612345678"; got != want {
			t.Errorf("after Replace: %s, want %s", got, want)
		}
		a, _ := r.Attributes(t.Context(), c.ID)
		if len(a) != 1 || a[0].Value != "Amersfoort" {
			t.Errorf("Attributes after Replace = %+v", a)
		}
	}
	takeIn(t, r, "id,email,phone\n1,new@example.org,12\n", opt(3, Replace))
	if got := holds(customer(t, r, c.ID)); !strings.Contains(got, "phone:+31612345678") {
		t.Errorf("a row with a mistake took back: %s", got)
	}
	sound(t, r)
}

// TestImportIsOrderFreeAndRestartable is I17: shuffled, cut anywhere and run again, the registry is the same.
func TestImportIsOrderFreeAndRestartable(t *testing.T) {
	socket := storetest.Server(t)
	one, two := empty(t), New(storetest.On(t, &redis.Options{Network: "unix", Addr: socket}), testConfig())
	proptest.Check(t, 30, func(t *rapid.T) {
		for _, r := range []*Registry{one, two} {
			if err := r.store.Redis().FlushAll(context.Background()).Err(); err != nil {
				t.Fatal(err)
			}
		}
		mode := rapid.SampledFrom([]Mode{Add, Replace}).Draw(t, "mode")
		rows := rapid.SliceOfN(rapid.Custom(aRow), 1, 12).Draw(t, "rows")
		opt := ImportOptions{System: "acme", Mode: mode, By: Actor{Name: "anna", At: noon}}
		take := func(r *Registry, rows []Row, cut int) {
			var b strings.Builder
			for _, row := range rows {
				text, _ := json.Marshal(row)
				b.Write(append(text, '\n'))
			}
			src := io.Reader(strings.NewReader(b.String()))
			if cut >= 0 {
				src = io.MultiReader(io.LimitReader(src, int64(min(cut, b.Len()))), broken{})
			}
			_, err := r.Import(context.Background(), src, opt)
			if (err != nil) != (cut >= 0) {
				t.Fatal(err)
			}
		}
		take(one, rows, -1)
		shuffled := rapid.Permutation(rows).Draw(t, "shuffled")
		if rapid.Bool().Draw(t, "between rows") {
			take(two, shuffled, rapid.IntRange(0, 2000).Draw(t, "cut"))
		} else { // the process ends between any two commands, some of them under way
			client := redis.NewClient(&redis.Options{Network: "unix", Addr: socket})
			client.AddHook(&cutting{left: rapid.Int64Range(1, 30).Draw(t, "commands")})
			s := store.New(client, store.Info{}, nil)
			text, _ := json.Marshal(shuffled[0])
			for _, row := range shuffled[1:] {
				more, _ := json.Marshal(row)
				text = append(append(text, '\n'), more...)
			}
			_, _ = New(s, testConfig()).Import(context.Background(), strings.NewReader(string(text)), opt)
			_ = s.Close()
		}
		take(two, rapid.Permutation(rows).Draw(t, "again"), -1)
		if diff := cmp.Diff(snapshot(t, one), snapshot(t, two)); diff != "" {
			t.Fatalf("shuffled, cut and again (-once +again):\n%s", diff)
		}
	})
}

// cutting lets a number of commands through, and then none.
type cutting struct {
	mu   sync.Mutex
	left int64
}

func (c *cutting) take() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left--; c.left < 0 {
		return errors.New("the process ended")
	}
	return nil
}

func (c *cutting) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c *cutting) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if err := c.take(); err != nil {
			cmd.SetErr(err)
			return err
		}
		return next(ctx, cmd)
	}
}

func (c *cutting) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if err := c.take(); err != nil {
			for _, cmd := range cmds {
				cmd.SetErr(err)
			}
			return err
		}
		return next(ctx, cmds)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the wire broke") }

func aRow(t *rapid.T) Row {
	few := func(label string, from ...string) []string {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(from), 0, 2, rapid.ID[string]).Draw(t, label)
	}
	row := Row{
		ID:          rapid.SampledFrom([]string{"1", "2", "3", "4"}).Draw(t, "id"),
		CustomerNo:  rapid.SampledFrom([]string{"", "1001", "1002"}).Draw(t, "no"),
		Name:        rapid.SampledFrom([]string{"", "Kate Bush", "Anna van der Berg"}).Draw(t, "name"),
		Emails:      few("emails", "a@example.org", "b@example.org", "c@example.org", "info@example.org"),
		Phones:      few("phones", "0612345678", "0201234567"),
		Identifiers: few("others", "xh:kate", "bsuid:7:NL.abc", "xu:12345"),
		Preferred:   rapid.SampledFrom([]string{"", "email", "phone"}).Draw(t, "preferred"),
	}
	for _, p := range few("purposes", "newsletter", "calls:phone") {
		put(&row.Consent, p, YesNo(rapid.Bool().Draw(t, p)))
	}
	for _, a := range few("attributes", "town", "tier") {
		put(&row.Attributes, a, rapid.SampledFrom([]string{"x", "y"}).Draw(t, a))
	}
	return row
}

func (y YesNo) String() string { return map[YesNo]string{true: "yes", false: "no"}[y] }

func TestImportTellsItsProgress(t *testing.T) {
	r := empty(t)
	var b strings.Builder
	b.WriteString("id,email\n")
	for i := range 1200 {
		fmt.Fprintf(&b, "%d,p%d@example.org\n", i+1, i)
	}
	var told []int
	rep := takeIn(t, r, b.String(), ImportOptions{System: "acme", Progress: func(p ImportReport) { told = append(told, p.Rows) }})
	if diff := cmp.Diff([]int{500, 1000}, told); diff != "" || rep.Created != 1200 {
		t.Errorf("Progress (-want +got), %+v:\n%s", rep, diff)
	}
}

func TestYesNoIsReadInSeveralLanguages(t *testing.T) {
	words := map[string]YesNo{"Ja": true, " yes ": true, "1": true, "opt-out": false, "NEE": false, "false": false}
	for _, s := range slices.Sorted(maps.Keys(words)) {
		if got, err := ParseYesNo(s); err != nil || got != words[s] {
			t.Errorf("ParseYesNo(%q) = %v, %v", s, got, err)
		}
	}
	if _, err := ParseYesNo(""); err == nil {
		t.Error("ParseYesNo of nothing = nil")
	}
}

func TestImportTakesNumbersThatTheLibraryDoesNotKnow(t *testing.T) {
	r := empty(t)
	rep := takeIn(t, r, "id;name;phone\n1;Ann;+1 861 234 0100\n2;Bea;+1 471 555 0123\n3;Cis;+1234567890\n4;Dot;+11111111111\n5;Eva;+10000000000\n", ImportOptions{System: "acme"})
	if rep.Rows != 5 || rep.Created != 5 || len(rep.Problems) != 3 {
		t.Errorf("Import = %+v, want five customers, three of them without their number", rep)
	}
	for _, x := range []string{"phone:+18612340100", "phone:+14715550123"} {
		if c, _, err := r.Owner(t.Context(), one(t, x)); err != nil || c == nil {
			t.Errorf("Owner(%s) = %v, %v", x, c, err)
		}
	}
}
