package quote

import (
	"maps"
	"slices"
	"testing"
)

func TestMarkedKnowsEveryMark(t *testing.T) {
	for _, name := range slices.Concat(slices.Collect(maps.Keys(classHints)), slices.Collect(maps.Keys(idHints))) {
		if !Marked(`<div CLASS="x ` + name + `">`) {
			t.Errorf("Marked does not know %s", name)
		}
	}
	for _, source := range []string{
		`<blockquote type="cite">`, `<div name="quote">`, `<div class="yahoo_quoted">`, `<hr data-marker="__DIVIDER__">`, `<div data-marker="__SIG_PRE__">`,
		`<div data-marker="__QUOTED_TEXT__">`, `<div style="BORDER-TOP:solid #E1E1E1 1.0pt;PADDING:3.0pt 0cm 0cm 0cm">`, `<div style="border-top: solid">`, `<div name="messageReplySection">`, `<div name="messageSignatureSection">`,
	} {
		if !Marked(source) {
			t.Errorf("Marked(%s) = false", source)
		}
	}
	if Marked("<html><body><p>Hello there</p></body></html>") {
		t.Error("a plain page is marked")
	}
}
