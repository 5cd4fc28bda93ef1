package message

import (
	"slices"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
	"pgregory.net/rapid"

	"loket/internal/proptest"
)

func TestPhoneSpellingsOfOneNumber(t *testing.T) {
	for _, tc := range []struct {
		region, want string
		in           []string
	}{
		{"NL", "+31612345678", []string{"06 12345678", "06-12 34 56 78", "+31 6 12345678", "0031 6 1234 5678", "+31 (0)6 12345678", "tel:+31-6-12345678", "٠٦١٢٣٤٥٦٧٨", "\u202a+31 6 12345678\u202c", "０６１２３４５６７８"}},
		{"NL", "+31201234567", []string{"020 123 4567", "(020) 1234567", "+31 20 123 4567", "020/1234567"}},
		{"BE", "+32470123456", []string{"0470 12 34 56", "0470/12.34.56", "+32 470 12 34 56", "0032470123456"}},
		{"DE", "+4930123456", []string{"030 123456", "030/123456", "+49 (0)30 123456", "0049 30 123456"}},
		{"GB", "+442079460018", []string{"020 7946 0018", "(020) 79460018", "+44 20 7946 0018", "00442079460018"}},
		{"IT", "+390612345678", []string{"06 1234 5678", "06-12345678", "+39 06 12345678", "0039 06 1234 5678"}},
		{"US", "+12025550143", []string{"(202) 555-0143", "202.555.0143", "+1 202 555 0143", "1-202-555-0143"}},
		{"AR", "+5491123456789", []string{"011 15-2345-6789", "+54 9 11 2345 6789", "00 54 9 11 2345-6789", "+5491123456789"}},
		{"MX", "+525512345678", []string{"55 1234 5678", "(55) 12345678", "+52 55 1234 5678", "00 52 55 1234 5678"}},
	} {
		for _, in := range tc.in {
			got, err := Phone(in, tc.region, Claimed)
			if err != nil || got != (Identifier{Kind: "phone", Value: tc.want, Level: Claimed}) {
				t.Errorf("Phone(%q, %s) = %v, %v, want %s", in, tc.region, got, err, tc.want)
			}
		}
	}
}

func TestPhoneRefuses(t *testing.T) {
	for _, tc := range []struct{ name, in, region string }{
		{"nothing", "", "NL"},
		{"spaces", "  ", "NL"},
		{"possible but not valid", "2025550143", "NL"},
		{"reads back as another", "00000000", "NL"},
		{"known unstable", "82011290", "KR"},
		{"too short", "12", "NL"},
		{"too long", "+3161234567890123", "NL"},
		{"endless", strings.Repeat("1", 1<<20), "NL"},
		{"emergency", "112", "NL"},
		{"short code", "4411", "NL"},
		{"sender name", "ING", "NL"},
		{"vanity", "1-800-FLOWERS", "US"},
		{"anonymous", "anonymous", "NL"},
		{"SIP address", "sip:+31612345678@example.org", "NL"},
		{"service code", "*31#0612345678", "NL"},
		{"extension", "020 123 4567 ext. 12", "NL"},
		{"extension x", "+31201234567x12", "NL"},
		{"extension in a link", "tel:+31201234567;ext=12", "NL"},
		{"two numbers", "0612345678 / 0687654321", "NL"},
		{"two numbers, comma", "0612345678, 0687654321", "NL"},
		{"a sentence", "bel 0612345678", "NL"},
		{"wrong country", "+999123456789", "NL"},
		{"old Mexican mobile", "+5215512345678", "MX"},
		{"no region", "0612345678", ""},
		{"unknown region", "0612345678", "XX"},
		{"nul", "06123\x0045678", "NL"},
		{"newline", "0612\n345678", "NL"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := Phone(tc.in, tc.region, Attested)
			if err == nil {
				t.Fatalf("Phone(%q, %s) = %v, want an error", tc.in, tc.region, got)
			}
			if !strings.HasPrefix(err.Error(), "must be ") {
				t.Errorf("Phone(%q, %s): %q, want what would be right", tc.in, tc.region, err)
			}
		})
	}
}

