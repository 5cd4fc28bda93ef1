package e2e_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"loket/desk/api"
)

// attested is a message on some channel whose sender is sure, as a program with the role vouch brings it.
func (d *daemon) attested(channel, kind, value, text string) {
	d.tb.Helper()
	body := fmt.Sprintf(`{"channel":%q,"connector":"mail","text":%q,"name":"Kate","from":[{"kind":%q,"value":%q,"level":"attested"}]}`, channel, text, kind, value)
	if res := d.ask(http.MethodPost, d.desk+"/api/v1/messages", "", d.client("").Token.Reveal(), body); res.StatusCode != http.StatusAccepted {
		d.tb.Fatalf("take in %s: %s", body, res.Status)
	}
}

// A manager looks at a customer on a phone: what they are known by and why, what was said on every channel, what they allow, whom
// they may be the same as; joins two, parts them, erases one.
func TestCustomerInABrowser(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	boss := d.client("")
	register := func(name string, identifiers ...string) string {
		p, err := boss.Register(t.Context(), identifiers, name, api.Because{})
		if err != nil {
			t.Fatal(err)
		}
		return p.ID
	}
	kate, other := register("Kate <b>de Vries", "email:kate@example.org", "cno:1042"), register("K. de Vries", "phone:+31687654321", "cno:2077")
	d.attested("email", "email", "kate@example.org", "By mail: no signal <script>alert(1)</script>")
	d.attested("sms", "phone", "+31687654321", "By SMS: no signal")
	form := map[string]string{"text": "By the form: no signal", "name": "Kate", "email": "kate@example.org", "phone": "+31612345678"}
	if _, err := d.postTo(d.public+"/in/website/", "k", form); err != nil {
		t.Fatal(err)
	}
	d.settled()
	b := newBrowser(t)
	b.open(d.beginLink(), 200)
	b.fill("#name", "joris")
	b.fill("#password", "correct horse battery")
	b.follow("main form button", 200)

	// Whom a sender says to be is linked from the task in one click.
	var claimed *api.Task
	for _, task := range d.tasks("network") {
		if task.Channel == "web" {
			claimed = task
		}
	}
	b.open(d.desk+"/tasks/"+claimed.Number, 200)
	b.expect(".maybe button", "Zij zijn het: telefoon +31612345678")
	b.follow(".maybe button", 200)
	b.expect(".done", "Genoteerd: het is van hen.")
	b.follow(".maybe li:first-child > a", 200)
	b.expect("h1", "Kate <b>de Vries")
	if known := b.read("#known + ul"); !strings.Contains(known, "+31612345678") || !strings.Contains(known, "kate@example.org") {
		t.Errorf("known by %s", known)
	}
	b.expect(".said li:nth-child(1) .text", "By mail: no signal <script>alert(1)</script>")
	if rows := b.read(".claims"); !strings.Contains(rows, claimed.Number) {
		t.Errorf("claims: %s", rows)
	}
	b.fits()
	b.axe()
	b.picture("customer.png")
	b.follow("#known + ul li:first-child a", 200)
	b.fits()
	b.follow("main > p:last-child a", 200)

	// Consent and where they like to be written to; what is wrong is told, and what was typed stays.
	b.do(openDetails("#note-consent"))
	b.fill("#purpose", "news letters!")
	b.follow(`button[value="yes"]`, 422)
	if got := b.value("#purpose"); got != "news letters!" || b.read("#problem") == "" {
		t.Errorf("after a mistake the purpose is %q", got)
	}
	b.do(openDetails("#note-consent"))
	b.fill("#purpose", "newsletter")
	b.follow(`button[value="no"]`, 200)
	b.expect("#consent ~ .scroll tbody th", "newsletter")
	b.do(openDetails("#choose-preferred"))
	b.fill("#preferred", "email:kate@example.org")
	b.follow("#choose-preferred button", 200)
	b.expect("#consent + p", "Wil het liefst bericht op e-mail kate@example.org.")

	// Two customers side by side; what contradicts must be confirmed; undone, they are two again.
	b.fill("#with", "cno:2077")
	b.do(submit("form[action='/customers/compare']"))
	b.expect("h1", "Vergelijken")
	if got := b.count(".sides section"); got != 2 {
		t.Fatalf("%d customers side by side", got)
	}
	b.fits()
	b.axe()
	b.picture("compare.png")
	b.fill("#reason", "she said so on the phone")
	b.follow("form[action='/customers/merge'] button", 409)
	b.do(setChecked("input[name=confirm]"))
	if got := b.value("#reason"); got != "she said so on the phone" {
		t.Errorf("the reason is now %q", got)
	}
	b.follow("form[action='/customers/merge'] button", 200)
	b.expect(".done", "Samengevoegd. Ongedaan maken staat hieronder, bij wat beslist is.")
	if said := b.read(".said"); !strings.Contains(said, "By mail") || !strings.Contains(said, "By SMS") {
		t.Errorf("said on both channels: %s", said)
	}
	b.follow(`nav.tabs a[href$="channel=sms"]`, 200)
	if said := b.read(".said"); strings.Contains(said, "By mail") || !strings.Contains(said, "By SMS") {
		t.Errorf("said by SMS: %s", said)
	}
	b.follow(".log form button", 200)
	b.expect(".done", "Ze zijn weer twee.")
	for _, id := range []string{kate, other} {
		if p, err := boss.Customer(t.Context(), id); err != nil || p.ID != id {
			t.Errorf("customer %s is %+v, %v", id, p, err)
		}
	}

	// Who only answers sees it too, and neither exports nor erases nor joins.
	nora := d.visitor("nora", "--team", "network")
	for path, want := range map[string]int{"": 200, "/why?x=cno:1042": 200, "/export": 403, "/erase": 403} {
		if got := d.status(nora, "/customers/"+kate+path); got != want {
			t.Errorf("/customers/…%s gives who answers %d, want %d", path, got, want)
		}
	}
	for path, form := range map[string]url.Values{
		"/customers/merge": {"a": {kate}, "b": {other}, "confirm": {"1"}}, "/customers/" + kate + "/erase": {"name": {"Kate <b>de Vries"}},
		"/customers/" + kate + "/unmerge": {"a": {kate}, "b": {other}}, "/customers/" + kate + "/identifier": {"identifier": {"cno:1042"}, "do": {"split"}},
	} {
		res, err := nora.PostForm(d.desk+path, form)
		if err != nil || res.StatusCode != 403 {
			t.Errorf("nora's %s: %v, %v", path, res, err)
		}
	}
	res, err := d.visitor("mo", "--role", "manager").Get(d.desk + "/customers/" + kate + "/export")
	if err != nil {
		t.Fatal(err)
	}
	packed, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil || !slices.ContainsFunc(archive.File, func(f *zip.File) bool { return f.Name == "messages.ndjson" }) {
		t.Fatalf("export: %v, %v", archive, err)
	}

	// Erasing shows what goes, and asks for the name.
	b.open(d.desk+"/customers/"+kate+"/erase", 200)
	b.fits()
	b.axe()
	b.fill("#name", "Kate")
	b.follow("button.danger", 422)
	b.expect("#problem", "De naam is niet die hierboven: er is niets gewist.")
	b.fill("#name", " kate <b>de  vries ")
	b.follow("button.danger", 200)
	b.expectNone("button.danger")
	d.await("her to be erased", func() bool {
		_, err := boss.Customer(t.Context(), kate)
		return err != nil
	})
	b.open(d.desk+"/customers/"+kate, 410)
	b.quiet()
	d.healthy()
}

// setChecked ticks a box.
func setChecked(css string) chromedp.Action[chromedp.Void] {
	return chromedp.SetAttributeValue(chromedp.CSS(css), "checked", "")
}
