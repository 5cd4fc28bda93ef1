package api

// What calls carry. The Client writes what the handlers read.

// person says who acts, and under which lease.
type person struct {
	Agent string `json:"agent,omitempty"`
	Lease string `json:"lease,omitempty"`
}

// looked says what the person saw of the task, and whether what came since matters.
type looked struct {
	Seen   string `json:"seen,omitempty"`
	Anyway bool   `json:"anyway,omitempty"`
}

type claimBody struct {
	Agent     string `json:"agent,omitempty"`
	Wait      string `json:"wait,omitempty"`
	RequestID string `json:"request_id,omitempty"`
}

type assignBody struct {
	Agent string `json:"agent"`
}

type sendDraftBody struct {
	person
	looked
	Close   bool   `json:"close,omitempty"`
	Outcome string `json:"outcome,omitempty"`
}

type draftList struct {
	Drafts []Draft `json:"drafts"`
}

type noteBody struct {
	person
	Text string `json:"text"`
}

type transferBody struct {
	person
	Team string `json:"team"`
	Note string `json:"note,omitempty"`
}

type waitBody struct {
	person
	looked
	Until string `json:"until,omitempty"`
}

type closeBody struct {
	person
	looked
	Outcome string `json:"outcome,omitempty"`
}

type answeredBody struct {
	person
	looked
	By      string `json:"by"`
	Text    string `json:"text"`
	Close   bool   `json:"close,omitempty"`
	Outcome string `json:"outcome,omitempty"`
}

type settleBody struct {
	person
	Arrived *bool `json:"arrived"`
}

type personBody struct {
	person
	Message string `json:"message,omitempty"`
	Machine bool   `json:"machine,omitempty"`
}

type linkBody struct {
	person
	Task string `json:"task"`
}

type labelBody struct {
	person
	Tag      []string `json:"tag,omitempty"`
	Untag    []string `json:"untag,omitempty"`
	Priority string   `json:"priority,omitempty"`
	Language string   `json:"language,omitempty"`
}

// diagnosis is what the doctor found.
type diagnosis struct {
	Broken []string `json:"broken"`
}
