package sms

import "strings"

// stopWords and startWords are those at which networks and vendors themselves stop sending, and begin again. Other words and
// languages are an account's own.
const (
	stopWords  = "|stop|stopall|unsubscribe|cancel|end|quit|revoke|optout|arret|arrete|arrett|"
	startWords = "|start|yes|unstop|"
)

// plainWords are those that mean nothing else, on any channel and in any language.
const plainWords = "|stop|stopp|stopall|stop all|unsubscribe|optout|opt-out|opt out|arret|arrêt|arrete|arrête|arrett|" +
	"stop sms|stop promotions|stop promotion|stop promoties|"

// IsStop tells whether an SMS is nothing but a word at which its network or vendor stops sending, or one of IsPlainStop.
func IsStop(text string) bool { return isOne(text, stopWords) || IsPlainStop(text) }

// IsStart tells whether an SMS is nothing but a word at which sending begins again. It may be the answer to a question.
func IsStart(text string) bool { return isOne(text, startWords) }

// IsPlainStop tells whether a text says that its writer wants no more, on channels where nothing stops by itself, too: there
// "cancel" may be an answer to a question.
func IsPlainStop(text string) bool { return isOne(text, plainWords) }

// isOne tells whether a text is one of the words, however it is written.
func isOne(text, words string) bool {
	word := strings.Join(strings.Fields(strings.ToLower(strings.Trim(text, " \t\r\n.,!?\"'“”"))), " ")
	return word != "" && !strings.Contains(word, "|") && strings.Contains(words, "|"+word+"|")
}
