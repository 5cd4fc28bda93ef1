package calendar

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/ar"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/bg"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/gr"
	"github.com/rickar/cal/v2/hr"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/jp"
	"github.com/rickar/cal/v2/lt"
	"github.com/rickar/cal/v2/lv"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/ro"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/si"
	"github.com/rickar/cal/v2/sk"
	"github.com/rickar/cal/v2/ua"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"

	"loket/internal/field"
)

// countries lists the public holidays by what the configuration calls them.
//
// In the Netherlands the law names holidays but gives nobody the day off. nl are the days on which most offices are
// closed: Liberation Day once in five years (2025, 2030), as most collective agreements have it, and no Good Friday.
// nl-5may has Liberation Day every year, as civil servants have; nl-official is the government's own list, with both.
func countries() map[string][]*cal.Holiday {
	const saturday, sunday = time.Saturday, time.Sunday
	toMonday := []cal.AltDay{{Day: saturday, Offset: 2}, {Day: sunday, Offset: 1}}
	lustrum := nl.BevrijdingsDag.Clone(nil)
	lustrum.Func = func(h *cal.Holiday, year int) time.Time {
		if year%5 != 0 {
			return time.Time{}
		}
		return cal.CalcDayOfMonth(h, year)
	}
	yearly := except(nl.Holidays, nl.GoedeVrijdag)
	scotland := append(except(gb.Holidays, gb.EasterMonday, gb.SummerHoliday), gb.SummerHolidayScotland,
		&cal.Holiday{
			Name: "2nd January", Month: time.January, Day: 2, Func: cal.CalcDayOfMonth,
			// Moves on when New Year's Day takes its Monday.
			Observed: []cal.AltDay{{Day: saturday, Offset: 2}, {Day: sunday, Offset: 2}, {Day: time.Monday, Offset: 1}},
		},
		&cal.Holiday{
			Name: "St Andrew's Day", Month: time.November, Day: 30, Func: cal.CalcDayOfMonth, StartYear: 2007, Observed: toMonday,
		})
	northernIreland := append(slices.Clone(gb.Holidays),
		&cal.Holiday{Name: "St Patrick's Day", Month: time.March, Day: 17, Func: cal.CalcDayOfMonth, Observed: toMonday},
		&cal.Holiday{Name: "Battle of the Boyne", Month: time.July, Day: 12, Func: cal.CalcDayOfMonth, Observed: toMonday})
	return map[string][]*cal.Holiday{
		"nl": append(except(yearly, nl.BevrijdingsDag), lustrum), "nl-5may": yearly, "nl-official": nl.Holidays,
		"gb": gb.Holidays, "gb-sct": scotland, "gb-nir": northernIreland,

		"ar": ar.Holidays, "at": at.Holidays, "be": be.Holidays, "bg": bg.Holidays, "br": br.Holidays, "ca": ca.Holidays,
		"cz": cz.Holidays, "dk": dk.Holidays, "es": es.Holidays, "fr": fr.Holidays, "gr": gr.Holidays, "hr": hr.Holidays,
		"ie": ie.Holidays, "it": it.Holidays, "jp": jp.Holidays, "lt": lt.Holidays, "lv": lv.Holidays, "no": no.Holidays,
		"nz": nz.Holidays, "pl": pl.Holidays, "ro": ro.Holidays, "se": se.Holidays, "si": si.Holidays, "sk": sk.Holidays,
		"ua": ua.Holidays, "us": us.Holidays, "za": za.Holidays,

		"au-act": au.HolidaysACT, "au-nsw": au.HolidaysNSW, "au-nt": au.HolidaysNT, "au-qld": au.HolidaysQLD,
		"au-sa": au.HolidaysSA, "au-tas": au.HolidaysTAS, "au-vic": au.HolidaysVIC, "au-wa": au.HolidaysWA,

		"de": de.Holidays, "de-bb": de.HolidaysBB, "de-be": de.HolidaysBE, "de-bw": de.HolidaysBW, "de-by": de.HolidaysBY,
		"de-hb": de.HolidaysHB, "de-he": de.HolidaysHE, "de-hh": de.HolidaysHH, "de-mv": de.HolidaysMV, "de-ni": de.HolidaysNI,
		"de-nw": de.HolidaysNW, "de-rp": de.HolidaysRP, "de-sh": de.HolidaysSH, "de-sl": de.HolidaysSL, "de-sn": de.HolidaysSN,
		"de-st": de.HolidaysST, "de-th": de.HolidaysTH,

		"ch": ch.Holidays, "ch-ag": ch.HolidaysAG, "ch-ai": ch.HolidaysAI, "ch-ar": ch.HolidaysAR, "ch-be": ch.HolidaysBE,
		"ch-bl": ch.HolidaysBL, "ch-bs": ch.HolidaysBS, "ch-fr": ch.HolidaysFR, "ch-ge": ch.HolidaysGE, "ch-gl": ch.HolidaysGL,
		"ch-gr": ch.HolidaysGR, "ch-ju": ch.HolidaysJU, "ch-lu": ch.HolidaysLU, "ch-ne": ch.HolidaysNE, "ch-nw": ch.HolidaysNW,
		"ch-ow": ch.HolidaysOW, "ch-sg": ch.HolidaysSG, "ch-sh": ch.HolidaysSH, "ch-so": ch.HolidaysSO, "ch-sz": ch.HolidaysSZ,
		"ch-tg": ch.HolidaysTG, "ch-ti": ch.HolidaysTI, "ch-ur": ch.HolidaysUR, "ch-vd": ch.HolidaysVD, "ch-vs": ch.HolidaysVS,
		"ch-zg": ch.HolidaysZG, "ch-zh": ch.HolidaysZH,
	}
}

