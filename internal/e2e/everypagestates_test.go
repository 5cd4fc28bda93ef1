package e2e_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"loket/connectors/telegram/telegramtest"
	"loket/desk/api"
)

// A house has something of everything that pages show.
type house struct {
	*daemon
	t           testing.TB
	bot         *telegramtest.Server
	anna        *api.Client
	joris, nora *http.Client      // who runs loket, and who answers for network alone
	asAnna      *http.Client      // who answered most
	kate, other string            // customers
	gone        string            // one who was erased
	numbers     map[string]string // of tasks, by what their customers said
	links       map[string]string // one-time links by who they are for
	asked       accepted          // on the form: just asked, answered, finished, rated
	answered    accepted
	finished    accepted
	rated       accepted
	forgotten   accepted // by one who was erased
	said        int      // by telegram, so far
}

// hard is what breaks pages: words without an end, in every direction, and what looks like markup.
const hard = "Donaudampfschifffahrtsgesellschaftskapitänsmützenfabrikationsmaschinenwartungshandbuchseite <b>x</b> \u202ezis eht si siht\u202c مرحبا بالعالم https://example.org/?q=01234567890123456789"

func fullHouse(t *testing.T) *house {
	t.Helper()
	bot := telegramtest.Start(t)
	configuration := strings.Replace(fmt.Sprintf(standard, embedded), "connectors:\n", fmt.Sprintf(
		"connectors:\n  - {name: bot, type: telegram, settings: {token: %q, secret_token: %q, api_url: %q}}\n", telegramtest.Token, telegramtest.Secret, bot.URL), 1)
	configuration = strings.NewReplacer("lease: 30s", "lease: 1h", "reopen: 1s", "reopen: 7d", "connectors:\n", "  care: {first_reply: 1s}\nconnectors:\n",
		"rules:\n", "rules:\n  - {name: hurry, when: 'text matches \"(?i)at once\"', team: care, tags: [vip]}\n").Replace(configuration)
	d := newDaemon(t, configuration+"organisation: {name: Voorbeeld, colour: \"#7a1f5c\"}\n").start()
	h := &house{daemon: d, t: t, bot: bot, anna: d.client("anna"), numbers: map[string]string{}, links: map[string]string{}}
	bot.Point(d.public + "/in/bot/")
	h.people()
	h.customers()
	h.conversations()
	h.trouble()
	return h
}

func (h *house) must(what string, err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatalf("%s: %v", what, err)
	}
}

func (h *house) people() {
	h.joris, h.nora, h.asAnna = h.signedIn("joris", "--role", "admin"), h.signedIn("nora", "--team", "network"), h.signedIn("anna")
	h.postForm(h.joris, "/myself", url.Values{"regret": {"30"}, "keys": {"1"}}, 200) // long enough to look at an answer that is held
	for name, flag := range map[string]string{"mia": "--team=support", "hall": "--board"} {
		link, code := h.loket("", "people", "add", name, flag)
		if code != 0 {
			h.t.Fatal(link)
		}
		h.links[name] = strings.TrimSpace(link)
	}
	h.signedIn("piet")
	if out, code := h.loket("", "people", "disable", "piet"); code != 0 {
		h.t.Fatal(out)
	}
}

func (h *house) customers() {
	register := func(name string, identifiers ...string) string {
		p, err := h.anna.Register(h.t.Context(), identifiers, name, api.Because{})
		h.must("register "+name, err)
		return p.ID
	}
	h.kate, h.other = register("Kate <b>de Vries", "email:kate@example.org", "cno:1042"), register(hard, "phone:+31687654321", "cno:2077")
	_, err := h.anna.SetConsent(h.t.Context(), h.kate, "email:kate@example.org", "newsletter", false, api.Because{})
	h.must("consent", err)
	h.gone = register("Eve", "email:eve@example.org")
}

// form sends the form and waits for its task.
func (h *house) form(fields map[string]string) accepted {
	h.t.Helper()
	a, err := h.postTo(h.public+"/in/website/", "", fields)
	h.must("send the form", err)
	return a
}

// telegram is what somebody says to the bot.
func (h *house) telegram(from int, text string) {
	h.t.Helper()
	h.said++
	if status := h.bot.Post(telegramtest.Secret, h.bot.Make("message", telegramtest.Said(from, h.said, map[string]any{"text": text}))); status != http.StatusOK {
		h.t.Fatalf("webhook: %d", status)
	}
}

// find notes the number of each task by how its subject begins.
func (h *house) find() {
	h.t.Helper()
	h.settled()
	for _, team := range []string{"network", "support", "care"} {
		for _, task := range h.tasks(team) {
			name, _, _ := strings.Cut(task.Subject, ":")
			h.numbers[name] = task.Number
		}
	}
}

