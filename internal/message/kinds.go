package message

import (
	"errors"
	"fmt"
	"strings"

	"loket/internal/field"
)

// Class says how far an identifier can be trusted to keep meaning the same person.
type Class string

// The classes, most lasting first.
const (
	Anchor       Class = "anchor"       // defines the customer, at most one per customer: a customer number
	Stable       Class = "stable"       // a platform's own id, never given to somebody else
	Reassignable Class = "reassignable" // may be somebody else's next year: mail address, phone number
	Alias        Class = "alias"        // a name that its owner may give up and a stranger may take
	Ephemeral    Class = "ephemeral"    // one visit, one form, one call
	ClaimOnly    Class = "claim"        // only what the sender says, whatever the kind
)

// kind is one row of the table of kinds: all that is said of a kind stands here.
type kind struct {
	name  string
	class Class
	scope string // what the scope is called; empty where the kind is global
	value func(string) (string, error)
	// aliasOf is the kind of account that bears an alias.
	aliasOf string
	is      trait
}

// A trait is what holds for identifiers of several kinds.
type trait uint8

const (
	mailbox   trait = 1 << iota
	number          // a telephone number, which is handed out again
	reachable       // its holder can be written to there
	bare            // people who look for somebody type it without its kind
)

// kinds is in the order in which people read it. Email, phone and wa have constructors of their own.
var kinds = [...]kind{
	{name: "email", class: Reassignable, is: mailbox | reachable},
	{name: "phone", class: Reassignable, is: number | reachable},
	{name: "wa", class: Reassignable, value: whatsAppDigits, is: number | reachable},
	{name: "bsuid", class: Stable, scope: "portfolio", value: businessUser, is: reachable},
	{name: "psid", class: Stable, scope: "page", value: platformNumber, is: reachable},
	{name: "igsid", class: Stable, scope: "account", value: platformNumber, is: reachable},
	{name: "xu", class: Stable, value: platformNumber, is: reachable | bare},
	{name: "tg", class: Stable, value: platformNumber, is: reachable | bare},
	{name: "yt", class: Stable, value: youTubeChannel, is: bare},
	{name: "fedi", class: Stable, value: fediverseAccount, is: bare},
	{name: "did", class: Stable, value: decentralizedID},
	{name: "sub", class: Stable, scope: "issuer", value: opaque},
	{name: "cno", class: Anchor, value: opaque, is: bare},
	{name: "crm", class: Anchor, scope: "system", value: opaque},
	{name: "xh", class: Alias, value: xHandle, aliasOf: "xu", is: bare},
	{name: "tg.user", class: Alias, value: telegramUser, aliasOf: "tg", is: bare},
	{name: "wa.user", class: Alias, value: whatsAppUser, aliasOf: "bsuid", is: bare},
	{name: "yt.handle", class: Alias, value: youTubeHandle, aliasOf: "yt", is: bare},
	{name: "fedi.user", class: Alias, value: fediverseUser, aliasOf: "fedi"},
	{name: "bsky", class: Alias, value: blueskyHandle, aliasOf: "did"},
	{name: "ig.user", class: Alias, value: instagramUser, aliasOf: "igsid", is: bare},
	{name: "sip", class: Reassignable, value: sipAddress},
	{name: "rcs", class: Alias, value: token}, // an agent of RCS, as ours: people have a phone number there
	{name: "session", class: Ephemeral, value: token},
	{name: "submission", class: Ephemeral, value: token},
	{name: "call", class: Ephemeral, value: token},
}

// unknownKind is that of an identifier whose kind has no row.
var unknownKind = kind{class: ClaimOnly}

func (i Identifier) kind() *kind {
	for at := range kinds {
		if kinds[at].name == i.Kind {
			return &kinds[at]
		}
	}
	return &unknownKind
}

// IsMailbox tells whether it is an address of mail, which several people may read.
func (i Identifier) IsMailbox() bool { return i.kind().is&mailbox != 0 }

// IsNumber tells whether it is a telephone number, which is handed out again; on WhatsApp too.
func (i Identifier) IsNumber() bool { return i.kind().is&number != 0 }

// Reachable tells whether its holder can be written to there, as far as its kind tells.
func (i Identifier) Reachable() bool { return i.kind().is&reachable != 0 }

