package x_test

import (
	"net/http"
	"testing"

	"loket/connectors/connectortest"
	"loket/connectors/x"
	"loket/connectors/x/xtest"
	"loket/internal/message"
)

func TestFaultsOfX(t *testing.T) {
	for _, version := range []string{"v1.1", "v2"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			connectortest.RunFaults(t, connectortest.Faults{
				Type: x.Type(), Secrets: secrets(), Private: private(),
				Vendor: func(t *testing.T) connectortest.Vendor {
					f := xtest.Start(t)
					cfg := polling(f, version)
					asked := f.Add(xtest.Post{Text: "@example a question", Names: true})
					return connectortest.Vendor{
						StandIn: &f.StandIn, Config: &cfg, Say: func(text string) { f.Add(xtest.Post{Text: text, Names: true}) },
						Reply: &message.Message{
							ID: message.NewID([]byte("reply")), Thread: message.NewID([]byte("thread")), Direction: message.Out, Public: true,
							Channel: "x", Text: "our answer", References: []string{xtest.Kate().ID + "/" + asked.ID},
							To: []message.Identifier{{Kind: "xu", Value: xtest.Kate().ID, Level: message.Attested}},
						},
						Hands: func(r *http.Request) bool { return r.Method == http.MethodPost }, Sent: func() int { return len(f.Posts()) },
					}
				},
			})
		})
	}
}
