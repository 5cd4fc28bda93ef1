package twilio_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"go.uber.org/zap"

	"loket/connectors"
	"loket/connectors/twilio"
	"loket/connectors/twilio/twiliotest"
	"loket/internal/message"
)

// BenchmarkWebhook is what one webhook costs until its message is handed over: signature, reading, composing.
func BenchmarkWebhook(b *testing.B) {
	server := twiliotest.Start(b)
	c, err := twilio.New(*settings(server), connectors.Env{
		Name: "phone", PublicURL: "https://loket.example", Log: zap.NewNop(), Cursor: noCursor{}, Blobs: noBlobs{},
		Accept: func(context.Context, *message.Message) error { return nil },
	})
	if err != nil {
		b.Fatal(err)
	}
	form := server.FormOf(twiliotest.Message{SID: twiliotest.SID("SM"), From: "+31612345678", To: twiliotest.Number, Body: "Geen bereik in Delft"})
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		r := twiliotest.Request(base+"/message", form)
		r.URL.Path = "/message"
		w := httptest.NewRecorder()
		b.StartTimer()
		if c.ServeHTTP(w, r); w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}
