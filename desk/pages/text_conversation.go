package pages

// conversationWords are what is said of a long conversation.
type conversationWords struct {
	NewestMessages, ShowWhole, BackToTask, AlsoOpen string
}

func conversationEnglish() conversationWords {
	return conversationWords{NewestMessages: "Newest messages", ShowWhole: "All of this message", BackToTask: "Back to the task", AlsoOpen: "They also wrote, and it is open"}
}

func conversationDutch() conversationWords {
	return conversationWords{NewestMessages: "Nieuwste berichten", ShowWhole: "Dit hele bericht", BackToTask: "Terug naar de taak", AlsoOpen: "Schreef ook, en dat is open"}
}
