package mail

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// in gives text as a mail in that charset has it.
func in(t testing.TB, enc encoding.Encoding, text string) string {
	t.Helper()
	s, err := enc.NewEncoder().String(text)
	if err != nil {
		t.Fatalf("encode %q: %v", text, err)
	}
	return s
}

func TestCharsetsAreReadByTheNamesThatSoftwareGivesThem(t *testing.T) {
	const (
		kanji    = "㈱山田 ①の件、到着しない"
		hangul   = "도착하지 않음"
		han      = "没有收到"
		hanTW    = "沒有收到"
		cyrillic = "не пришло"
		western  = "café €"
	)
	for _, c := range []struct {
		labels, bytes, want string
	}{
		{"shift_jis Shift-JIS sjis x-sjis SJIS-win sjis-open cp932 CP-932 ms932 x-ms-cp932 windows-932 windows-31j csWindows31J ms_kanji ibm-943 cp943c MS_Kanji shift_jis-2004 cp00932", in(t, japanese.ShiftJIS, kanji), kanji},
		{"euc-jp eucJP-win eucjp-ms cp51932 ujis x-euc-jp x-eucjp-open eucJP csEUCPkdFmtJapanese", in(t, japanese.EUCJP, "到着しない"), "到着しない"},
		{"iso-2022-jp iso-2022-jp-ms ISO-2022-JP-1 iso-2022-jp-2 iso-2022-jp-2004 iso2022jp csISO2022JP cp50220 cp50221 CP50222 x-windows-50220 x-windows-iso2022jp jis7 JIS", in(t, japanese.ISO2022JP, kanji), kanji},
		{"euc-kr uhc cp949 ms949 x-windows-949 windows-949 ks_c_5601-1987 ksc5601 KSC_5601 cp970 x-uhc euckr cp51949 wansung", in(t, korean.EUCKR, hangul), hangul},
		{"iso-2022-kr ISO2022-KR csISO2022KR cp50225 iso2022kr", "\x1b$)C\n\x0e55Bx\x0fa \x0e>J@=\x0f", "\n도착a 않음"},
		{"iso-2022-cn x-iso-2022-cn-gb iso2022cn cp50227", "\x1b$)A\x0eC;SP\x0f ok", "没有 ok"},
		{"gb2312 gbk cp936 ms936 windows-936 x-gbk gb_2312-80 euc-cn x-euc-cn csGB2312 gb18030 GB-18030 cp54936 chinese ibm-1386 gb2312-80 x-mswin-936", in(t, simplifiedchinese.GBK, han), han},
		{"hz-gb-2312 hz cp52936", in(t, simplifiedchinese.HZGB2312, han), han},
		{"big5 big-5 cp950 ms950 x-big5 big5-eten big5hkscs big5-hkscs windows-950 x-windows-950 csBig5 big5-2003 ibm-1370", in(t, traditionalchinese.Big5, hanTW), hanTW},
		{"windows-1251 windows1251 win-1251 win1251 cp1251 cp-1251 x-cp1251 ms1251 ansi-1251 windows_1251 x-windows-1251 Microsoft-CP1251 MS-CYRL", in(t, charmap.Windows1251, cyrillic), cyrillic},
		{"koi8-r koi8r KOI8 cp20866 koi cskoi8r koi8_r", in(t, charmap.KOI8R, cyrillic), cyrillic},
		{"cp866 ibm866 866 dos-866 x-cp866 csIBM866 oem866", in(t, charmap.CodePage866, cyrillic), cyrillic},
		{"iso-8859-5 iso8859_5 iso_8859-5:1988 cyrillic 8859_5 cp28595 ibm-915", in(t, charmap.ISO8859_5, cyrillic), cyrillic},
		{"iso-8859-15 iso_8859_15 iso8859-15 ISO8859_15 latin9 Latin-9 l9 8859-15 iso-8859-15-euro cp28605 csISO885915 latin0 cp923", in(t, charmap.ISO8859_15, western), western},
		{"windows-1252 cp1252 cp-1252 win1252 windows1252 iso-8859-1 iso8859_1 latin1 x-ansi-1252 latin-1 iso_8859-1:1987 cp28591 cp819 ms-ansi", in(t, charmap.Windows1252, western), western},
		{"cp858 ibm00858 cp00858 ibm858 CCSID00858", in(t, charmap.CodePage858, western), western},
		{"cp850 ibm850 850 dos850", in(t, charmap.CodePage850, "café"), "café"},
		{"cp437 ibm437 pc437 oem437", in(t, charmap.CodePage437, "café"), "café"},
		{"macintosh mac x-mac-roman macroman cp10000 MacRoman apple-roman", in(t, charmap.Macintosh, "café"), "café"},
		{"iso-8859-2 latin2 l2 iso8859-2 8859_2", in(t, charmap.ISO8859_2, "zażółć"), "zażółć"},
		{"iso-8859-9 latin5 l5 windows-1254 cp1254", in(t, charmap.Windows1254, "İstanbul ş"), "İstanbul ş"},
		{"tis-620 tis620 windows-874 iso-8859-11 cp874 tis-620-2533", in(t, charmap.Windows874, "สวัสดี"), "สวัสดี"},
		{"utf-8 utf8 UTF_8 utf-8-sig x-utf-8 utf8mb4 cp65001 unicode-1-1-utf-8 utf-8mb4", "café 到", "café 到"},
		{"utf-7 unicode-1-1-utf-7 x-unicode-2-0-utf-7 cp65000 utf7", "caf+AOk- +- +VCg", "café + 吨"},
		{"utf-16le utf-16 ucs-2 cp1200 unicode", "c\x00\xe9\x00", "cé"},
		{"utf-16be cp1201", "\x00c\x00\xe9", "cé"},
		{"utf-32 ucs-4 utf-32be", "\x00\x00\x00c\x00\x00\x00\xe9", "cé"},
	} {
		for label := range strings.FieldsSeq(c.labels) {
			if got, problem := decodeText([]byte(c.bytes), label); got != c.want || problem != "" {
				t.Errorf("decodeText(%q, %s) = %q, %q, want %q", c.bytes, label, got, problem, c.want)
			}
		}
	}
}

