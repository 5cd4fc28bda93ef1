package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTimesThatBelongToNobodyHaveOneZone(t *testing.T) {
	t.Setenv("TZ", "Asia/Tokyo")
	const teams = "teams: {a: {calendar: one}, b: {}}\nfallback_team: a\n"
	one := func(zone, other string) string {
		return teams + "calendars:\n  one: {zone: " + zone + ", week: {mon-fri: 24h}}\n  two: {zone: " + other + ", week: {mon-fri: 24h}}\n"
	}
	for _, tt := range []struct{ name, file, want string }{
		{"of the file", "zone: America/New_York\n" + one("Europe/Amsterdam", "Europe/Amsterdam"), "America/New_York"},
		{"of all calendars", strings.Replace(one("Europe/Amsterdam", "Europe/Amsterdam"), "fallback_team: a", "fallback_team: b", 1), "Europe/Amsterdam"},
		{"of the fallback team", one("Europe/Amsterdam", "Asia/Dubai"), "Europe/Amsterdam"},
		{"of the machine", strings.Replace(one("Europe/Amsterdam", "Asia/Dubai"), "fallback_team: a", "fallback_team: b", 1), "Asia/Tokyo"},
		{"of the machine, without calendars", "teams: {a: {}}\nfallback_team: a\n", "Asia/Tokyo"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg, err := Parse("loket.yaml", []byte(tt.file), t.TempDir(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := cfg.Zone.String(); got != tt.want {
				t.Errorf("zone = %s, want %s", got, tt.want)
			}
		})
	}
	_, err := Parse("loket.yaml", []byte("zone: Europe/Amsterdm\nteams: {a: {}}\nfallback_team: a\n"), t.TempDir(), nil)
	if want := `loket.yaml:1:7: zone: no time zone is called "Europe/Amsterdm"`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("a zone that there is not: %v, want %s", err, want)
	}
	if _, err := Parse("loket.yaml", []byte("zone: Local\nteams: {a: {}}\nfallback_team: a\n"), t.TempDir(), nil); err == nil {
		t.Error("Local is a zone")
	}
}

func TestThisMachinesZoneHasAName(t *testing.T) {
	dir := t.TempDir()
	zoned, link := filepath.Join(dir, "zoneinfo", "Europe"), filepath.Join(dir, "localtime")
	if err := os.MkdirAll(zoned, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(zoned, "Amsterdam"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(zoned, "Amsterdam"), link); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ tz, localtime, want string }{
		{"", link, "Europe/Amsterdam"}, {"Asia/Tokyo", link, "Asia/Tokyo"}, {":Asia/Tokyo", link, "Asia/Tokyo"},
		{"/usr/share/zoneinfo/Asia/Tokyo", link, "Asia/Tokyo"}, {"Nowhere", link, "UTC"}, {"", filepath.Join(dir, "none"), "UTC"},
		{"Etc/UTC", link, "UTC"}, {"Local", link, "UTC"},
	} {
		if got := machineZone(tt.tz, tt.localtime).String(); got != tt.want {
			t.Errorf("with TZ=%q it is %s, want %s", tt.tz, got, tt.want)
		}
	}
}
