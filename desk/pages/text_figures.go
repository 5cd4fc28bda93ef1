package pages

import (
	"fmt"
	"math"
	"time"
)

// figuresWords are what the pages of figures say.
type figuresWords struct {
	Figures, ShowFigures, FigurePeriod, ChosenDays, FigureFrom, FigureTo, SplitBy, FigureClock, WallClock, WorkingClock, AllTeams, FigureBefore, BeforeIs, OverTime, FigureAll, NoneOf, FigureCSV, FigureOnly, AllOfThem,
	HowCounted, AsTable, MoreInFile, HalfWithin, NineOfTen, MessagesPlot, InTimePlot, FirstPlot, DashedBefore, FigureWhy, FigureLateBy, FigureTook, NoFigures, NobodyTook, WithOthers, FigureRested, FigureReturned, FigureNotArrived, FigureTransferred,
	FigureAgent, FigureAt, SpanSecond, SpanMinute, SpanHour, SpanDay, WorkingHint string

	// The wall.
	Board, BoardAnew, BoardOpen, BoardLate, BoardOldest, BoardInTime, AsOf, Stale, BeginBoard, BeginBoardFor string // the last with one %s

	// The report of a month.
	MonthlyReport, ReportMonth, PrintHint string

	// One's own answers, questions that are kept, and when it is busy.
	OwnAnswers, AnswersOf, CameBack, CameBackHow, AnswersPartial, InTimeWord, EndedAs, BusyWeek, BusyHow, KeptViews, KeepView, KeepViewAs, DropView, CustomerSays string
	CustomerSaid                                                                                                                                                  map[string]string

	FigureLast    map[string]string // periods
	FigureBy      map[string]string // what figures are split by
	Figure        map[string]string // what a figure is called
	FigureCounted map[string]string // and what it counts
}

