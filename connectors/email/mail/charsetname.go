package mail

import (
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"

	"loket/internal/lazy"
)

// charsetOf finds a charset by its label in lower case, nil when nobody knows it: as browsers name it, then as
// software does, then as IANA does.
func charsetOf(label string) *charset {
	if n := pageNumber.FindStringSubmatch(separators.Replace(label)); n != nil {
		label = codePage(n[1])
	}
	if strings.HasPrefix(label, "iso-2022-jp") {
		return &charset{decode: iso2022JP, seven: true}
	}
	if enc, err := htmlindex.Get(label); err == nil && enc != encoding.Replacement {
		return charsetFrom(enc)
	}
	bare := separators.Replace(strings.TrimPrefix(label, "x-"))
	for _, s := range softwareNames {
		if m := s.name.FindStringSubmatch(bare); m != nil {
			if c := s.charset(m[len(m)-1]); c != nil {
				return c
			}
		}
	}
	for _, index := range [...]*ianaindex.Index{ianaindex.IANA, ianaindex.MIME} {
		if enc, err := index.Encoding(label); err == nil && enc != nil && enc != encoding.Replacement {
			return charsetFrom(enc)
		}
	}
	return nil
}

// isUTF8 tells the names of UTF-8, however they are spelt.
func isUTF8(label string) bool { return utf8Name.MatchString(separators.Replace(label)) }

var (
	utf8Name   = lazy.Compile(`^(x|unicode11|unicode20|cs)?(utf8|cp65001)(mb[34]|sig|bom|mac)?$`)
	separators = strings.NewReplacer("-", "", "_", "", " ", "", ":", "", ".", "", "(", "", ")", "")
)

// A softwareName is a family of names that software gives to a charset, without separators. The last group of the pattern, the
// name itself without any, is what charset is given.
type softwareName struct {
	name    lazy.Regexp
	charset func(string) *charset
}

func always(enc encoding.Encoding) func(string) *charset {
	return func(string) *charset { return charsetFrom(enc) }
}

// whole is for those that are read by a function of ours.
func whole(decode func([]byte) []byte) func(string) *charset {
	return func(string) *charset { return &charset{decode: decode, seven: true} }
}

var softwareNames = []softwareName{
	{lazy.Compile(`^(?:cs|windows)?(?:iso2022jp|jis7?$|jisencoding)`), whole(iso2022JP)},
	{lazy.Compile(`^(?:cs)?iso2022kr`), whole(iso2022KR)},
	{lazy.Compile(`^(?:cs)?iso2022cn`), whole(iso2022CN)},
	{lazy.Compile(`^(?:cs)?(?:shiftjis|sjis|pck$|mskanji|windows31j|shiftjapan)`), always(japanese.ShiftJIS)},
	{lazy.Compile(`^(?:cs)?(?:euc(?:pkdfmt)?j(?:p|a|apanese)|eucjis|ujis)`), always(japanese.EUCJP)},
	{lazy.Compile(`^(?:cs)?(?:euck|uhc|ksc56|kscc56|wansung|korean|extwansung)`), always(korean.EUCKR)},
	{lazy.Compile(`^(?:cs)?(?:hzgb|hz$)`), always(simplifiedchinese.HZGB2312)},
	{lazy.Compile(`^gb18030`), always(simplifiedchinese.GB18030)},
	{lazy.Compile(`^(?:cs)?(?:gb|euccn|chinese|gbk)`), always(simplifiedchinese.GBK)},
	{lazy.Compile(`^(?:cs)?big5`), always(traditionalchinese.Big5)},
	{lazy.Compile(`^(?:cs)?koi8u|^koi8ru`), always(charmap.KOI8U)},
	{lazy.Compile(`^(?:cs)?koi8?`), always(charmap.KOI8R)},
	{lazy.Compile(`^tis620|^thai`), always(charmap.Windows874)},
	{lazy.Compile(`^mac(?:os)?(?:roman|intosh)?$|^apple(?:roman)?$`), always(charmap.Macintosh)},
	{lazy.Compile(`^mac(?:cyrillic|ukrain)`), always(charmap.MacintoshCyrillic)},
	{lazy.Compile(`utf7(?:imap)?$`), whole(utf7)},
	{lazy.Compile(`^(?:ucs2|iso10646ucs2|unicode$|utf16)`), always(unicode.UTF16(unicode.BigEndian, unicode.UseBOM))},
	{lazy.Compile(`^(?:ucs4|iso10646ucs4|utf32(?:be)?$)`), always(utf32.UTF32(utf32.BigEndian, utf32.UseBOM))},
	{lazy.Compile(`^utf32le`), always(utf32.UTF32(utf32.LittleEndian, utf32.UseBOM))},
	{lazy.Compile(`^ms(ee|cyrl|ansi|greek|turk|hebr|arab)$`), windowsName},
	{lazy.Compile(`^(?:cs)?(?:iso(?:ir)?)?8859([0-9]{1,2})`), isoPart},
	{lazy.Compile(`^(?:cs)?(?:iso)?latin([0-9]{1,2})`), latin},
}

