package judge

import (
	"slices"
	"strings"

	"loket/connectors/email/mail"
	"loket/internal/lazy"
	"loket/internal/message"
)

// A Verdict is how sure it is that the sender in From sent the mail.
type Verdict struct {
	// Level is message.Attested when our own mail server found that DMARC passes for the domain in From, and
	// message.Claimed otherwise.
	Level message.Level
	// DMARC is what our server found, in the words of RFC 8601 in lower case; "" when it said nothing.
	DMARC string
	// Domain is the one it was found for, as A-labels.
	Domain string
}

// Trust judges From by the Authentication-Results field (RFC 8601) that our own mail server added. authserv are the
// names by which it signs those fields, and the host names of our own relays where they differ; with none nothing is
// ever trusted. Microsoft 365 signs with no name: give outlook.com.
//
// Fields are read from the top, where only our side can write. The first Received is the last hop, ours; others are ours
// while their "by" is one of authserv or below it; with the first that is not, what others wrote begins. A field counts
// when it stands above every Received, or directly above or below one (other fields may lie between) that is ours by
// name: servers write it on either side of their own. Below a Received our server's field and a stranger's are hard to
// tell apart, so there only the topmost counts, and RFC 8601 §5 is relied on: a server that signs with a name must take
// away the fields of others that bear it. Above every Received, nobody else can have written.
//
// It must be the only From with one address, have exactly one DMARC result, and the result must name the very domain of
// From, because our reading of From may differ from the server's. Whatever cannot be read counts as not there.
func Trust(m *mail.Mail, authserv []string) Verdict {
	v := Verdict{Level: message.Claimed}
	found := dmarc(m.Header, authserv)
	if len(found) != 1 {
		return v
	}
	v.DMARC = found[0].value
	named := found[0].props["header.from"]
	v.Domain = ascii(strings.Trim(named[strings.LastIndexByte(named, '@')+1:], `"<>`))
	if v.DMARC != "pass" || v.Domain == "" || len(m.From) != 1 || len(m.Header.All("From")) != 1 {
		return v
	}
	if _, domain := split(m.From[0].Addr); domain != "" && ascii(domain) == v.Domain {
		v.Level = message.Attested
	}
	return v
}

// microsoft is where the hosts of Microsoft 365 are. Its fields have no name, and stand above the hop that took the mail in.
const microsoft = "outlook.com"

// dmarc gives the DMARC results of the fields that count, without those that only repeat another.
func dmarc(h mail.Header, authserv []string) []method {
	var found []method
	for _, r := range trusted(h, authserv) {
		for _, m := range r.methods {
			same := func(o method) bool { return o.value == m.value && o.props["header.from"] == m.props["header.from"] }
			if m.name == "dmarc" && !slices.ContainsFunc(found, same) {
				found = append(found, m)
			}
		}
	}
	return found
}

// trusted gives the fields that count: all of ours above every Received, else the topmost of ours.
func trusted(h mail.Header, authserv []string) []results {
	if len(authserv) == 0 {
		return nil
	}
	var top []results
	hops, above, below := 0, false, h.Get("Received") // above: the Received above is ours by name
	for i, f := range h {
		switch {
		case strings.EqualFold(f.Name, "Received"):
			if len(top) > 0 {
				return top
			}
			above = isHop(f.Value, authserv)
			if hops++; hops > 1 && !above {
				return nil
			}
			below = h[i+1:].Get("Received")
		case strings.EqualFold(f.Name, "Authentication-Results"):
			r, err := parseResults(f.Value)
			if err != nil {
				if hops > 0 {
					return nil // perhaps ours, and what is below perhaps not
				}
				continue
			}
			nameless := r.server == "" && isServer(microsoft, authserv) && isHop(below, []string{microsoft})
			if !nameless && !isServer(r.server, authserv) {
				continue
			}
			if hops == 0 {
				top = append(top, r)
				continue
			}
			if above || isHop(below, authserv) {
				return []results{r}
			}
		}
	}
	return top
}

// FromNobody tells whether our own server noted that m came with a null return path, as reports must (RFC 3464 §2, RFC 8098
// §3): in a Return-Path above every Received, or directly above one that is ours by name. The senders themselves may have
// written any other.
func FromNobody(m *mail.Mail, authserv []string) bool {
	for i, f := range m.Header {
		switch {
		case strings.EqualFold(f.Name, "Return-Path"):
			ours := !m.Header[:i].Has("Received") || isHop(m.Header[i+1:].Get("Received"), authserv)
			return m.NullReturnPath && ours
		case strings.EqualFold(f.Name, "Received") && m.Header[:i].Has("Received") && !isHop(f.Value, authserv):
			return false
		}
	}
	return false
}

func isServer(server string, authserv []string) bool {
	return server != "" && slices.ContainsFunc(authserv, func(a string) bool { return strings.EqualFold(a, server) })
}

// by finds the receiving host of a Received field whose comments are gone. The sender's own words come before it, in
// "from", and hold no blank.
var by = lazy.Compile(`(?i)(?:^|^from\s+\S+\s+)by\s+(\S+)`)

// isHop tells whether a Received field was added by one of us.
func isHop(received string, authserv []string) bool {
	received, err := uncomment(head(received, maxField))
	if err != nil {
		return false
	}
	host := by.FindStringSubmatch(strings.TrimSpace(received))
	return host != nil && slices.ContainsFunc(authserv, func(a string) bool { return within(a, strings.TrimRight(host[1], ";")) })
}
