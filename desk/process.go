package desk

import "time"

// A Process is what the daemon says of itself.
type Process struct {
	Version    string
	Started    time.Time
	Store      StoreStatus
	Connectors []ConnectorStatus
}

// A StoreStatus says what everything is kept in.
type StoreStatus struct {
	Kind    string // embedded, stand-in, redis
	Durable bool   // false: what is stored is gone with the process
	// Writable: it answers, and writes. When not, Trouble says why, in words, and TroubleSince since when.
	Writable     bool
	Trouble      string
	TroubleSince time.Time
}

// A ConnectorStatus is how one channel stands.
type ConnectorStatus struct {
	Name, Type string
	State      string // running, in trouble, elsewhere (in another process), stopped
	Error      string
	Since      time.Time
	// LastMessage is when this process took the newest message of a customer from it, zero for none since it started. Lag is how long
	// that one had been with the channel by then.
	LastMessage time.Time
	Lag         time.Duration
}
