package fetch

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestOnlyPublicAddressesAreDialled(t *testing.T) {
	dial := dialable([]string{"https://files.example", "http://127.0.0.1:4010", "http://[::1]:4011"})
	for address, want := range map[string]bool{
		"104.244.43.131:443": true, "8.8.8.8:80": true, "[2606:1f80::1]:443": true, "[2a00:1450::1]:443": true, "[::ffff:8.8.8.8]:443": true,
		// this machine, and the stand-ins on it
		"127.0.0.1:443": false, "127.0.0.2:80": false, "[::1]:443": false, "[::ffff:127.0.0.1]:443": false, "[::ffff:7f00:1]:443": false,
		"127.0.0.1:4010": true, "[::1]:4011": true, "10.0.0.1:4010": false, "0.0.0.0:4010": false,
		// private networks
		"10.1.2.3:443": false, "172.16.0.1:443": false, "172.31.255.255:443": false, "172.32.0.1:443": true, "192.168.1.1:443": false,
		"[fd00::1]:443": false, "[fc00::1]:443": false, "[::ffff:10.0.0.1]:443": false, "[::ffff:192.168.1.1]:443": false,
		// of a provider's customers (CGNAT)
		"100.64.0.1:443": false, "100.127.255.255:443": false, "100.128.0.1:443": true,
		// neighbours on the same line, cloud metadata
		"169.254.169.254:80": false, "[::ffff:169.254.169.254]:80": false, "[fe80::1]:443": false, "[fe80::1%eth0]:443": false, "[fec0::1]:443": false,
		"[2606:1f80::1%eth0]:443": false, "[fd00:ec2::254]:80": false,
		// to all, to nobody, to many
		"0.0.0.0:443": false, "0.1.2.3:443": false, "[::]:443": false, "255.255.255.255:443": false, "224.0.0.1:443": false, "239.1.1.1:443": false,
		"[ff02::1]:443": false, "[ff0e::1]:443": false, "240.0.0.1:443": false,
		// IPv4 by way of IPv6: NAT64, 6to4, Teredo, compatible
		"[64:ff9b::a00:1]:443": false, "[64:ff9b::808:808]:443": false, "[64:ff9b:1::1]:443": false, "[2002:a00:1::1]:443": false,
		"[2001::1]:443": false, "[::a00:1]:443": false, "[::7f00:1]:443": false,
		// protocols, documentation, measuring
		"192.0.0.1:443": false, "192.0.2.1:443": false, "192.88.99.1:443": false, "198.18.0.1:443": false, "198.19.255.255:443": false, "198.51.100.1:443": false,
		"203.0.113.1:443": false, "[2001:db8::1]:443": false, "[2001:2::1]:443": false, "[2001:10::1]:443": false, "[3fff::1]:443": false, "[100::1]:443": false,
		"nonsense": false, "": false, "files.example:443": false,
	} {
		if err := dial("tcp", address, nil); (err == nil) != want {
			t.Errorf("dial %s = %v, want allowed %v", address, err, want)
		}
	}
}

// A name is no way around the rule: what counts is the address that it has when it is dialled.
func TestNameOfAPrivateAddressIsNotDialled(t *testing.T) {
	asked := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer server.Close()
	transport := Transport("https://files.example")
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	for _, at := range []string{server.URL, strings.Replace(server.URL, "127.0.0.1", "localhost", 1)} {
		res, err := client.Get(at)
		if err == nil {
			res.Body.Close()
		}
		if err == nil || !strings.Contains(err.Error(), errPrivate.Error()) || asked {
			t.Errorf("Get(%s) = %v, asked %v; want it refused before anything is sent", at, err, asked)
		}
	}
}