func TestShownPhoneKeepsNumbersOfNoPlan(t *testing.T) {
	for _, tc := range []struct {
		in, region string
		level      Level
		want       string // "" when it is none
	}{
		{"+18612340100", "", Attested, "+18612340100"}, // an area code that is newer than the library
		{"+1 (471) 555-0123", "NL", Claimed, "+14715550123"},
		{"(471) 555-0123", "US", Claimed, "+14715550123"},
		{"471.555.0123", "CA", Claimed, "+14715550123"},
		{"(471) 555-0123", "US", Attested, ""},
		{"(471) 555-0123", "NL", Claimed, ""},
		{"+5215512340100", "MX", Attested, "+5215512340100"}, // until 2019
		{"+551187650011", "", Attested, "+551187650011"},     // without its ninth digit
		{"+229 97 97 97 97", "", Claimed, "+22997979797"},    // until 2024
		{"+225 07 00 00 00", "", Claimed, "+22507000000"},
		{"+999 123 456", "", Attested, "+999123456"}, // a country to come
		{"＋1 861 234 0100", "", Claimed, "+18612340100"},
		{"06 12345678", "NL", Claimed, "+31612345678"}, // what Phone knows stays so
		{"+31 (0)6 12345678", "", Claimed, "+31612345678"},
		{"+0612345678", "NL", Claimed, ""},
		{"+123456", "", Claimed, ""},
		{"+1234567890123456", "", Claimed, ""},
		{"+1 861 234 0100 ext. 5", "", Claimed, ""},
		{"+1 861 234 0100 / +1 861 234 0101", "", Claimed, ""},
		{"1234567890", "NL", Claimed, ""},
		{"1234567890", "US", Claimed, ""},
		{"12345", "US", Claimed, ""},
		{"ING", "NL", Attested, ""},
		{"anonymous", "NL", Attested, ""},
		{"", "NL", Attested, ""},
	} {
		got, err := ShownPhone(tc.in, tc.region, tc.level)
		if got.Value != tc.want || (err == nil) != (tc.want != "") {
			t.Errorf("ShownPhone(%q, %q, %v) = %q, %v, want %q", tc.in, tc.region, tc.level, got.Value, err, tc.want)
		}
		if again, err := ShownPhone(got.Value, "", tc.level); tc.want != "" && (err != nil || again != got) {
			t.Errorf("ShownPhone(%q) again = %v, %v", got.Value, again, err)
		}
	}
}

func TestInPlanKnowsPlaceholders(t *testing.T) {
	for number, want := range map[string]bool{
		"+31612345678": true, "+18612340100": true, "+14715550123": true, "+3222222222": true,
		"+1234567890": false, "+11111111111": false, "+999999999": false, "+5215512340100": false, "+31612345678901": false, "+3161234": false,
	} {
		if got := (Identifier{Kind: "phone", Value: number}).InPlan(); got != want {
			t.Errorf("InPlan of %s = %v, want %v", number, got, want)
		}
	}
}

func TestPhoneExampleNumbersInFourSpellings(t *testing.T) {
	regions := phonenumbers.GetSupportedRegions()
	if len(regions) < 200 {
		t.Fatalf("%d regions", len(regions))
	}
	for region := range regions {
		example := phonenumbers.GetExampleNumber(region)
		want := phonenumbers.Format(example, phonenumbers.E164)
		for _, form := range []phonenumbers.PhoneNumberFormat{phonenumbers.E164, phonenumbers.INTERNATIONAL, phonenumbers.NATIONAL, phonenumbers.RFC3966} {
			in := phonenumbers.Format(example, form)
			got, err := Phone(in, region, Attested)
			if err != nil || got.Value != want {
				t.Errorf("Phone(%q, %s) = %v, %v, want %s", in, region, got, err, want)
			}
		}
	}
}

func TestPhoneTwiceIsOnce(t *testing.T) {
	regions := []string{"NL", "BE", "DE", "IT", "US", "AR", "MX", "BR", "KR", "CI", ""}
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		region := rapid.SampledFrom(regions).Draw(t, "region")
		in := rapid.StringMatching(`[+]?[0-9 ()-]{4,16}`).Draw(t, "in")
		once, err := Phone(in, region, Attested)
		if err != nil {
			return
		}
		for _, again := range regions {
			twice, err := Phone(once.Value, again, Attested)
			if err != nil || twice != once {
				t.Fatalf("Phone(%q, %s) = %v, then in %s %v, %v", in, region, once, again, twice, err)
			}
		}
	})
}

func TestKnownRegion(t *testing.T) {
	for region, want := range map[string]bool{"NL": true, "BE": true, "US": true, "nl": false, "": false, "ZZ": false, "001": false, "UK": false} {
		if got := KnownRegion(region); got != want {
			t.Errorf("KnownRegion(%q) = %v, want %v", region, got, want)
		}
	}
}

func TestWhatsAppKeepsItsDigits(t *testing.T) {
	for _, id := range []string{"31612345678", "5215512345678", "551132345678", "5491123456789"} {
		got, err := WhatsApp(id, Attested)
		if err != nil || got.String() != "wa:"+id || got.Level != Attested {
			t.Errorf("WhatsApp(%q) = %v, %v", id, got, err)
		}
		if plus, err := WhatsApp("+"+id, Attested); err != nil || plus != got {
			t.Errorf("WhatsApp(+%s) = %v, %v, want %v", id, plus, err, got)
		}
	}
	bad := []string{"", "123456", "1234567890123456", "0612345678", "31 612345678", "٣١٦١٢٣٤٥٦٧٨", "31612345678@s.whatsapp.net", "++31612345678"}
	if i := slices.IndexFunc(bad, func(s string) bool { _, err := WhatsApp(s, Attested); return err == nil }); i >= 0 {
		t.Errorf("WhatsApp(%q) is accepted", bad[i])
	}
}