func (h *house) conversations() {
	for i := range 25 {
		h.form(map[string]string{"subject": fmt.Sprint("Rij ", i, ": ", hard[:i*4]), "text": "Waar is mijn pakket?", "name": fmt.Sprint("Klaas ", i)})
	}
	h.asked = h.form(map[string]string{"subject": "Gevraagd", "text": "Waar is mijn pakket?", "name": "Anna"})
	h.answered = h.form(map[string]string{"subject": "Beantwoord", "text": "No signal", "name": "Anna"})
	h.finished = h.form(map[string]string{"subject": "Klaar", "text": "No signal", "name": "Anna"})
	h.rated = h.form(map[string]string{"subject": "Beoordeeld", "text": "No signal", "name": "Anna"})
	h.forgotten = h.form(map[string]string{"subject": "Gewist", "text": "Vergeet mij", "name": "Eve", "email": "eve@example.org"})
	h.form(map[string]string{"subject": "Beweerd", "text": "Ik ben Kate", "name": "Kate", "email": "kate@example.org", "phone": "+31612345678"})
	h.form(map[string]string{"subject": "Te laat", "text": "At once, please", "name": "Anna"})
	for _, name := range []string{"Een", "Twee"} {
		h.form(map[string]string{"subject": name, "text": "Dit hoort bij elkaar", "name": "Anna"})
	}
	h.telegram(1, "Nooit aangekomen")
	h.telegram(2, "Wie weet aangekomen")
	h.telegram(3, "Bedenktijd")
	h.telegram(4, "Intussen")
	file := func(name, kind string, data []byte) map[string]string {
		return map[string]string{"name": name, "type": kind, "data": base64.StdEncoding.EncodeToString(data)}
	}
	body, err := json.Marshal(map[string]any{
		"channel": "email", "connector": "mail", "subject": "Moeilijk: " + hard, "text": hard + "\n\n" + hard, "name": hard,
		"html": `<p style="color:red">` + hard + `</p><img src="https://example.org/x.png"><table><tr><td>` + strings.Repeat("wide ", 300) + `</td></tr></table>`,
		"from": []any{map[string]string{"kind": "email", "value": "kate@example.org", "level": "attested"}},
		"attachments": []any{file("mast.png", "image/png", drawn(h.t, 4000, 30)), file(strings.Repeat("lang", 60)+".pdf", "application/pdf", []byte("%PDF-1.4")),
			file("\u202egnp.exe", "application/octet-stream", []byte("x"))},
	})
	h.must("write a mail", err)
	h.daemon.api(http.MethodPost, "/api/v1/messages", string(body))
	h.find()
	ctx := h.t.Context()
	for _, name := range []string{"Beantwoord", "Klaar", "Beoordeeld"} {
		_, err := h.anna.Reply(ctx, h.numbers[name], api.Answer{Text: "Een mast is kapot, zie https://status.example.org", Close: name != "Beantwoord"})
		h.must("answer "+name, err)
	}
	res, err := http.PostForm(h.page(h.rated)+"/rating", url.Values{"rating": {"good"}})
	if err != nil || res.StatusCode != http.StatusOK {
		h.t.Fatalf("rate: %v, %v", res, err)
	}
	_ = res.Body.Close()
	_, err = h.anna.Merge(ctx, h.numbers["Een"], h.numbers["Twee"])
	h.must("merge", err)
	_, err = h.anna.Transfer(ctx, h.numbers["Te laat"], "network", "dit is van jullie @joris")
	h.must("transfer", err)
	_, err = h.client("mia").Take(ctx, h.numbers["Rij 1"])
	h.must("take", err)
	_, err = h.anna.Wait(ctx, h.numbers["Rij 2"], "48h")
	h.must("wait", err)
	hardest := h.numbers["Moeilijk"]
	_, err = h.client("joris").Take(ctx, hardest)
	h.must("take", err)
	_, err = h.anna.Note(ctx, hardest, hard+" @joris")
	h.must("note", err)
	_, err = h.anna.Label(ctx, hardest, api.Labelling{Tag: []string{"vip", "boos"}, Priority: "urgent", Language: "nl"})
	h.must("label", err)
	h.postForm(h.joris, "/tasks/"+hardest+"/draft", url.Values{"text": {hard}, "note": {"Nog niet klaar"}, "rev": {"0"}}, 200)
	_, err = h.anna.Erase(ctx, h.gone, false, api.Because{})
	h.must("erase", err)
}