// Bears tells whether it is of the kind of account that the alias is a name of.
func (i Identifier) Bears(alias Identifier) bool {
	of := alias.kind().aliasOf
	return of != "" && of == i.Kind
}

// Bare are the identifiers that somebody may mean who types text without saying of which kind it is, of kinds without a scope.
// Phone numbers need their country.
func Bare(text string, level Level) []Identifier {
	var out []Identifier
	for _, k := range kinds {
		if k.is&bare == 0 {
			continue
		}
		if id, err := NewIdentifier(k.name, "", text, level); err == nil {
			out = append(out, id)
		}
	}
	return out
}

// NewIdentifier makes an identifier of any kind and normalises it by the rules of that kind. scope is empty
// for kinds that mean the same everywhere and must be given for the others. Phone numbers must come with
// their country. The error says what would be right and does not repeat the value.
func NewIdentifier(name, scope, value string, level Level) (Identifier, error) {
	return newIdentifier(name, scope, value, "", level)
}

func newIdentifier(name, scope, value, region string, level Level) (Identifier, error) {
	k, err := findKind(name)
	if err != nil {
		return Identifier{}, err
	}
	if scope, err = k.normalScope(scope); err != nil {
		return Identifier{}, err
	}
	id, err := k.identifier(value, region, level)
	if err != nil {
		return Identifier{}, fmt.Errorf("%s: %w", k.name, err)
	}
	id.Scope = scope
	return id, nil
}

func (k kind) identifier(value, region string, level Level) (Identifier, error) {
	switch k.name {
	case "email":
		return Email(value, level)
	case "phone":
		return ShownPhone(value, region, level)
	}
	v, err := k.value(value)
	if err != nil {
		return Identifier{}, err
	}
	return Identifier{Kind: k.name, Value: v, Level: level}, nil
}

// Class is how far the identifier can be trusted to keep meaning the same person. What is only claimed,
// or of a kind nobody knows, is ClaimOnly, unless its kind is Ephemeral anyway.
func (i Identifier) Class() Class {
	if c := i.kind().class; c == Ephemeral || !i.Claim() {
		return c
	}
	return ClaimOnly
}

// ParseIdentifier reads what String and Node write and what people type: email:kate@example.org,
// psid:<page>:<id>. A phone number without its country is one of region. A ~ in front makes it a claim
// at most. The error says what would be right and does not repeat the value.
func ParseIdentifier(s, region string, level Level) (Identifier, error) {
	s = strings.Trim(s, asciiSpace)
	if rest, ok := strings.CutPrefix(s, "~"); ok {
		s, level = rest, min(level, Claimed)
	}
	name, value, ok := strings.Cut(s, ":")
	if !ok {
		return Identifier{}, errors.New("must be kind:value, such as email:name@example.org")
	}
	k, err := findKind(lowerASCII(name))
	if err != nil {
		return Identifier{}, err
	}
	scope := ""
	if k.scope != "" {
		if scope, value, ok = strings.Cut(value, ":"); !ok {
			return Identifier{}, k.scopeMissing()
		}
	}
	return newIdentifier(k.name, scope, value, region, level)
}

func (k kind) normalScope(scope string) (string, error) {
	scope = strings.Trim(scope, asciiSpace)
	switch {
	case k.scope == "" && scope != "":
		return "", fmt.Errorf("%s: must be given without a scope, as %s:<value>", k.name, k.name)
	case k.scope == "":
		return "", nil
	case scope == "":
		return "", k.scopeMissing()
	}
	rule := scopeName
	switch k.name {
	case "sub":
		rule = issuer
	case "crm":
		scope = lowerASCII(scope)
	}
	scope, err := rule(scope)
	if err != nil {
		return "", fmt.Errorf("%s: the %s %w", k.name, k.scope, err)
	}
	return scope, nil
}

func (k kind) scopeMissing() error {
	return fmt.Errorf("%s: must name its %s, as %s:<%s>:<value>", k.name, k.scope, k.name, k.scope)
}

func findKind(name string) (kind, error) {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		if k.name == name {
			return k, nil
		}
		names[i] = k.name
	}
	hint := field.DidYouMean(name, names)
	if len(name) > 20 || strings.Contains(name, "@") {
		name = "…" // not a kind but perhaps somebody's address, which has no place in an error
	}
	return kind{}, fmt.Errorf("unknown kind %q%s: must be one of %s", name, hint, strings.Join(names, ", "))
}
