package x_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"loket/connectors"
	"loket/connectors/connectortest"
	"loket/connectors/x"
	"loket/connectors/x/xtest"
	"loket/internal/message"
)

func secrets() []string {
	return []string{xtest.ConsumerSecret, xtest.AccessToken, xtest.AccessSecret}
}

func private() []string { return []string{"Kate Jansen", "Kate_J", "my secret worry", "our answer"} }

func TestWebhookConforms(t *testing.T) {
	for _, version := range []string{"v1.1", "v2"} {
		t.Run(version, func(t *testing.T) {
			var f *xtest.X
			var post xtest.Post
			reply := &message.Message{}
			connectortest.Run(t, connectortest.Fixture{
				Type: x.Type(),
				Config: func(t *testing.T) any {
					f = xtest.Start(t)
					post = f.Add(xtest.Post{Text: "my secret worry", Names: true, Media: []string{f.Serve("a.png", "image/png", png())}})
					*reply = message.Message{
						ID: message.NewID([]byte("reply")), Thread: message.NewID([]byte("thread")), Direction: message.Out, Public: true,
						Connector: "conformance", Channel: "x", Text: "our answer", References: []string{xtest.Kate().ID + "/" + post.ID},
						To: []message.Identifier{{Kind: "xu", Value: xtest.Kate().ID, Level: message.Attested}},
					}
					cfg := config(f, version)
					return &cfg
				},
				Deliver: func(t testing.TB, c connectors.Connector) bool {
					body := f.PostCreated(post)
					if version == "v2" {
						body = f.PostActivity("post.mention.create", post)
					}
					return connectortest.Do(t, c, xtest.Request("/", body)).Code == 200
				},
				Reply: reply, Secrets: secrets(), Private: private(),
			})
		})
	}
}

func TestPollingConforms(t *testing.T) {
	for _, version := range []string{"v1.1", "v2"} {
		t.Run(version, func(t *testing.T) {
			var f *xtest.X
			var accepts, refusals atomic.Int64
			kind := x.Type()
			kind.New = func(cfg any, env connectors.Env) (connectors.Connector, error) {
				accept := env.Accept
				env.Accept = func(ctx context.Context, m *message.Message) error {
					err := accept(ctx, m)
					if err != nil {
						refusals.Add(1)
						return errors.New("refused")
					}
					accepts.Add(1)
					return nil
				}
				return x.New(*cfg.(*x.Config), env)
			}
			connectortest.Run(t, connectortest.Fixture{
				Type: kind,
				Config: func(t *testing.T) any {
					f = xtest.Start(t)
					f.Add(xtest.Post{Text: "my secret worry", Names: true})
					accepts.Store(0)
					refusals.Store(0)
					cfg := config(f, version)
					cfg.Poll = 10 * time.Millisecond
					return &cfg
				},
				// A message that was taken before, here or by a process before, need not be brought again.
				Deliver: func(t testing.TB, _ connectors.Connector) bool {
					refused := refusals.Load()
					for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
						switch {
						case accepts.Load() > 0:
							return true
						case refusals.Load() > refused:
							return false
						case time.Now().After(end):
							t.Fatal("the post is neither taken nor refused")
						}
					}
				},
				Secrets: secrets(), Private: private(),
			})
		})
	}
}

// png is the beginning of a picture.
func png() []byte { return append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 200)...) }