// trouble sets two messages aside and has an answer fail, and of another nobody know.
func (h *house) trouble() {
	for _, text := range []string{"Koop <b>goud</b>", hard} {
		res, err := http.PostForm(h.public+"/in/website/", url.Values{"text": {text}, "homepage": {"http://x.example"}})
		if err != nil || res.StatusCode != http.StatusAccepted {
			h.t.Fatalf("form: %v, %v", res, err)
		}
		_ = res.Body.Close()
	}
	for _, of := range []struct {
		task  string
		fault telegramtest.Fault
	}{{"Nooit aangekomen", telegramtest.Fault{Status: 400, Description: "Bad Request: chat not found"}}, {"Wie weet aangekomen", telegramtest.Fault{Taken: true}}} {
		asked := h.bot.Asked("sendMessage")
		h.bot.Fail("sendMessage", of.fault)
		_, err := h.anna.Reply(h.t.Context(), h.numbers[of.task], api.Answer{Text: "Wij kijken <i>ernaar"})
		h.must("answer", err)
		h.await("the answer at the channel", func() bool { return h.bot.Asked("sendMessage") > asked })
	}
	h.await("what did not arrive to be known", func() bool {
		for _, name := range []string{"Nooit aangekomen", "Wie weet aangekomen"} {
			if task, err := h.anna.Task(context.Background(), h.numbers[name]); err != nil || task.Failure == "" {
				return false
			}
		}
		return true
	})
	h.await("what was set aside", func() bool {
		page, err := h.anna.Quarantine(context.Background(), 10, "")
		return err == nil && len(page.Messages) == 2
	})
}

