package kpi

import "time"

// All keys of the figures share the tag {k}, so that rows and how far the stream was read are one step. (The first
// design had a tag for each day: rows and cursor would have been two steps then, and the rows of one step of several
// days.) A month of a million waits is about a hundred megabytes, less than the tasks themselves take in {q}.

// stateKey is a HASH: at → state of the rows that count; build → state of those being computed anew.
const stateKey = "lk:{k}:s"

// indexKey is a HASH of one generation of rows: day → its chunks, oldest first, as "id:rows,id:rows".
func indexKey(gen string) string { return "lk:{k}:i:" + gen }

// dayKey is a HASH of the rows of one day, UTC: id of a chunk → chunk.
func dayKey(gen, day string) string { return "lk:{k}:d:" + gen + ":" + day }

// dayOf is the day of an instant, in the form of keys: days sort as texts.
func dayOf(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.DateOnly) }
