package mailbox

import (
	"errors"
	"slices"
	"time"

	"go.uber.org/zap"
)

// A State is how the reading goes, for people who look after it. It has no addresses and no content.
type State struct {
	Folders []FolderState `json:"folders"`
}

// A FolderState is how the reading of one folder goes.
type FolderState struct {
	Name string `json:"name"`
	// Connected is since when, zero when it is not.
	Connected time.Time `json:"connected,omitzero"`
	// LastMail is when a mail was taken last in this process.
	LastMail time.Time `json:"last_mail,omitzero"`
	// UIDValidity and LastUID are how far it was read.
	UIDValidity uint32 `json:"uidvalidity"`
	LastUID     uint32 `json:"last_uid"`
	// Open is how many mails up to there are on their way, refused or not to be had yet.
	Open int `json:"open"`
	// Taken, Parked and Unmarked count in this process: mails taken, those of them that could not be fetched, and
	// those that could not be marked.
	Taken    int `json:"taken"`
	Parked   int `json:"parked"`
	Unmarked int `json:"unmarked"`
	// Err is what went wrong last, empty when it goes well again.
	Err string `json:"err,omitempty"`
}

// State tells how it goes. It may be called at any time.
func (m *Mailbox) State() State {
	var s State
	for _, f := range m.folders {
		f.mu.Lock()
		one := f.state
		if f.pos != nil {
			one.UIDValidity, one.LastUID, one.Open = f.pos.Validity, f.pos.High, len(f.pos.Open)
		}
		f.mu.Unlock()
		s.Folders = append(s.Folders, one)
	}
	return s
}

// Connected tells whether every folder has its connection.
func (s State) Connected() bool {
	return !slices.ContainsFunc(s.Folders, func(f FolderState) bool { return f.Connected.IsZero() })
}

// stands notes that the folder is open.
func (f *folder) stands() {
	f.mu.Lock()
	f.state.Connected = f.m.now().UTC()
	f.mu.Unlock()
	if !f.unsaved {
		f.well("mailbox is read again")
	}
}

// well notes that trouble is over, and logs it when trouble was logged.
func (f *folder) well(what string) {
	f.mu.Lock()
	f.state.Err = ""
	f.mu.Unlock()
	if f.lastTold != "" {
		f.log.Info(what)
		f.lastTold = ""
	}
}

// fell notes the end of a connection. The first end of one that was good is everyday; trouble is logged when it
// changes.
func (f *folder) fell(err error, serious bool) {
	f.mu.Lock()
	stood := !f.state.Connected.IsZero()
	f.state.Connected = time.Time{}
	f.mu.Unlock()
	if errors.Is(err, errSignIn) {
		f.note(err)
		if !f.m.refused.Swap(true) {
			f.log.Error("mailbox refuses user and password, or token", zap.String("err", f.m.told(err)))
		}
		return
	}
	if stood && !serious {
		f.log.Debug("connection ended", zap.String("err", f.m.told(err)))
		return
	}
	f.tell(err, "mailbox is not read")
}

// tell logs trouble when it is another than before.
func (f *folder) tell(err error, what string) {
	text := f.note(err)
	if line := what + text; line != f.lastTold {
		f.lastTold = line
		f.log.Warn(what, zap.String("err", text))
	}
}

func (f *folder) note(err error) string {
	text := f.m.told(err)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state.Err = text
	return text
}

// counted notes a mail that was taken. f.mu is held.
func (f *folder) counted(l Fetched) {
	f.state.Taken++
	if l.Problem != "" {
		f.state.Parked++
	}
	f.state.LastMail = f.m.now().UTC()
}
