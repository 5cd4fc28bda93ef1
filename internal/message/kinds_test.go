package message

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"loket/internal/proptest"
)

const channelID = "UC_x5XG1OV2P6uZZ5FSM9Ttw"

func TestNewIdentifierNormalForm(t *testing.T) {
	for _, tc := range []struct{ kind, scope, value, want string }{
		{"email", "", "Kate@Example.org", "email:kate@example.org"},
		{"phone", "", "+31 6 12345678", "phone:+31612345678"},
		{"wa", "", "31612345678", "wa:31612345678"},
		{"bsuid", "98765", "NL.13491208655302741918", "bsuid:98765:NL.13491208655302741918"},
		{"bsuid", "98765", "NL.ENT.aB12", "bsuid:98765:NL.ENT.aB12"},
		{"psid", "1234", " 5678 ", "psid:1234:5678"},
		{"igsid", "1234", "5678", "igsid:1234:5678"},
		{"xu", "", "783214", "xu:783214"},
		{"tg", "", "5812345678", "tg:5812345678"},
		{"yt", "", channelID, "yt:" + channelID},
		{"sub", "https://login.example.org", "User:7", "sub:login.example.org:User:7"},
		{"sub", "https://login.example.org:8443/a", "7", "sub:login.example.org%3A8443/a:7"},
		{"sub", "shop", "7", "sub:shop:7"},
		{"cno", "", " K-1042 ", "cno:K-1042"},
		{"crm", "SalesForce", "003xx0000AbC", "crm:salesforce:003xx0000AbC"},
		{"xh", "", "@Kate_O", "xh:kate_o"},
		{"tg.user", "", "@Kate_O", "tg.user:kate_o"},
		{"wa.user", "", "@Kate.O", "wa.user:kate.o"},
		{"ig.user", "", "Kate.O_", "ig.user:kate.o_"},
		{"yt.handle", "", "@Kate-O", "yt.handle:kate-o"},
		{"yt.handle", "", "@кате", "yt.handle:кате"},
		{"fedi", "", "https://Mastodon.Example/@Kate", "fedi:https://mastodon.example/@Kate"},
		{"fedi.user", "", "@Kate_O@Mastodon.Example", "fedi.user:kate_o@mastodon.example"},
		{"did", "", "did:plc:z72i7hdynmk6r22z27h6tvur", "did:plc:z72i7hdynmk6r22z27h6tvur"},
		{"bsky", "", "@Kate.Bsky.Example", "bsky:kate.bsky.example"},
		{"session", "", "aB3", "session:aB3"},
		{"submission", "", "x", "submission:x"},
		{"call", "", "1699.2@pbx", "call:1699.2@pbx"},
	} {
		got, err := NewIdentifier(tc.kind, tc.scope, tc.value, Vouched)
		if err != nil || got.String() != tc.want || got.Level != Vouched {
			t.Errorf("NewIdentifier(%s, %q, %q) = %v, %v, want %s", tc.kind, tc.scope, tc.value, got, err, tc.want)
			continue
		}
		again, err := NewIdentifier(got.Kind, got.Scope, got.Value, got.Level)
		if err != nil || again != got {
			t.Errorf("NewIdentifier of %v = %v, %v", got, again, err)
		}
		parsed, err := ParseIdentifier(got.String(), "NL", got.Level)
		if err != nil || parsed != got {
			t.Errorf("ParseIdentifier(%s) = %v, %v", got, parsed, err)
		}
	}
}

