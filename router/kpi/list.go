package kpi

import "slices"

// A Figure is an entry of the list of figures: all that is to be said of it, for those who sum up, list tasks, print and
// describe. docs/figures.md says at length what each counts.
type Figure struct {
	Name string // in JSON and CSV, and where its tasks are asked for
	Says string // in a few words, for the description of the API
	Sum  Sum
	Now  bool // known only where the span holds the present; in JSON under "now"
	// Column is what the table of loket kpi shows of it; nothing when its head is empty.
	Column Column

	// rows are those that have all of these facts; none for a Share.
	rows facts
	// wall and working are the columns of what is measured of a row; 0 when nothing is.
	wall, working int
	// of are the figures whose counts a Share divides.
	of [2]string
}

// A Sum says how rows become a figure.
type Sum uint8

const (
	// Count is how many rows there are: a whole number.
	Count Sum = iota
	// Spread describes what is measured of them: count, mean and percentiles, in seconds. A row counts only when it has
	// been measured.
	Spread
	// Longest is the largest of what is measured, in seconds.
	Longest
	// Share divides one count by another.
	Share
	// Listed is no figure of its own: its tasks can be listed, to explain another.
	Listed
)

// A Column is one of the table that people read.
type Column struct {
	Place int // in the order of columns
	Head  string
	Bar   bool // beside the number: of a count, of the largest of the column; of a share, of one
	Alarm bool // red unless it is none
}

// HasTasks tells whether the rows behind the figure can be listed.
func (f *Figure) HasTasks() bool { return f.Sum == Count || f.Sum == Spread || f.Sum == Listed }

// List gives the figures, in the order in which they are shown. This is the one place where there are figures: whatever
// is missing here does not exist.
func List() []Figure { return slices.Clone(list) }

var list = []Figure{
	{Name: "messages", Says: "that people wrote to us", rows: fromPerson, Column: Column{Place: 1, Head: "MESSAGES"}},
	{Name: "automatic", Says: "that machines wrote to us", rows: fromMachine},
	{Name: "replies", Says: "that people of ours wrote", rows: replied},
	{Name: "answered", Says: "waits", rows: answered, wall: colWall, working: colWorking, Column: Column{Place: 2, Head: "ANSWERED", Bar: true}},
	{
		Name: "abandoned", Says: "waits closed in tasks that no person ever answered",
		rows: abandoned, wall: colWall, working: colWorking, Column: Column{Place: 6, Head: "ABANDONED"},
	},
	{
		Name: "unanswered", Says: "waits that ended without an answer and are not abandoned",
		rows: unanswered, wall: colWall, working: colWorking,
	},
	{Name: "service_level", Says: "in_time of counted", Sum: Share, of: [2]string{"in_time", "counted"}, Column: Column{Place: 3, Head: "IN TIME", Bar: true}},
	{Name: "in_time", Says: "waits answered within the time", rows: answered | inTime, wall: colWall, working: colWorking},
	{
		Name: "counted", Says: "answered waits, abandoned ones, and those that run and are late",
		rows: counted, wall: colWall, working: colWorking,
	},
	{Name: "missed", Says: "what brings service_level down", Sum: Listed, rows: counted | missed, wall: colWall, working: colWorking},
	{
		Name: "late", Says: "waits that ended after they were due",
		rows: ended | late, wall: colWall, working: colWorking, Column: Column{Place: 7, Head: "LATE", Alarm: true},
	},
	{
		Name: "first_response", Says: "from the first message to the first answer", Sum: Spread,
		rows: answered | first, wall: colWall, working: colWorking, Column: Column{Place: 4, Head: "FIRST"},
	},
	{
		Name: "next_response", Says: "from the first message after an answer to the next", Sum: Spread,
		rows: answered | next, wall: colWall, working: colWorking, Column: Column{Place: 5, Head: "NEXT"},
	},
	{
		Name: "speed_of_answer", Says: "from the beginning of an answered wait to the first claim", Sum: Spread,
		rows: answered, wall: colSpeed, working: colSpeedWork,
	},
	{Name: "handling", Says: "from the claim to the answer or the closing; wall only, an agent at work is at work", Sum: Spread, rows: acted, wall: colHandling},
	{Name: "resolution", Says: "from the beginning of the task, or its reopening, to the closing", Sum: Spread, rows: resolved, wall: colResolved, working: colResolWork},
	{Name: "held", Says: "how long of the waits it was the team's turn", Sum: Spread, rows: turn, wall: colHeld, working: colHeldWork},
	{Name: "resolved", Says: "closings but those set aside", rows: resolved, wall: colResolved, working: colResolWork},
	{Name: "aside", Says: "closed as spam, duplicate, erased, or what the team lists (`aside:`)", rows: aside},
	{Name: "reopened", Says: "returns of a closed task", rows: reopened, Column: Column{Place: 8, Head: "REOPENED"}},
	{Name: "transferred_out", Says: "passings to another team, of the team that gave", rows: passedOn},
	{Name: "transferred_in", Says: "passings to another team, of the team that got", rows: takenOver},
	{Name: "rated", Says: "closings of which the customer says how it went", rows: rated},
	{Name: "rated_good", Says: "those of which they say that it went well", rows: rated | ratedGood},
	{Name: "satisfaction", Says: "rated_good of rated", Sum: Share, of: [2]string{"rated_good", "rated"}},
	{Name: "backlog", Says: "waits that run", Now: true, rows: runs, wall: colWall, working: colWorking, Column: Column{Place: 9, Head: "OPEN"}},
	{Name: "oldest_wait", Says: "seconds", Now: true, Sum: Longest, rows: runs, wall: colWall, Column: Column{Place: 10, Head: "OLDEST"}},
	{Name: "due_soon", Says: "waits that are late soon", Now: true, rows: runs | dueSoon, wall: colWall, working: colWorking},
	{
		Name: "breached", Says: "that run and are late", Now: true,
		rows: runs | late, wall: colWall, working: colWorking, Column: Column{Place: 11, Head: "BREACHED", Alarm: true},
	},
}