func TestUnknownCharsetIsSaid(t *testing.T) {
	for _, label := range []string{"x-klingon", "cp99999", "iso-8859-99", "latin77", "undefined", "johab", "windows-", "cp"} {
		if got, problem := decodeText([]byte("caf\xe9"), label); got != "café" || problem != charsetUnknown {
			t.Errorf("decodeText of %s = %q, %q, want café, %q", label, got, problem, charsetUnknown)
		}
	}
}

const (
	japaneseText = "お世話になっております。注文した商品がまだ到着しないのですが、いつ届きますか。"
	chineseText  = "您好，我上周订的货还没有收到，请问什么时候可以送到？谢谢。"
	taiwanText   = "您好，我上週訂的貨還沒有收到，請問什麼時候可以送到？謝謝。"
	koreanText   = "안녕하세요. 지난주에 주문한 상품이 아직 도착하지 않았습니다. 언제 받을 수 있나요?"
)

func TestEasternTextsUnderWrongLabelsAreGuessed(t *testing.T) {
	for _, c := range []struct {
		enc  encoding.Encoding
		text string
	}{
		{japanese.ShiftJIS, japaneseText}, {japanese.EUCJP, japaneseText}, {japanese.ISO2022JP, japaneseText}, {japanese.ShiftJIS, "到着しない"}, {japanese.ShiftJIS, "テスト"},
		{simplifiedchinese.GBK, chineseText}, {simplifiedchinese.GBK, "没有收到"}, {traditionalchinese.Big5, taiwanText}, {korean.EUCKR, koreanText},
	} {
		for _, label := range []string{"", "us-ascii", "iso-8859-1", "windows-1252", "utf-8", "iso-2022-jp", "unknown-8bit"} {
			if c.enc == japanese.ISO2022JP && label == "iso-2022-jp" {
				continue
			}
			if got, problem := decodeText([]byte(in(t, c.enc, c.text)), label); got != c.text || problem != charsetGuessed {
				t.Errorf("%v under %q = %q, %q, want %q", c.enc, label, got, problem, c.text)
			}
		}
	}
}