// windowsName are the code pages of Windows that have names.
func windowsName(name string) *charset {
	pages := map[string]string{"ee": "1250", "cyrl": "1251", "ansi": "1252", "greek": "1253", "turk": "1254", "hebr": "1255", "arab": "1256"}
	enc, err := htmlindex.Get("windows-" + pages[name])
	if err != nil {
		return nil
	}
	return charsetFrom(enc)
}

func isoPart(n string) *charset {
	if enc, err := htmlindex.Get("iso-8859-" + n); err == nil {
		return charsetFrom(enc)
	}
	return nil
}

// latin is the part of ISO 8859 that a Latin alphabet of that number is.
func latin(n string) *charset {
	parts := map[string]string{"0": "15", "1": "1", "2": "2", "3": "3", "4": "4", "5": "9", "6": "10", "7": "13", "8": "14", "9": "15", "10": "16"}
	return isoPart(parts[n])
}

// codePages are names of charsets to which Microsoft or IBM gave a number, where nothing else has it: others are windows-
// or ibm and the number.
var codePages = map[string]string{
	"932": "shift_jis", "942": "shift_jis", "943": "shift_jis", "936": "gbk", "1386": "gbk", "20936": "gbk", "51936": "gbk",
	"949": "euc-kr", "970": "euc-kr", "1363": "euc-kr", "20949": "euc-kr", "51949": "euc-kr", "950": "big5", "1370": "big5",
	"20932": "euc-jp", "51932": "euc-jp", "33722": "euc-jp", "50220": "iso-2022-jp-ms", "50221": "iso-2022-jp-ms", "50222": "iso-2022-jp-ms",
	"50225": "iso-2022-kr", "50227": "iso-2022-cn", "52936": "hz", "54936": "gb18030", "20866": "koi8-r", "21866": "koi8-u",
	"65000": "utf-7", "1200": "utf-16le", "1201": "utf-16be", "10000": "macintosh", "10007": "x-mac-cyrillic", "858": "ibm00858",
	"38598": "iso-8859-8", "813": "iso-8859-7", "819": "iso-8859-1", "912": "iso-8859-2", "915": "iso-8859-5", "923": "iso-8859-15",
}

var pageNumber = lazy.Compile(`^(?:x|cs)?(?:microsoft)?(?:cp|ms|ibm|ansi|windows|win|dos|oem|ccsid|codepage|pc|mswin|xcp)+0*([1-9][0-9]{2,4})(?:[^0-9]|$)`)

// codePage is a label of the charset of that number.
func codePage(n string) string {
	switch name, known := codePages[n]; {
	case known:
		return name
	case len(n) == 5 && strings.HasPrefix(n, "2859"): // 28591 is ISO 8859-1
		return "iso-8859-" + n[4:]
	case len(n) == 5 && strings.HasPrefix(n, "2860"): // 28605 is ISO 8859-15
		return "iso-8859-1" + n[4:]
	}
	if _, err := htmlindex.Get("windows-" + n); err == nil {
		return "windows-" + n
	}
	return "ibm" + n
}