func englishFigures() figuresWords {
	return figuresWords{
		Figures: "Figures", ShowFigures: "Show", FigurePeriod: "Period", ChosenDays: "the days chosen below", FigureFrom: "First day", FigureTo: "Last day", SplitBy: "Over time by", FigureClock: "Time", WallClock: "as the customer lived it", WorkingClock: "working time",
		AllTeams: "all teams", FigureBefore: "before", BeforeIs: "Before is", OverTime: "Over time", FigureAll: "All", NoneOf: "none", FigureCSV: "CSV", FigureOnly: "Only", AllOfThem: "not only these",
		HowCounted: "How is this counted", AsTable: "The numbers as a table", MoreInFile: "There are more lines than are shown; the file has all of them.", HalfWithin: "half within", NineOfTen: "9 of 10 within", MessagesPlot: "Messages (light) and answered (dark)", InTimePlot: "In time, of 100", FirstPlot: "First answer: half within, and 9 of 10 within (light)",
		DashedBefore: "dashed: before", FigureWhy: "Why", FigureLateBy: "Late by", FigureTook: "Took", NoFigures: "No tasks.", NobodyTook: "nobody took it for %s", WithOthers: "%s with other teams", FigureRested: "set to wait %d×", FigureReturned: "given back %d×",
		FigureNotArrived: "an answer did not arrive %d×", FigureTransferred: "transferred %d×", FigureAgent: "Person", FigureAt: "Counts at", SpanSecond: "s", SpanMinute: "min", SpanHour: "h", SpanDay: "d", WorkingHint: "Without a calendar there is no working time: it is then empty.",
		Board: "How it stands", BoardAnew: "Load it anew", BoardOpen: "open", BoardLate: "late", BoardOldest: "oldest", BoardInTime: "in time today", AsOf: "as of", Stale: "Old: loket is not reached",
		BeginBoard: "Show the board here", BeginBoardFor: "This screen will show how many customers wait, as the board %s, until somebody disables it. It names nobody.",
		MonthlyReport: "Monthly report", ReportMonth: "Month", PrintHint: "Printed, each team is one sheet of A4.",
		OwnAnswers: "My answers", AnswersOf: "Answers of", CameBack: "Came back", CameBackHow: "The customer wrote again after the task was closed, before the next answer.", AnswersPartial: "There were more: only the newest are listed.",
		InTimeWord: "in time", EndedAs: "Ended as", BusyWeek: "When in the week it is busy", BusyHow: "Messages by weekday and hour of the clock.", KeptViews: "Kept questions", KeepView: "Keep this question", KeepViewAs: "Name", DropView: "Forget", CustomerSays: "The customer says",
		CustomerSaid: map[string]string{"good": "we helped", "bad": "we did not help"},
		FigureLast:   map[string]string{"7d": "last 7 days", "28d": "last 28 days", "1d": "today", "day": "yesterday", "week": "last week", "month": "last month", "year": "last year"},
		FigureBy:     map[string]string{"team": "By team", "agent": "By person", "channel": "By channel", "tag": "By tag", "connector": "By connector", "priority": "By priority", "rule": "By rule", "hour": "hour", "day": "day", "week": "week", "weekday": "weekday"},
		Figure: map[string]string{
			"messages": "Messages", "automatic": "Automatic", "replies": "Answers", "answered": "Answered", "abandoned": "Never answered", "unanswered": "Closed without answer", "service_level": "In time", "in_time": "Answered in time",
			"counted": "Counted", "missed": "Missed", "late": "Late", "first_response": "First answer", "next_response": "Next answers", "speed_of_answer": "Until taken", "handling": "Handling", "resolution": "Until closed", "held": "With the team",
			"resolved": "Closed", "aside": "Set aside", "reopened": "Reopened", "transferred_out": "Passed on", "transferred_in": "Got from others", "rated": "Rated", "rated_good": "Rated good", "satisfaction": "Satisfied", "backlog": "Open now", "oldest_wait": "Oldest", "due_soon": "Due soon", "breached": "Late now",
		},
		FigureCounted: map[string]string{
			"messages": "What people wrote to us, when it came in.", "automatic": "What machines wrote, opt-outs and reactions: nobody waits for an answer to them.", "replies": "Answers of our people, by whatever way, also a second one to the same question.",
			"answered":  "Waits that a person of ours ended with an answer. A wait begins with the first message after our last answer; nothing but an answer, or closing, ends it.",
			"abandoned": "Waits that ended with closing a task in which no person ever answered.", "unanswered": "Other waits that ended by closing: the customer said thanks, or it was set aside.",
			"service_level": "Answered in time, of all that is counted: answered waits, those never answered, and those that run and are late.", "in_time": "Waits answered by when they were due, as it was promised when they began.",
			"counted": "What the share in time is of.", "missed": "What brings the share in time down.", "late": "Waits that ended, with an answer or without, after they were due.",
			"first_response": "From the first message of a person to the first answer of a person.", "next_response": "From the first message after our last answer to the next answer.", "speed_of_answer": "From the beginning of the wait until somebody first took it.",
			"handling": "From taking the task to the answer or the closing.", "resolution": "From the first message of a person, or from the reopening, to the closing.", "held": "How long the wait lay with this team.",
			"resolved": "Closings, but those set aside.", "aside": "Closed as spam, duplicate, erased, or what the team says: there was nobody to be helped.", "reopened": "Closed tasks that came back: by the customer, by one of us, or because an answer did not arrive.",
			"transferred_out": "Passings to another team, for the team that gave.", "transferred_in": "Passings to another team, for the team that got.",
			"rated": "Closings of which the customer says on their page how it went, for who answered last.", "rated_good": "Those of which they say that we helped them.", "satisfaction": "Rated good, of rated. Who says nothing counts in neither.", "backlog": "Waits that run at this moment.", "oldest_wait": "How long the one has waited who waits longest.",
			"due_soon": "Waits of which the last quarter of the promised time, at most 15 minutes, has begun.", "breached": "Waits that run and are late.",
		},
	}
}

