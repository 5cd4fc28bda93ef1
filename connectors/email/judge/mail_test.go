package judge

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"

	"loket/connectors/email/mail"
)

// ours is the organisation of all tests.
var ours = Own{
	Addresses: []string{"help@ours.example", "info@ours.example"},
	Domains:   []string{"ours.example"},
	Forms:     []string{"wordpress@shop.example", "noreply@shop.example"},
	Names:     []string{"Klantenservice Ours"},
	MessageID: func(id string) bool { return strings.HasPrefix(id, "loket.") && strings.HasSuffix(id, "@ours.example") },
	Loop:      "loket ours.example",
	Verp: func(addr string) (string, bool) {
		rest, ok := strings.CutPrefix(addr, "help+b-")
		id, domain, at := strings.Cut(rest, "@")
		return "loket." + id + "@ours.example", ok && at && domain == "ours.example"
	},
}

// read makes a Mail of well-formed text, as mail.Read would; it is for tests only.
func read(t testing.TB, raw string) *mail.Mail {
	t.Helper()
	h, body := fieldsOf([]byte(strings.TrimLeft(raw, "\n")))
	decode := new(mime.WordDecoder)
	for i := range h {
		if v, err := decode.DecodeHeader(h[i].Value); err == nil {
			h[i].Value = v
		}
	}
	m := &mail.Mail{
		Header: h, From: list(h, "From"), Sender: list(h, "Sender"), ReplyTo: list(h, "Reply-To"), To: list(h, "To"), Cc: list(h, "Cc"),
		Subject: h.Get("Subject"), MessageID: bareID(h.Get("Message-ID")),
		InReplyTo: ids(h.Get("In-Reply-To")), References: ids(h.Get("References")), Type: "text/plain",
	}
	if v, ok := strings.CutPrefix(h.Get("Return-Path"), "<"); ok {
		m.ReturnPath = strings.TrimSuffix(v, ">")
		m.NullReturnPath = m.ReturnPath == ""
	}
	if v := h.Get("Content-Type"); v != "" {
		m.Type, m.Params, _ = mime.ParseMediaType(v)
	}
	leaves(t, m, m.Type, m.Params, body)
	return m
}

func leaves(t testing.TB, m *mail.Mail, kind string, params map[string]string, body []byte) {
	t.Helper()
	if !strings.HasPrefix(kind, "multipart/") {
		switch {
		case kind == "text/plain" && m.Text == "" && params["name"] == "":
			m.Text = string(body)
		case kind == "text/html":
			m.HTML = string(body)
		default:
			name := params["name"]
			if name == "" {
				name = "file"
			}
			m.Parts = append(m.Parts, mail.Part{Name: name, Type: kind, Params: params, Data: body})
		}
		return
	}
	for r := multipart.NewReader(bytes.NewReader(body), params["boundary"]); ; {
		p, err := r.NextPart()
		if err != nil {
			return
		}
		data, err := io.ReadAll(p)
		if err != nil {
			t.Fatalf("read part: %v", err)
		}
		if strings.EqualFold(p.Header.Get("Content-Transfer-Encoding"), "base64") {
			if data, err = base64.StdEncoding.DecodeString(strings.TrimSpace(string(data))); err != nil {
				t.Fatalf("decode part: %v", err)
			}
		}
		kind, params, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if err != nil {
			kind = "text/plain"
		}
		leaves(t, m, kind, params, data)
	}
}

func list(h mail.Header, name string) []mail.Address {
	var out []mail.Address
	for _, v := range h.All(name) {
		parsed, err := netmail.ParseAddressList(v)
		if err != nil && v != "" {
			if a, ok := anAddress(v); ok {
				out = append(out, a)
			}
			continue
		}
		for _, a := range parsed {
			out = append(out, mail.Address{Name: a.Name, Addr: a.Address})
		}
	}
	return out
}

func ids(v string) []string {
	var out []string
	for _, f := range angled.Get().FindAllStringSubmatch(v, -1) {
		out = append(out, f[1])
	}
	return out
}

// person is a mail by a person with other fields above its own; a field that is given replaces that of the person.
func person(t testing.TB, fields, text string) *mail.Mail {
	t.Helper()
	given, _ := fieldsOf([]byte(fields))
	raw := strings.TrimSpace(fields) + "\n"
	for _, f := range []mail.Field{
		{Name: "From", Value: "Jan Jansen <jan@customer.example>"},
		{Name: "To", Value: "help@ours.example"},
		{Name: "Subject", Value: "My connection"},
		{Name: "Message-ID", Value: "<1@customer.example>"},
	} {
		if !slices.ContainsFunc(given, func(g mail.Field) bool { return g.Name == f.Name }) {
			raw += f.Name + ": " + f.Value + "\n"
		}
	}
	return read(t, strings.TrimLeft(raw, "\n")+"\n"+text)
}