func TestWesternTextsAreNotTakenForEastern(t *testing.T) {
	for _, text := range []string{
		"Grüße aus München, schöne Straße", "déjà vu, à bientôt, naïve Noël", "¿Dónde está? Mañana, señor", "ÄÖÜ äöü ß", "»Über« – „Öl“", "Æble og øl på Ærø",
		"É", "çà", "Ça coûte 5 €…", "Fußgängerübergänge", "São Paulo, não é?", "ÀÉÎ", "Größe: 5 °C ±1", "ñ", "Tück’sche Sache",
	} {
		for _, label := range []string{"", "iso-8859-1", "utf-8"} {
			if got, problem := decodeText([]byte(in(t, charmap.Windows1252, text)), label); got != text || problem == charsetGuessed {
				t.Errorf("decodeText(%q, %q) = %q, %q", text, label, got, problem)
			}
		}
	}
	for label, enc := range map[string]encoding.Encoding{"windows-1251": charmap.Windows1251, "koi8-r": charmap.KOI8R, "iso-8859-7": charmap.ISO8859_7, "windows-1255": charmap.Windows1255} {
		text := map[string]string{"iso-8859-7": "δεν έφτασε", "windows-1255": "לא הגיע"}[label]
		if text == "" {
			text = "ЗАКАЗ не пришёл, ПРОВЕРЬТЕ"
		}
		if got, problem := decodeText([]byte(in(t, enc, text)), label); got != text || problem != "" {
			t.Errorf("decodeText of %s = %q, %q, want %q", label, got, problem, text)
		}
	}
}

func TestRawHeadersAreReadInTheCharsetOfTheMail(t *testing.T) {
	for name, c := range map[string]struct {
		enc                    encoding.Encoding
		label, sender, subject string
	}{
		"named by the body":      {simplifiedchinese.GBK, "gb2312", "张三", "没有收到"},
		"named nowhere":          {simplifiedchinese.GBK, "", "张三", "订单没有收到"},
		"named wrongly":          {simplifiedchinese.GBK, "utf-8", "李四", "没有收到"},
		"Japanese":               {japanese.ShiftJIS, "", "山田", "商品が到着しない"},
		"Japanese, seven bits":   {japanese.ISO2022JP, "", "山田", "商品が到着しない"},
		"Japanese, named":        {japanese.ShiftJIS, "shift_jis", "山田", "注文"},
		"Korean":                 {korean.EUCKR, "ks_c_5601-1987", "김철수", "문의"},
		"Russian, named":         {charmap.Windows1251, "windows-1251", "Иван", "Где заказ"},
		"western, named nowhere": {charmap.Windows1252, "", "Jörg Müller", "Größe fehlt"},
	} {
		contentType := "Content-Type: text/plain\n"
		if c.label != "" {
			contentType = "Content-Type: text/plain; charset=" + c.label + "\n"
		}
		raw := "From: " + in(t, c.enc, c.sender) + " <a@customer.example>\nSubject: " + in(t, c.enc, c.subject) + "\n" + contentType + "\nok\n"
		m := Read([]byte(raw), Limits{})
		checkMail(t, m, DefaultLimits())
		if len(m.From) != 1 || m.From[0] != (Address{c.sender, "a@customer.example"}) || m.Subject != c.subject {
			t.Errorf("%s: From %v, Subject %q, want %s and %q", name, m.From, m.Subject, c.sender, c.subject)
		}
		if m.Problems[0] != headerNotUTF8 || m.Guessed != (c.enc != charmap.Windows1252) {
			t.Errorf("%s: Problems = %q, Guessed = %v, want the guess said", name, m.Problems, m.Guessed)
		}
	}
}

func TestSenderIsUnclearWhereAnotherCharsetHidesAQuote(t *testing.T) {
	raw := "From: \"\x83\\\" <kate@bank.example>, \"" + in(t, japanese.ShiftJIS, "商品が到着しない") + "\" <a@evil.example>\nContent-Type: text/plain; charset=shift_jis\n\nok\n"
	if m := Read([]byte(raw), Limits{}); !m.FromUnclear {
		t.Errorf("From %v is taken for clear", m.From)
	}
	raw = "From: \"\x83\\\\\" <kate@bank.example>\nContent-Type: text/plain; charset=shift_jis\n\nok\n"
	if m := Read([]byte(raw), Limits{}); !m.FromUnclear {
		t.Errorf("From %v is taken for clear", m.From)
	}
}