func dutchFigures() figuresWords {
	return figuresWords{
		Figures: "Cijfers", ShowFigures: "Tonen", FigurePeriod: "Periode", ChosenDays: "de dagen hieronder", FigureFrom: "Eerste dag", FigureTo: "Laatste dag", SplitBy: "Verloop per", FigureClock: "Tijd", WallClock: "zoals de klant die beleefde", WorkingClock: "werktijd",
		AllTeams: "alle teams", FigureBefore: "daarvoor", BeforeIs: "Daarvoor is", OverTime: "Verloop", FigureAll: "Alles", NoneOf: "geen", FigureCSV: "CSV", FigureOnly: "Alleen", AllOfThem: "niet alleen deze",
		HowCounted: "Hoe is dit geteld", AsTable: "De getallen als tabel", MoreInFile: "Er zijn meer regels dan hier staan; het bestand heeft ze allemaal.", HalfWithin: "de helft binnen", NineOfTen: "9 van 10 binnen", MessagesPlot: "Berichten (licht) en beantwoord (donker)", InTimePlot: "Op tijd, van de 100", FirstPlot: "Eerste antwoord: de helft binnen, en 9 van 10 binnen (licht)",
		DashedBefore: "gestreept: daarvoor", FigureWhy: "Waarom", FigureLateBy: "Te laat", FigureTook: "Duurde", NoFigures: "Geen taken.", NobodyTook: "%s door niemand opgepakt", WithOthers: "%s bij andere teams", FigureRested: "%d× laten rusten", FigureReturned: "%d× teruggegeven",
		FigureNotArrived: "%d× kwam een antwoord niet aan", FigureTransferred: "%d× doorgezet", FigureAgent: "Persoon", FigureAt: "Telt om", SpanSecond: "s", SpanMinute: "min", SpanHour: "u", SpanDay: "d", WorkingHint: "Zonder kalender is er geen werktijd: die is dan leeg.",
		Board: "Hoe het staat", BoardAnew: "Opnieuw laden", BoardOpen: "open", BoardLate: "te laat", BoardOldest: "oudste", BoardInTime: "op tijd vandaag", AsOf: "stand van", Stale: "Oud: loket is niet bereikbaar",
		BeginBoard: "Het bord hier tonen", BeginBoardFor: "Dit scherm toont voortaan hoeveel klanten er wachten, als het bord %s, tot iemand het uitzet. Het noemt niemand.",
		MonthlyReport: "Maandverslag", ReportMonth: "Maand", PrintHint: "Afgedrukt is elk team één vel A4.",
		OwnAnswers: "Mijn antwoorden", AnswersOf: "Antwoorden van", CameBack: "Kwam terug", CameBackHow: "De klant schreef opnieuw nadat de taak was afgerond, voor het volgende antwoord.", AnswersPartial: "Er waren er meer: alleen de nieuwste staan hier.",
		InTimeWord: "op tijd", EndedAs: "Afgerond als", BusyWeek: "Wanneer in de week het druk is", BusyHow: "Berichten per weekdag en uur.", KeptViews: "Bewaarde vragen", KeepView: "Deze vraag bewaren", KeepViewAs: "Naam", DropView: "Vergeten", CustomerSays: "De klant zegt",
		CustomerSaid: map[string]string{"good": "we hebben geholpen", "bad": "we hebben niet geholpen"},
		FigureLast:   map[string]string{"7d": "laatste 7 dagen", "28d": "laatste 28 dagen", "1d": "vandaag", "day": "gisteren", "week": "vorige week", "month": "vorige maand", "year": "vorig jaar"},
		FigureBy:     map[string]string{"team": "Per team", "agent": "Per persoon", "channel": "Per kanaal", "tag": "Per label", "connector": "Per aansluiting", "priority": "Per prioriteit", "rule": "Per regel", "hour": "uur", "day": "dag", "week": "week", "weekday": "weekdag"},
		Figure: map[string]string{
			"messages": "Berichten", "automatic": "Automatisch", "replies": "Antwoorden", "answered": "Beantwoord", "abandoned": "Nooit beantwoord", "unanswered": "Zonder antwoord afgerond", "service_level": "Op tijd", "in_time": "Op tijd beantwoord",
			"counted": "Meegeteld", "missed": "Gemist", "late": "Te laat", "first_response": "Eerste antwoord", "next_response": "Volgende antwoorden", "speed_of_answer": "Tot opgepakt", "handling": "Behandeling", "resolution": "Tot afgerond", "held": "Bij het team",
			"resolved": "Afgerond", "aside": "Terzijde gelegd", "reopened": "Weer geopend", "transferred_out": "Doorgezet", "transferred_in": "Gekregen van anderen", "rated": "Beoordeeld", "rated_good": "Goed beoordeeld", "satisfaction": "Tevreden", "backlog": "Nu open", "oldest_wait": "Oudste", "due_soon": "Bijna te laat", "breached": "Nu te laat",
		},
		FigureCounted: map[string]string{
			"messages": "Wat mensen ons schreven, toen het binnenkwam.", "automatic": "Wat machines schreven, afmeldingen en reacties: daar wacht niemand op antwoord.", "replies": "Antwoorden van onze mensen, hoe dan ook gegeven, ook een tweede op dezelfde vraag.",
			"answered":  "Keren dat een klant wachtte en een van ons antwoordde. Het wachten begint met het eerste bericht na ons laatste antwoord; alleen een antwoord, of afronden, maakt er een eind aan.",
			"abandoned": "Wachten dat eindigde met het afronden van een taak waarin nooit iemand antwoordde.", "unanswered": "Ander wachten dat met afronden eindigde: de klant zei dank u, of de taak is terzijde gelegd.",
			"service_level": "Op tijd beantwoord, van alles wat meetelt: beantwoord, nooit beantwoord, en wat nog wacht en te laat is.", "in_time": "Beantwoord voordat het te laat was, zoals beloofd toen het wachten begon.",
			"counted": "Waar het deel op tijd een deel van is.", "missed": "Wat het deel op tijd omlaag brengt.", "late": "Wachten dat eindigde, met of zonder antwoord, toen het al te laat was.",
			"first_response": "Van het eerste bericht van een mens tot het eerste antwoord van een mens.", "next_response": "Van het eerste bericht na ons laatste antwoord tot het volgende antwoord.", "speed_of_answer": "Van het begin van het wachten tot iemand de taak voor het eerst oppakte.",
			"handling": "Van oppakken tot antwoord of afronden.", "resolution": "Van het eerste bericht van een mens, of van het weer openen, tot het afronden.", "held": "Hoe lang het wachten bij dit team lag.",
			"resolved": "Afgeronde taken, behalve wat terzijde is gelegd.", "aside": "Afgerond als spam, dubbel, gewist, of wat het team bepaalt: er was niemand te helpen.", "reopened": "Afgeronde taken die terugkwamen: door de klant, door een van ons, of doordat een antwoord niet aankwam.",
			"transferred_out": "Doorgezet naar een ander team, voor het team dat gaf.", "transferred_in": "Doorgezet naar een ander team, voor het team dat kreeg.",
			"rated": "Afgeronde taken waarvan de klant op de eigen pagina zegt hoe het ging, voor wie het laatst antwoordde.", "rated_good": "Die waarvan de klant zegt dat we geholpen hebben.", "satisfaction": "Goed beoordeeld, van beoordeeld. Wie niets zegt, telt in geen van beide.", "backlog": "Klanten die op dit moment wachten.", "oldest_wait": "Hoe lang wacht wie het langst wacht.",
			"due_soon": "Wachten waarvan het laatste kwart van de beloofde tijd, hoogstens 15 minuten, begonnen is.", "breached": "Klanten die nog wachten en al antwoord hadden moeten hebben.",
		},
	}
}

