package webhook_test

import (
	"errors"
	"strings"
	"testing"

	"loket/config"
)

func TestMistakesAreToldWithTheirPlace(t *testing.T) {
	for _, test := range []struct{ settings, want string }{
		{`{channel: chat, message: {id: body.id}}`, "config.yaml:1:53: connectors[0].settings.verify: must be given"},
		{open(`message: {id: 'bdy.id'}`), `message.id: unknown name bdy at column 1 (did you mean "body"?)`},
		{open(`message: {id: 'body.id +'}`), "message.id: unexpected token EOF"},
		{open(`message: {id: 'body.id', text: 'repeat(raw, 100)'}`), "message.text: "},
		{open(`message: {id: 'body.id', when: 'raw matches body.x'}`), "the pattern of matches must be a text between quotes at column"},
		{open(`message: {id: 'body.id', when: 'any(body.x, any(body.y, true))'}`), "cannot stand inside one another at column"},
		{open(`message: {id: 'body.id', text: 'join(map(body.x, raw), "")'}`), "raw cannot stand inside any"},
		{open(`message: {id: 'body.id', each: '1..1000000'}`), ".. cannot be used here"},
		{open(`message: {text: body.x}`), "message.id: must be given"},
		{`{channel: chat, message: {id: body.id}, verify: {token: {header: X, secret: fifteen-letters}}}`, "verify.token.secret: must have at least 16 characters, not 15"},
		{`{channel: chat, message: {id: body.id}, verify: {basic: {user: u, password: short}}}`, "verify.basic.password: must have at least 16 characters, not 5"},
		{open(`message: {id: body.id}, reply: {url: "https://api.example/{{id}}?key=1", body: {}}`), "reply.url: must be without ? and #"},
		{open(`message: {id: body.id}, reply: {url: "https://api.example/x", body: {}, headers: {"X Key": y}}`), "reply.headers.X Key: must be the name of a header"},
		{open(`message: {id: body.id}, reply: {url: "https://api.example/x", body: {}, headers: {X-Key: "y\n"}}`), "reply.headers.X-Key: must be one line"},
		{open(`message: {id: body.id}, reply: {url: "https://api.example/x", body: {a: "{{secret}}"}, secrets: {k: v3ry}}`), "reply.body.a: secret must be followed by the name of one of secrets at column 1"},
		{open(`message: {id: body.id}, reply: {url: "https://api.example/x", body: {a: "{{secret.k + string(secret)}}"}, secrets: {k: v3ry}}`), "secret must be followed by the name of one of secrets"},
		{open(`message: {id: body.id, from: [{kind: fone, value: body.x}]}`), `message.from[0]: unknown kind "fone"`},
		{open(`message: {id: body.id, from: [{kind: sub, value: body.x}]}`), "message.from[0]: sub: must name its issuer"},
		{open(`message: {id: body.id, from: [{kind: phone, scope: x, value: body.x}]}`), "without a scope"},
		{open(`message: {id: body.id, from: [{kind: phone, value: body.x, level: proven}]}`), "must be claimed or attested"},
		{open(`message: {id: body.id}, reply: {url: "http://api.example/x", body: {}}`), "reply.url: must be https://"},
		{open(`message: {id: body.id}, reply: {url: "https://{{to}}/x", body: {}}`), "reply.url: must be https://"},
		{open(`message: {id: body.id}, reply: {url: "https://api.example/x", body: {a: {b: ["x {{txt}}"]}}}`), `reply.body.a.b[0]: unknown name txt at column 1 (did you mean "text"?)`},
		{open(`message: {id: body.id}, reply: {url: "https://api.example/x", body: {a: "{{text"}}`), "a {{ is not closed by }}"},
		{open(`message: {id: body.id}, reply: {url: "https://api.example/x", body: {a: "{{secret.k}}"}}`), "secret must be followed by the name of one of secrets"},
		{open(`message: {id: body.id}, reply: {url: "https://api.example/x", type: xml, body: "<m><{{text}}/></m>"}`), "may stand between tags"},
		{open(`message: {id: body.id}, reply: {url: "https://api.example/x", type: xml, body: "<m><!-- {{text}} --></m>"}`), "may stand between tags"},
		{open(`message: {id: body.id}, reply: {url: "https://api.example/x", type: xml, body: "<m>"}`), "must be well-formed XML"},
		{open(`message: {id: body.id}, reply: {url: "https://api.example/x", type: form, body: "x"}`), "must be the fields of the form"},
		{open(`message: {id: body.id}, report: {of: body.id, state: body.s, states: {x: gone}}`), `report.states.x: must be sent, delivered, read or failed, not "gone"`},
		{open(`message: {id: body.id}, files: [http://media.example]`), "files[0]: must be https://"},
		{`{channel: chat, message: {id: body.id}, verify: {certificate: {header: X, sha256: ` + strings.Repeat("a", 64) + `}}}`, "verify.certificate: needs another one beside it"},
		{`{channel: chat, message: {id: body.id}, verify: {hmac: {header: X, secret: k, timestamp: 'header("T")'}}}`, "verify.hmac.timestamp: must stand in content as it is"},
		{`{channel: chat, message: {id: body.id}, verify: {hmac: {header: X, secret: k, content: 'header("T") + raw', timestamp: 'query("t")'}}}`, "verify.hmac.timestamp: must stand in content as it is"},
		{`{channel: chat, message: {id: body.id}, verify: {hmac: {header: X, secret: k, content: 'split(header("T"), ",")[0] + raw', timestamp: 'split(header("T"), ",")[1]'}}}`, "verify.hmac.timestamp: must stand in content as it is"},
		{`{channel: chat, message: {id: body.id}, verify: {hmac: {header: X, secret: k, timestamp: '"2026-11-30"'}}}`, "verify.hmac.timestamp: must stand in content as it is"},
		{`{channel: chat, message: {id: body.id}, verify: {hmac: {header: X, secret: k, content: 'header("T")'}}}`, "verify.hmac.content: must have raw in it"},
		{`{channel: chat, message: {id: body.id}, verify: {hmac: {header: X, secret: k, content: 'body.id + "raw"'}}}`, "verify.hmac.content: can name raw, header and query only"},
		{`{channel: chat, message: {id: body.id}, verify: {hmac: {header: X, secret: zz, key_encoding: hex}}}`, "verify.hmac.secret: must be written in hex"},
	} {
		_, err := parse(test.settings)
		var problems config.Problems
		if !errors.As(err, &problems) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s:\n%v\nwant %s", test.settings, err, test.want)
		}
	}
}
