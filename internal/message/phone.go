package message

import (
	"errors"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// maxPhone is generous for 15 digits with signs between them, in any script.
const maxPhone = 100

var (
	errPhone     = errors.New("must be one phone number that exists, such as +31 20 123 4567")
	errExtension = errors.New("must be a phone number without an extension: an extension is a desk, not a person")
	errNoNumber  = errors.New("must be a phone number in digits, not a name, a word or a service code")
	errWhatsApp  = errors.New("must be a WhatsApp id: 7 to 15 digits that begin with the country")
)

// Phone makes the identifier of a phone number, in E.164. A number written without its country is one of
// region, the two capitals of ISO 3166, which is that of the channel it came by; region "" takes only
// numbers with their country. What is not a number in use by the plan of its country is an error, and so are
// extensions, short numbers and sender names. The error says what would be right and does not repeat raw.
func Phone(raw, region string, level Level) (Identifier, error) {
	s := strings.TrimSpace(withoutMarks(raw))
	if len(s) >= 4 && strings.EqualFold(s[:4], "tel:") {
		s = s[4:]
	}
	if len(s) > maxPhone {
		return Identifier{}, errPhone
	}
	number, err := phonenumbers.Parse(s, region)
	if err == nil && number.GetExtension() != "" {
		return Identifier{}, errExtension
	}
	if !isPhoneText(s) {
		return Identifier{}, errNoNumber
	}
	if err != nil || !phonenumbers.IsValidNumber(number) {
		return Identifier{}, errPhone
	}
	e164 := phonenumbers.Format(number, phonenumbers.E164)
	if !isStable(e164, region, number) {
		return Identifier{}, errPhone
	}
	return Identifier{Kind: "phone", Value: e164, Level: level}, nil
}

// ShownPhone is Phone for numbers as networks show them and as people give them: one that the library does not know, because
// its area code is newer or it is spelt as it was until lately, stays as it is when it comes with its country (E.164: at most
// 15 digits). One without its country is taken for one of region then only where all numbers have one length, in North
// America, and only as a claim.
func ShownPhone(raw, region string, level Level) (Identifier, error) {
	id, err := Phone(raw, region, level)
	if err == nil {
		return id, nil
	}
	if number, ok := asShown(raw, region, level); ok {
		return Identifier{Kind: "phone", Value: number, Level: level}, nil
	}
	return Identifier{}, err
}

// TypedPhone reads a telephone number that somebody typed where they may leave it out, as a claim. What is none that could be
// called is no mistake to send them back for: it is given as a mark, as it was typed, for whoever reads the message.
func TypedPhone(raw, region string) (id Identifier, mark string) {
	id, err := ShownPhone(raw, region, Claimed)
	if err == nil {
		return id, ""
	}
	return Identifier{}, "phone as typed: " + Head(CleanLine(raw), maxTyped)
}

const maxTyped = 60 // bytes of a mark

const (
	shortestShown = 7 // +683 4000 is one of Niue
	longestShown  = 15
	nanpDigits    = 10 // of the North American Numbering Plan, without its country
)

func asShown(raw, region string, level Level) (string, bool) {
	s := strings.TrimSpace(withoutMarks(raw))
	if len(s) > maxPhone || !isPhoneText(s) {
		return "", false
	}
	number := phonenumbers.NormalizeDigitsOnly(strings.ReplaceAll(s, "(0)", ""))
	if strings.HasPrefix(s, "+") || strings.HasPrefix(s, "＋") {
		ok := len(number) >= shortestShown && len(number) <= longestShown && number[0] != '0' && strings.LastIndexAny(s, "+＋/[]") == 0
		return "+" + number, ok
	}
	ok := level <= Claimed && phonenumbers.GetCountryCodeForRegion(region) == 1 && len(number) == nanpDigits && number[0] > '1'
	return "+1" + number, ok
}

// InPlan tells whether a telephone number is one that the plan of its country has, or could have: of the right length, and
// not one digit again and again. Only such a one may be registered on the word of a list that nobody looked through.
func (i Identifier) InPlan() bool {
	if i.Kind != "phone" {
		return true
	}
	n, err := phonenumbers.Parse(i.Value, "")
	if err != nil || phonenumbers.IsValidNumber(n) {
		return err == nil
	}
	national := phonenumbers.GetNationalSignificantNumber(n)
	return phonenumbers.IsPossibleNumberWithReason(n) == phonenumbers.IS_POSSIBLE && len(national) > 6 && strings.Trim(national, national[:1]) != ""
}

// KnownRegion tells whether Phone knows the numbers of region, the two capitals of ISO 3166.
func KnownRegion(region string) bool { return phonenumbers.GetSupportedRegions()[region] }

// WhatsApp makes the identifier of a WhatsApp id as the platform gave it. It is not a phone number: in
// Brazil, Mexico and Argentina the two differ, so the digits stay as they came. A leading + is dropped.
func WhatsApp(id string, level Level) (Identifier, error) {
	value, err := whatsAppDigits(id)
	if err != nil {
		return Identifier{}, err
	}
	return Identifier{Kind: "wa", Value: value, Level: level}, nil
}

func whatsAppDigits(id string) (string, error) {
	s := strings.TrimPrefix(strings.Trim(id, asciiSpace), "+")
	if len(s) < 7 || len(s) > 15 || s[0] == '0' || strings.Trim(s, digits) != "" {
		return "", errWhatsApp
	}
	return s, nil
}

// withoutMarks drops the invisible marks that come along when a number is copied from a contact list.
func withoutMarks(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
}

// isPhoneText tells whether s holds nothing but digits and what people put between them.
func isPhoneText(s string) bool {
	for _, r := range s {
		if !unicode.IsDigit(r) && !unicode.In(r, unicode.Zs, unicode.Pd) && !strings.ContainsRune("+＋().[]/", r) {
			return false
		}
	}
	return s != ""
}

// isStable tells whether the number reads back as itself: some that look valid become another one.
func isStable(e164, region string, want *phonenumbers.PhoneNumber) bool {
	got, err := phonenumbers.Parse(e164, region)
	return err == nil && phonenumbers.IsValidNumber(got) &&
		got.GetCountryCode() == want.GetCountryCode() &&
		got.GetNationalNumber() == want.GetNationalNumber() &&
		got.GetItalianLeadingZero() == want.GetItalianLeadingZero() &&
		got.GetNumberOfLeadingZeros() == want.GetNumberOfLeadingZeros() &&
		phonenumbers.Format(got, phonenumbers.E164) == e164
}