func TestNewIdentifierRefuses(t *testing.T) {
	for _, tc := range []struct{ kind, scope, value, want string }{
		{"emial", "", "x", `unknown kind "emial" (did you mean "email"?): must be one of email, phone, wa,`},
		{"fax", "", "x", `unknown kind "fax": must be one of`},
		{"kate@example.org", "", "x", `unknown kind "…": must be one of`},
		{strings.Repeat("x", 1000), "", "x", `unknown kind "…": must be one of`},
		{"email", "", "kate", "email: must be one e-mail address such as name@example.org"},
		{"email", "x", "kate@example.org", "email: must be given without a scope, as email:<value>"},
		{"phone", "", "0612345678", "phone: must be one phone number that exists"},
		{"wa", "", "0612345678", "wa: must be a WhatsApp id"},
		{"psid", "", "5", "psid: must name its page, as psid:<page>:<value>"},
		{"psid", "1 2", "5", "psid: the page must be"},
		{"psid", "1", "05", "psid: must be the platform's own number"},
		{"psid", "1", "٥", "psid: must be the platform's own number"},
		{"igsid", "1", "x", "igsid: must be"},
		{"xu", "", "-1", "xu: must be"},
		{"tg", "", "-1001", "tg: must be"},
		{"tg.user", "", "ka", "tg.user: must be 3 to 32"},
		{"yt", "", "kate", "yt: must be a channel id"},
		{"bsuid", "1", "nl.1", "bsuid: must be two capitals"},
		{"bsuid", "1", "NL.1:2", "bsuid: must be two capitals"},
		{"bsuid", "", "NL.12", "bsuid: must name its portfolio"},
		{"crm", "", "5", "crm: must name its system"},
		{"crm", "sälesforce", "5", "crm: the system must be"},
		{"sub", "https", "//login.example.org:7", "sub: the issuer must be written without https://"},
		{"cno", "", " ", "cno: must be 1 to 255 printable characters"},
		{"cno", "", "1\x002", "cno: must be"},
		{"cno", "", "1\u00a02", "cno: must be"},
		{"cno", "", strings.Repeat("1", 256), "cno: must be"},
		{"xh", "", "@", "xh: must be 1 to 20"},
		{"xh", "", "\u212aate", "xh: must be"},
		{"ig.user", "", "kate-o", "ig.user: must be"},
		{"wa.user", "", "ab", "wa.user: must be 3 to 35"},
		{"yt.handle", "", "a b c", "yt.handle: must be"},
		{"yt.handle", "", "abc\xff", "yt.handle: must be"},
		{"fedi", "", "http://mastodon.example/@kate", "fedi: must be the address of an account"},
		{"fedi", "", "https://mastodon.example/", "fedi: must be"},
		{"fedi", "", "https://mastodon.example/@ka te", "fedi: must be"},
		{"fedi.user", "", "kate", "fedi.user: must be a name and a server"},
		{"did", "", "plc", "did: must be a DID"},
		{"bsky", "", "kate", "bsky: must be a domain name"},
		{"session", "", "a b", "session: must be"},
		{"sip", "", "pbx.example.org", "sip: must be a SIP address"},
		{"sip", "", "a b@pbx.example.org", "sip: must be"},
		{"phone", "", "+0612345678", "phone: must be one phone number that exists"},
	} {
		got, err := NewIdentifier(tc.kind, tc.scope, tc.value, Attested)
		if err == nil || !strings.HasPrefix(err.Error(), tc.want) {
			t.Errorf("NewIdentifier(%.20s, %q, %.20q) = %v, %v, want %s", tc.kind, tc.scope, tc.value, got, err, tc.want)
		}
	}
}

func TestParseIdentifierReadsWhatPeopleType(t *testing.T) {
	for _, tc := range []struct {
		in    string
		level Level
		want  string
	}{
		{"email:kate@example.org", Attested, "email:kate@example.org"},
		{" EMAIL: Kate@example.org ", Attested, "email:kate@example.org"},
		{"~email:kate@example.org", Decided, "~email:kate@example.org"},
		{"email:kate@example.org", Claimed, "~email:kate@example.org"},
		{"phone:06 1234 5678", Vouched, "phone:+31612345678"},
		{"phone:+1 861 234 0100", Vouched, "phone:+18612340100"},
		{"sip:Kate@PBX.example.org;transport=udp", Vouched, "sip:Kate@pbx.example.org"},
		{"sip:sips:kate@pbx.example.org", Claimed, "~sip:kate@pbx.example.org"},
		{"phone:+32 470 12 34 56", Vouched, "phone:+32470123456"},
		{`email:"a:b"@example.org`, Vouched, `email:"a:b"@example.org`},
		{"cno:a:b", Vouched, "cno:a:b"},
		{"bsuid:1:NL.5", Vouched, "bsuid:1:NL.5"},
	} {
		got, err := ParseIdentifier(tc.in, "NL", tc.level)
		if err != nil || got.Node() != tc.want {
			t.Errorf("ParseIdentifier(%q) = %s, %v, want %s", tc.in, got.Node(), err, tc.want)
		}
	}
	for _, in := range []string{"", "kate@example.org", "~", "~~email:kate@example.org", ":", "email:", "bsuid:NL.5", "sub:https://a.example:5", "cid:5"} {
		if got, err := ParseIdentifier(in, "NL", Decided); err == nil {
			t.Errorf("ParseIdentifier(%q) = %v, want an error", in, got)
		}
	}
}

func TestClassOfEveryKind(t *testing.T) {
	for kind, want := range map[string]Class{
		"email": Reassignable, "phone": Reassignable, "wa": Reassignable, "bsuid": Stable, "psid": Stable, "igsid": Stable,
		"xu": Stable, "tg": Stable, "tg.user": Alias, "yt": Stable, "sub": Stable, "cno": Anchor, "crm": Anchor, "xh": Alias, "wa.user": Alias,
		"yt.handle": Alias, "fedi": Stable, "fedi.user": Alias, "did": Stable, "bsky": Alias, "ig.user": Alias, "sip": Reassignable, "rcs": Alias, "session": Ephemeral, "submission": Ephemeral, "call": Ephemeral, "fax": ClaimOnly,
	} {
		if got := (Identifier{Kind: kind, Level: Attested}).Class(); got != want {
			t.Errorf("Class of %s = %s, want %s", kind, got, want)
		}
		if want != Ephemeral {
			want = ClaimOnly
		}
		if got := (Identifier{Kind: kind, Level: Claimed}).Class(); got != want {
			t.Errorf("Class of a claimed %s = %s, want %s", kind, got, want)
		}
	}
}

