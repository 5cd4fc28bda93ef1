package loopback

import "testing"

func TestOnlyThisMachineIsLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "127.0.0.1": true, "127.9.9.9": true, "::1": true, "::ffff:127.0.0.1": true,
		"": false, "localhost.example": false, "127.0.0.1.example": false, "10.0.0.1": false, "0.0.0.0": false, "::": false, "[::1]": false,
		"2130706433": false, "127.1": false,
	} {
		if got := Host(host); got != want {
			t.Errorf("Host(%q) = %v, want %v", host, got, want)
		}
		if got, want := Address(host), want && host != "localhost"; got != want {
			t.Errorf("Address(%q) = %v, want %v", host, got, want)
		}
	}
}

func TestNamesAreComparedWithoutPort(t *testing.T) {
	names := NewNames([]string{"Desk.Example.org:8443", "[2001:db8::1]:80", ""})
	for host, want := range map[string]bool{
		"desk.example.org": true, "DESK.example.org.": true, "desk.example.org:1": true, "[2001:db8::1]": true, "[2001:db8::1]:9": true, "localhost:8081": true,
		"": false, "example.org": false, "desk.example.org.evil.example": false, "127.0.0.1": false,
	} {
		if got := names.Has(host); got != want {
			t.Errorf("Has(%q) = %v, want %v", host, got, want)
		}
	}
}
