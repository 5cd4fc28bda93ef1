package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// chatRoot is the chat's part of the page around it.
const chatRoot = `document.querySelector("body > div").shadowRoot`

// opensChat opens the chat on a page of the organisation.
func (b *browser) opensChat(s *site) {
	b.tb.Helper()
	b.open(s.URL, 200)
	b.await("the button", chatRoot+`.querySelector("button") !== null`)
	b.js(chatRoot + `.querySelector("button").click(); 1`)
	b.awaitFramed("the chat to be open", `!document.getElementById("close").hidden`)
}

func (b *browser) saysFramed(text string) {
	b.tb.Helper()
	b.framed(`(document.getElementById("text").value = ` + quoted(text) + `, document.querySelector(".write button").click())`)
}

// A page of the organisation says by a token who is signed in to it: the frame tells them, the task has them as proven, they go on with the same
// conversation on another device, read that we read what they wrote, and save all of it.
func TestSignedInVisitorHasOneConversationInABrowser(t *testing.T) {
	t.Parallel()
	const secret = "0123456789abcdef0123456789abcdef"
	s := newSite(t)
	d := newDaemon(t, chatting(s.URL, `, sign_in: {issuer: "https://login.example.org", audience: chat, secret: `+secret+`}`)).start()
	s.chat = d.public
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: []byte(secret)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(map[string]any{
		"iss": "https://login.example.org", "aud": "chat", "sub": "u-17", "exp": time.Now().Add(time.Hour).Unix(), "name": "Kate de Vries",
		"email": "kate@example.org", "email_verified": true,
	}).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	s.who = fmt.Sprintf("data-visitor=%q", token)

	laptop, phone := newScriptedBrowser(t), newScriptedBrowser(t)
	laptop.opensChat(s)
	laptop.awaitFramed("who they are", `document.getElementById("signed").textContent === "You are signed in as Kate de Vries."`)
	laptop.saysFramed("No signal")
	laptop.awaitFramed("it to be taken", said+` === "No signal" && document.querySelector("#said > li[id]") !== null`)
	if laptop.framed(`document.querySelector("#said .read") === null`) != "true" {
		t.Error("it is told that we read what nobody had on screen")
	}
	task := d.claims("network")
	if task.Customer.Assurance != "proven" || task.Name != "Kate de Vries" {
		t.Errorf("the task is of %s, %s; want who signed in, proven", task.Name, task.Customer.Assurance)
	}
	laptop.awaitFramed("that we read it", `document.querySelector("#said .read")?.textContent === "Read"`)

	phone.opensChat(s)
	phone.awaitFramed("the conversation", said+` === "No signal"`)
	phone.saysFramed("In Utrecht")
	d.await("it to be in the same task", func() bool { return d.has(task.ID, "In Utrecht") })
	d.answers(task.ID, "We look at it")
	for _, b := range []*browser{laptop, phone} {
		b.awaitFramed("all that was said", said+` === "No signal\nIn Utrecht\nus: We look at it"`)
	}
	for _, kind := range []string{"save", "savetext"} {
		if got := d.get(laptop.framed(`document.getElementById("` + kind + `").href`)); !strings.Contains(got, "In Utrecht") || !strings.Contains(got, "We look at it") {
			t.Errorf("what %s gives is\n%s", kind, got)
		}
	}
	laptop.quiet()
	d.healthy()
}
