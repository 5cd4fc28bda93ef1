package mail_test

import (
	"fmt"

	"loket/connectors/email/mail"
)

func ExampleRead() {
	raw := "From: Jansen B.V. (Info), Jan <jan@example.nl>\r\n" +
		"Subject: =?utf-8?Q?Caf=C3?= =?utf-8?Q?=A9?=\r\n" +
		"Content-Type: text/plain; charset=iso-8859-1\r\n\r\n" +
		"Het kost \x80 5.\r\n"
	m := mail.Read([]byte(raw), mail.DefaultLimits())
	fmt.Println(m.From[0].Name, "at", m.From[0].Addr, m.FromUnclear)
	fmt.Println(m.Subject)
	fmt.Println(m.Text)
	// Output:
	// Jansen B.V. (Info), Jan at jan@example.nl true
	// Café
	// Het kost € 5.
}
