package pages

// conversationWords are what is said of a long conversation.
type conversationWords struct {
	NewestMessages, ShowWhole, BackToTask string
}

func conversationEnglish() conversationWords {
	return conversationWords{NewestMessages: "Newest messages", ShowWhole: "All of this message", BackToTask: "Back to the task"}
}

func conversationDutch() conversationWords {
	return conversationWords{NewestMessages: "Nieuwste berichten", ShowWhole: "Dit hele bericht", BackToTask: "Terug naar de taak"}
}
