// Package sms knows what is the same of SMS at every vendor: how a text is cut, and by which words people opt out.
package sms

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// A Length is how a text is cut into SMS: each counts, and costs, by itself.
type Length struct {
	Segments int
	Encoding string // GSM-7, or UCS-2 once a single character is not in GSM-7
	Units    int    // septets of GSM-7, or 16-bit units of UCS-2
	Left     int    // units still free in the last one
	Because  string // the first character that GSM-7 has not
}

// The alphabet of GSM 03.38; those of the extension take two places.
const (
	gsm7 = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsm7Extension = "\f^{}\\[~]|€"
)

// Measure counts the SMS that a text takes. No character is split over two of them.
func Measure(text string) Length {
	l := Length{Encoding: "GSM-7"}
	single, each := 160, 153
	size := func(r rune) int {
		if strings.ContainsRune(gsm7Extension, r) {
			return 2
		}
		return 1
	}
	for _, r := range text {
		if !strings.ContainsRune(gsm7, r) && !strings.ContainsRune(gsm7Extension, r) {
			l.Encoding, l.Because = "UCS-2", string(r)
			single, each, size = 70, 67, utf16.RuneLen
			break
		}
	}
	used := 0 // of the last segment
	l.Segments = 1
	for _, r := range text {
		n := max(1, size(r))
		l.Units += n
		if used+n > each {
			l.Segments, used = l.Segments+1, 0
		}
		used += n
	}
	if l.Units <= single {
		l.Segments, l.Left = 1, single-l.Units
		return l
	}
	l.Left = each - used
	return l
}

// String is for people: 2 SMS of 67 characters, because of “’”.
func (l Length) String() string {
	s := fmt.Sprintf("%d SMS (%s, %d of %d left)", l.Segments, l.Encoding, l.Left, l.Units+l.Left)
	if l.Because != "" {
		s += fmt.Sprintf(", shorter ones because of %q", l.Because)
	}
	return s
}
