package limit

import "testing"

func TestStreamsAreBoundedForEachAndForAll(t *testing.T) {
	s := NewStreams(2, 3)
	enter := func(addr string, want bool) func() {
		t.Helper()
		leave, ok := s.Enter(addr)
		if ok != want {
			t.Errorf("Enter(%s) = %v, want %v", addr, ok, want)
		}
		return leave
	}
	first := enter("192.0.2.1:1", true)
	enter("192.0.2.1:2", true)
	enter("192.0.2.1:3", false)
	enter("192.0.2.2:1", true)
	enter("192.0.2.3:1", false)
	first()
	enter("192.0.2.3:1", true)
	enter("192.0.2.1:4", false)
}
