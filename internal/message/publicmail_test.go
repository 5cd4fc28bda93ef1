package message

import "testing"

func TestWhereEverybodyMayHaveAnAddress(t *testing.T) {
	for domain, want := range map[string]bool{
		"gmail.com": true, "yahoo.co.uk": true, "hotmail.nl": true, "web.de": true, "ziggo.nl": true, "qq.com": true,
		"bank.example": false, "mail.bank.example": false, "web.bank.nl": false, "live.bank.nl": false, "gmail.bank.nl": false,
		"live.example": false, "outlook.office.com": false, "gmail": false, "": false, "com": false,
	} {
		if got := IsPublicMail(domain); got != want {
			t.Errorf("IsPublicMail(%q) = %v, want %v", domain, got, want)
		}
	}
}
