package kpi

// byHand is figures as the tests compute them, by other ways than the list of figures, which they do not look at.
type byHand struct {
	Messages, Automatic, Replies                             int
	Answered, Abandoned, Unanswered                          int
	ServiceLevel                                             *float64
	InTime, Counted, Late                                    int
	FirstResponse, NextResponse, SpeedOfAnswer               Times
	Handling, Resolution, Held                               Times
	Resolved, Aside, Reopened, TransferredOut, TransferredIn int
	Rated, RatedGood                                         int
	Satisfaction                                             *float64
}

// named are the figures by the names under which people find them.
func (b byHand) named() map[string]any {
	return map[string]any{
		"messages": b.Messages, "automatic": b.Automatic, "replies": b.Replies, "answered": b.Answered, "abandoned": b.Abandoned,
		"unanswered": b.Unanswered, "service_level": b.ServiceLevel, "in_time": b.InTime, "counted": b.Counted, "late": b.Late,
		"first_response": b.FirstResponse, "next_response": b.NextResponse, "speed_of_answer": b.SpeedOfAnswer, "handling": b.Handling,
		"resolution": b.Resolution, "held": b.Held, "resolved": b.Resolved, "aside": b.Aside, "reopened": b.Reopened,
		"transferred_out": b.TransferredOut, "transferred_in": b.TransferredIn,
		"rated": b.Rated, "rated_good": b.RatedGood, "satisfaction": b.Satisfaction,
	}
}

// named are all figures that are told, but those of the moment.
func named(f Figures) map[string]any {
	all := map[string]any{}
	for i, figure := range List() {
		if !figure.Now && figure.Sum != Listed {
			all[figure.Name] = f.Value(i)
		}
	}
	return all
}
