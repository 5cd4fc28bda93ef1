package chat

import "net/http"

// words is what the chat says, in one language.
type words struct {
	Lang string

	Title, Greeting, Said   string
	Text, Send, Close       string
	Whole, Forget           string
	Sending, Offline        string
	NotSent, Later, TooLong string
}

// spoken lists the languages there are words for.
func spoken() []string { return []string{"nl", "en"} }

// wordsIn gives the words of a language of spoken.
func wordsIn(language string) *words {
	if language == "nl" {
		return dutch()
	}
	return english()
}

// problem tells a visitor why a message was not taken.
func (w *words) problem(status int) string {
	switch status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return w.Later
	case http.StatusRequestEntityTooLarge:
		return w.TooLong
	}
	return w.NotSent
}

func english() *words {
	return &words{
		Lang: "en", Title: "Chat with us", Greeting: "How can we help you?", Said: "The conversation",
		Text: "Your message", Send: "Send", Close: "Close the chat",
		Whole: "Continue on another device", Forget: "End the chat on this device",
		Sending: "is being sent …", Offline: "There is no connection at this moment. What you write is kept and sent as soon as there is one.",
		NotSent: "This could not be sent.", Later: "This does not work at this moment. Please try again in a moment.", TooLong: "This is too long.",
	}
}

func dutch() *words {
	return &words{
		Lang: "nl", Title: "Chat met ons", Greeting: "Waarmee kunnen we u helpen?", Said: "Het gesprek",
		Text: "Uw bericht", Send: "Versturen", Close: "Sluit de chat",
		Whole: "Ga verder op een ander apparaat", Forget: "Beëindig de chat op dit apparaat",
		Sending: "wordt verstuurd …", Offline: "Er is op dit moment geen verbinding. Wat u schrijft blijft bewaard en wordt verstuurd zodra het kan.",
		NotSent: "Dit kon niet verstuurd worden.", Later: "Dit lukt op dit moment niet. Probeer het zo opnieuw.", TooLong: "Dit is te lang.",
	}
}
