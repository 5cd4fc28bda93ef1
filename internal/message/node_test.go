package message

import "testing"

func TestFromNodeReadsWhatNodeWrites(t *testing.T) {
	for _, line := range []string{
		"email:kate@example.org", "phone:+31612345678", "wa:31612345678", "bsuid:p1:NL.123", "psid:7:88", "xu:5",
		"sub:login.example.org%3A8443:a:b", "cno:10:01", "crm:sap:1", "xh:kate", "session:s1", "~email:kate@example.org",
	} {
		id, err := ParseIdentifier(line, "NL", Vouched)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := FromNode(id.Node(), Vouched)
		if !ok || got != id {
			t.Errorf("FromNode(%q) = %+v, %v, want %+v", id.Node(), got, ok, id)
		}
	}
	for _, line := range []string{"", "cid:01J", "nonsense", "fax:1"} {
		if got, ok := FromNode(line, Attested); ok {
			t.Errorf("FromNode(%q) = %+v, want none", line, got)
		}
	}
}