// pages are all of them. What a state needs anew each time it is looked at is made when it is reached.
func (h *house) pages() []shown {
	at := func(name string, as *http.Client, address string, status int64, has string) shown {
		return shown{name, as, func(b *browser) { b.tb.Helper(); b.open(address, status) }, has}
	}
	by := func(name string, as *http.Client, has string, reach func(b *browser)) shown {
		return shown{name, as, reach, has}
	}
	desk := func(name, path, has string) shown { return at(name, h.joris, h.desk+path, 200, has) }
	task := func(name, of, has string) shown { return desk("task "+name, "/tasks/"+h.numbers[of], has) }
	refused := func(name, path, button string, status int64, fill map[string]string) shown {
		return by(name, h.joris, "#problem", func(b *browser) {
			b.open(h.desk+path, 200)
			b.unfold()
			for css, text := range fill {
				b.fill(css, text)
			}
			b.follow(button, status)
		})
	}
	aside, err := h.anna.Quarantine(h.t.Context(), 10, "")
	h.must("quarantine", err)
	tries := 0
	stranger := strings.Replace(h.desk, "127.0.0.1", strangersName, 1)
	return []shown{
		// What anybody sees.
		at("sign in", nil, h.desk+"/desk", 200, "#password"),
		by("sign in, wrong password", nil, "#problem", func(b *browser) {
			tries++
			b.open(h.desk+"/sign-in", 200)
			b.fill("#name", fmt.Sprint("nobody", tries))
			b.fill("#password", "wrong horse battery")
			b.follow("main form button", 401)
		}),
		at("one-time link", nil, h.links["mia"], 200, "#password"),
		by("one-time link, short password", nil, "#problem", func(b *browser) {
			b.open(h.links["mia"], 200)
			b.fill("#password", "            ")
			b.follow("main form button", 422)
		}),
		at("one-time link of a board", nil, h.links["hall"], 200, "input[name=board]"),
		at("one-time link, used", nil, h.desk+"/begin/nothing", 404, "h1"),
		by("another's name", nil, "h1", func(b *browser) {
			b.open(stranger+"/desk", 421)
			b.forgive("Cross-Origin-Opener-Policy") // counts nothing where others can listen
		}),
		at("form", nil, h.public+"/in/website/", 200, "#attachments"),
		by("form, refused", nil, "#text-problem", func(b *browser) {
			b.open(h.public+"/in/website/", 200)
			b.fill("#text", " ")
			b.fill("#phone", "12")
			b.follow("button", 422)
		}),
		by("form, sent", nil, ".receipt", func(b *browser) {
			b.open(h.public+"/in/website/", 200)
			b.fill("#text", "Waar is mijn pakket?")
			b.follow("button", 202)
		}),
		at("customer's page, asked", nil, h.page(h.asked), 200, "#state"),
		at("customer's page, answered", nil, h.page(h.answered), 200, ".ours"),
		at("customer's page, finished", nil, h.page(h.finished), 200, ".rating"),
		at("customer's page, rated", nil, h.page(h.rated), 200, "#rated"),
		by("customer's page, refused", nil, "#problem", func(b *browser) {
			b.open(h.page(h.answered), 200)
			b.fill("#text", " ")
			b.follow("form button[type=submit]", 422)
		}),
		by("customer's page, rated by nothing", nil, "h1", func(b *browser) {
			b.open(h.page(h.rated), 200)
			b.fill("#text", " ")
			b.follow("form button[type=submit]", 422)
		}),
		at("customer's page of nobody", nil, h.public+"/t/nothing", 404, "h1"),
		at("customer's page, erased", nil, h.page(h.forgotten), 410, "h1"),

		// Lists.
		desk("list, full", "/desk?team=support", "#rows li:nth-child(20)"),
		desk("list, empty", "/desk?team=care", "#empty:not([hidden])"),
		desk("list, taken", "/desk?team=support&view=claimed", "#rows li"),
		desk("list, waiting", "/desk?team=support&view=waiting", "#rows li"),
		desk("list, closed", "/desk?team=network&view=closed", "#rows li"),
		desk("list, mine", "/desk?view=mine", "#rows li"),
		desk("list, mentions", "/desk?view=mentions", "#list"),
		desk("list, late", "/desk?team=network", ".due.late"),

		// Tasks.
		task("queued", "Rij 0", "#acts form"),
		task("mine, hard, with a draft", "Moeilijk", ".files"),
		task("of somebody else", "Rij 1", ".facts"),
		task("waiting", "Rij 2", ".facts"),
		task("answered", "Beantwoord", ".ours"),
		task("closed", "Klaar", `form[action$="/reopen"]`),
		task("rated", "Beoordeeld", `form[action$="/reopen"]`),
		task("late, transferred", "Te laat", ".due.late"),
		task("claimed sender", "Beweerd", ".maybe button"),
		task("merged", "Een", ".facts"),
		task("merged into", "Twee", ".facts"),
		task("failed", "Nooit aangekomen", ".problem"),
		task("in doubt", "Wie weet aangekomen", ".problem"),
		at("task of somebody erased", h.joris, h.desk+"/tasks/"+h.numbers["Gewist"], 410, ".facts"),
		at("task that is none", h.joris, h.desk+"/tasks/T-99-3", 404, "h1"),
		at("task of another team", h.nora, h.desk+"/tasks/"+h.numbers["Rij 0"], 403, "h1"),
		by("task, answer held", h.joris, ".regret", func(b *browser) {
			h.postForm(h.joris, "/tasks/"+h.numbers["Bedenktijd"]+"/reply", url.Values{"text": {hard}, "key": {fmt.Sprint("held", time.Now().UnixNano())}, "rev": {"0"}, "anyway": {"1"}}, 200)
			b.open(h.desk+"/tasks/"+h.numbers["Bedenktijd"], 200)
		}),
		by("task, answer unseen", h.joris, ".draft", func(b *browser) {
			b.open(h.desk+"/tasks/"+h.numbers["Gevraagd"], 200)
			b.fill("#text", "Is het nu opgelost?")
			if res, err := http.PostForm(h.page(h.asked), url.Values{"text": {"Nog iets"}}); err != nil || res.StatusCode != http.StatusAccepted {
				h.t.Fatalf("writing back: %v, %v", res, err)
			}
			h.settled()
			b.follow(".send > button", 409)
		}),
		refused("task, refused", "/tasks/"+h.numbers["Rij 3"], ".acts details:has(#until) button", 422, map[string]string{"#until": "yesterday"}),
		refused("task, empty answer", "/tasks/"+h.numbers["Rij 3"], ".send > button", 422, map[string]string{"#text": " "}),

		// Beginning, templates, myself, search.
		desk("new conversation", "/new?team=support", "#to"),
		refused("new conversation, refused", "/new?team=support", "main form button", 422, map[string]string{"#to": "nobody", "#text": hard}),
		by("templates, none", h.joris, ".canned-form", func(b *browser) {
			all, err := h.anna.Canned(h.t.Context(), "")
			h.must("templates", err)
			for _, a := range all.Canned {
				h.must("remove", h.anna.RemoveCanned(h.t.Context(), a.ID))
			}
			b.open(h.desk+"/canned", 200)
		}),
		by("templates", h.joris, ".canned-list li", func(b *browser) {
			_, err := h.anna.SetCanned(h.t.Context(), api.Canned{Name: hard[:70], Text: "Beste {{name}}, " + hard})
			h.must("template", err)
			b.open(h.desk+"/canned", 200)
		}),
		refused("templates, refused", "/canned", ".canned-form button", 422, map[string]string{"#name": "Groet", "#text": "Beste {{nam}}"}),
		desk("myself", "/myself", "#devices"),
		refused("myself, refused", "/myself", "main form button", 422, map[string]string{"#regret": "99"}),
		desk("search", "/search?q=kate@example.org", "ul"),
		desk("search, nothing", "/search?q=%3Cscript%3E"+strings.Repeat("x", 100), ".hint"),

		// Customers.
		desk("customer", "/customers/"+h.kate, "#known"),
		desk("customer, hard", "/customers/"+h.other, "#known"),
		by("customer, why", h.joris, "ol.things", func(b *browser) {
			b.open(h.desk+"/customers/"+h.kate, 200)
			b.follow("#known + ul li:nth-child(2) > a", 200)
		}),
		by("customer, why, the first", h.joris, "ol.things", func(b *browser) {
			b.open(h.desk+"/customers/"+h.kate, 200)
			b.follow("#known + ul li:nth-child(1) > a", 200)
		}),
		desk("customers compared", "/customers/compare?a="+h.kate+"&b="+h.other, ".sides"),
		refused("customers compared, refused", "/customers/compare?a="+h.kate+"&b="+h.other, "form[action='/customers/merge'] button", 409, nil),
		desk("customer, erase", "/customers/"+h.kate+"/erase", "button.danger"),
		refused("customer, erase, another name", "/customers/"+h.kate+"/erase", "button.danger", 422, map[string]string{"#name": hard}),
		at("customer, erased", h.joris, h.desk+"/customers/"+h.gone, 410, "h1"),
		at("customer, erase, by who may not", h.nora, h.desk+"/customers/"+h.kate+"/erase", 403, "h1"),

		// People.
		desk("people", "/people", ".people"),
		by("people, link", h.joris, "#link", func(b *browser) {
			b.open(h.desk+"/people", 200)
			b.follow(`form[action="/people/nora/link"] button`, 200)
		}),
		refused("people, refused", "/people", "main > form button", 422, map[string]string{"#name": "mia with spaces"}),

		// Operations.
		desk("operations", "/operations", ".counts"),
		desk("quarantine", "/operations/quarantine", ".things li"),
		desk("quarantine, one", "/operations/quarantine/"+aside.Messages[0].ID, ".acts"),
		desk("quarantine, drop", "/operations/quarantine/"+aside.Messages[1].ID+"?drop=1", "#drop-hint"),
		desk("answers that failed", "/operations/answers", ".reply-kept"),
		desk("rules", "/operations/rules", "tbody tr"),
		desk("try", "/operations/try", ".try"),
		by("try, routed", h.joris, "#routed", func(b *browser) {
			b.open(h.desk+"/operations/try", 200)
			b.fill("#from", "kate@example.org")
			b.fill("#text", "At once: "+hard)
			b.follow(".try button", 200)
		}),
		refused("try, refused", "/operations/try", ".try button", 422, map[string]string{"#from": "nobody at all", "#text": "x"}),
		desk("doctor", "/operations/doctor", "main form"),
		by("doctor, well", h.joris, ".done", func(b *browser) {
			b.open(h.desk+"/operations/doctor", 200)
			b.follow("main form button", 200)
		}),
		desk("configuration", "/operations/configuration", "pre"),
		at("operations, by who may not", h.nora, h.desk+"/operations", 403, "h1"),

		// Figures.
		desk("figures", "/figures?last=1d", ".headlines"),
		desk("figures, by week and team", "/figures?last=28d&by=week&clock=working&team=network", ".heat"),
		desk("figures, none", "/figures?from=2025-01-01&to=2025-01-31", ".headlines"),
		refused("figures, refused", "/figures", ".asked button", 422, map[string]string{"#from": "2026-13-01"}),
		desk("figures, tasks", "/figures/tasks?last=1d&figure=messages", "tbody tr"),
		desk("figures, no tasks", "/figures/tasks?last=1d&figure=abandoned", "h1"),
		at("figures of another team", h.nora, h.desk+"/figures?team=support", 403, "h1"),
		desk("report", "/figures/report?month="+time.Now().Format("2006-01"), ".sheet"),
		desk("report, nothing", "/figures/report?month=2025-01&team=network", ".sheet"),
		at("report, refused", h.joris, h.desk+"/figures/report?month=2026-13", 422, "#problem"),
		desk("answers, none", "/answers?last=1d", "h1"),
		at("answers", h.asAnna, h.desk+"/answers?last=1d", 200, "tbody tr"),
		desk("board", "/board", "#board section"),
	}
}