// span is how long something took, in its two largest units.
func (w *words) span(d time.Duration) string {
	d = max(0, d)
	pair := func(big time.Duration, bigUnit string, small time.Duration, smallUnit string) string {
		d = d.Round(small)
		if rest := d % big / small; rest > 0 {
			return fmt.Sprintf("%d %s %d %s", d/big, bigUnit, rest, smallUnit)
		}
		return fmt.Sprintf("%d %s", d/big, bigUnit)
	}
	switch {
	case d.Round(time.Hour) >= 24*time.Hour:
		return pair(24*time.Hour, w.SpanDay, time.Hour, w.SpanHour)
	case d.Round(time.Minute) >= time.Hour:
		return pair(time.Hour, w.SpanHour, time.Minute, w.SpanMinute)
	case d >= time.Minute:
		return fmt.Sprintf("%d %s", int(math.Round(d.Minutes())), w.SpanMinute)
	}
	return fmt.Sprintf("%d %s", int(d.Seconds()), w.SpanSecond)
}

// seconds is span of what figures are in.
func (w *words) seconds(s float64) string { return w.span(time.Duration(s * float64(time.Second))) }

// BeginBoardOf says what a screen will show.
func (w *words) BeginBoardOf(name string) string { return fmt.Sprintf(w.BeginBoardFor, name) }

// percent is a share of a hundred.
func percent(share float64) string { return fmt.Sprintf("%.0f\u00a0%%", share*100) }