func TestIdentifierTwiceIsOnce(t *testing.T) {
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		k := rapid.SampledFrom(kinds[:]).Draw(t, "kind")
		scope := ""
		if k.scope != "" {
			scope = rapid.StringMatching(`(https://)?[A-Za-z0-9.:%/ -]{1,12}`).Draw(t, "scope")
		}
		value := rapid.OneOf(rapid.StringMatching(`[@+ ]?[A-Za-z0-9_.:@é-]{1,24}`), rapid.StringMatching(`[A-Z]{2}\.[0-9]{1,5}`), rapid.StringMatching(`[0-9]{1,15}`), rapid.String()).Draw(t, "value")
		level := Level(rapid.IntRange(int(Mentioned), int(Decided)).Draw(t, "level"))
		once, err := NewIdentifier(k.name, scope, value, level)
		if err != nil {
			return
		}
		checkIdentifier(t, once, level)
		twice, err := NewIdentifier(once.Kind, once.Scope, once.Value, once.Level)
		if err != nil || twice != once {
			t.Fatalf("%#v becomes %#v, %v", once, twice, err)
		}
	})
}

// checkIdentifier holds what is true of every identifier that a constructor gave.
func checkIdentifier(t interface{ Fatalf(string, ...any) }, id Identifier, asked Level) {
	if id.Level > asked {
		t.Fatalf("%#v has a higher level than the %v given", id, asked)
	}
	if !utf8.ValidString(id.String()) || strings.IndexFunc(id.String(), unicode.IsControl) >= 0 || strings.HasPrefix(id.String(), "~") {
		t.Fatalf("%#v does not make a clean key", id)
	}
	back, err := ParseIdentifier(id.String(), "", id.Level)
	if err != nil || back != id {
		t.Fatalf("%#v reads back as %#v, %v", id, back, err)
	}
	if node, err := ParseIdentifier(id.Node(), "", Decided); err != nil || id.Claim() && !node.Claim() {
		t.Fatalf("node %s reads back as %#v, %v", id.Node(), node, err)
	}
}

func FuzzParseIdentifier(f *testing.F) {
	for _, s := range []string{
		"email:kate@example.org", "~email:\u212aate@Bücher.example.", `email:"a b"@x`, "phone:06 1234 5678", "phone:+31 (0)6 12345678 ext 3",
		"wa:31612345678", "bsuid:98765:NL.ENT.a1", "psid:1:2", "yt:" + channelID, "sub:login.example.org%3A8443:a:b", "cno:K 1", "crm:sf:003",
		"xh:@Kate", "yt.handle:@кате", "session:abc", "emial:x", "kate@example.org", "~~x:", ":::",
	} {
		f.Add(s, "NL", int(Attested))
	}
	f.Fuzz(func(t *testing.T, s, region string, level int) {
		asked := Level(((level % 6) + 6) % 6)
		id, err := ParseIdentifier(s, region, asked)
		if err != nil {
			if len(err.Error()) > 400 {
				t.Fatalf("error of %d bytes: %v", len(err.Error()), err)
			}
			return
		}
		if strings.HasPrefix(strings.TrimSpace(s), "~") && !id.Claim() {
			t.Fatalf("%q is no claim", s)
		}
		checkIdentifier(t, id, asked)
		_, _, _ = id.Blocked(), id.Role(), id.Class()
	})
}

// What the table of kinds says of each: a new kind has a row here.
func TestWhatKindsAre(t *testing.T) {
	want := map[string]string{
		"email": "mailbox reachable", "phone": "number reachable", "wa": "number reachable",
		"bsuid": "reachable", "psid": "reachable", "igsid": "reachable", "xu": "reachable bare", "tg": "reachable bare", "yt": "bare", "sub": "",
		"cno": "bare", "crm": "",
		"xh": "xu's bare", "tg.user": "tg's bare", "wa.user": "bsuid's bare", "yt.handle": "yt's bare", "fedi": "bare", "did": "", "fedi.user": "fedi's", "bsky": "did's", "ig.user": "igsid's bare",
		"sip": "", "rcs": "", "session": "", "submission": "", "call": "",
	}
	got := map[string]string{}
	for _, k := range kinds {
		id := Identifier{Kind: k.name, Level: Attested}
		var is []string
		for _, account := range kinds {
			if (Identifier{Kind: account.name}).Bears(id) {
				is = append(is, account.name+"'s")
			}
		}
		for _, f := range []struct {
			name string
			on   bool
		}{{"mailbox", id.IsMailbox()}, {"number", id.IsNumber()}, {"reachable", id.Reachable()}, {"bare", k.is&bare != 0}} {
			if f.on {
				is = append(is, f.name)
			}
		}
		got[k.name] = strings.Join(is, " ")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
}