func except(all []*cal.Holiday, left ...*cal.Holiday) []*cal.Holiday {
	return slices.DeleteFunc(slices.Clone(all), func(h *cal.Holiday) bool { return slices.Contains(left, h) })
}

// holiday is one of a country's.
type holiday struct {
	name  string
	rule  *cal.Holiday
	moves bool // is not kept on its own day when it is kept on another
}

// holidaysOf finds those of a country or a part of it.
func holidaysOf(code string) ([]holiday, error) {
	known := countries()
	rules, ok := known[code]
	if !ok {
		return nil, unknownCountry(code, slices.Sorted(maps.Keys(known)))
	}
	all := make([]holiday, len(rules))
	for i, r := range rules {
		all[i] = holiday{name: r.Name, rule: r, moves: strings.HasPrefix(code, "nl")}
	}
	return all, nil
}

func unknownCountry(code string, known []string) error {
	var parts []string
	country, _, _ := strings.Cut(strings.ToLower(code), "-")
	for _, k := range known {
		if strings.HasPrefix(k, country+"-") {
			parts = append(parts, k)
		}
	}
	hint := field.DidYouMean(strings.ToLower(code), known)
	if slices.Contains(known, strings.ToLower(code)) {
		hint = fmt.Sprintf(" (did you mean %q?)", strings.ToLower(code))
	}
	if len(parts) > 0 && (strings.Contains(code, "-") || !slices.Contains(known, country)) {
		return fmt.Errorf("holidays of %q are not known: of %s, those of %s are", code, country, strings.Join(parts, ", "))
	}
	return fmt.Errorf("must be a day such as 2026-12-24, or a country whose holidays are known, such as nl, de-by or gb, not %q%s", code, hint)
}

func isCountry(code string) bool {
	_, ok := countries()[code]
	return ok
}

func namesOf(all []holiday) []string {
	var names []string
	for _, h := range all {
		names = append(names, h.name)
	}
	return names
}

// days are those on which offices close for it: its own, and the one it is kept on when that is another.
func (h holiday) days() iter.Seq[date] {
	return func(yield func(date) bool) {
		for year := firstYear - 1; year <= lastYear+1; year++ { // one may be kept in the year before
			own, kept := h.rule.Calc(year)
			if own.IsZero() || own.Year() < firstYear-1 {
				continue
			}
			// Noon: they are midnights of this machine's zone, where one midnight in a hundred years may be missing.
			own, kept = own.Add(12*time.Hour), kept.Add(12*time.Hour)
			if !h.moves && !own.Equal(kept) && !yield(dateOf(own.Date())) {
				return
			}
			if !yield(dateOf(kept.Date())) {
				return
			}
		}
	}
}
