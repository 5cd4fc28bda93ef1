package e2e_test

import (
	"flag"
	"os"
	"regexp"
	"testing"
)

// The tests with a browser are run by the package below this one: a package's tests must end within ten minutes, also on a busy machine,
// and all of them together don't. `go test -run …` in this package runs any of them.

// pageTests are the names of those that start a browser.
const pageTests = `InABrowser$|OnThePage$|^TestChat(LosesAndDoublesNothing|OnAnotherSite|TellsWhatGoesOn)$|` +
	`^Test(APageOfAnotherOriginPosts|AnswerCanBeTakenBack|ConversationByWhatsAppWithMedia|CustomersPageShowsWhatIsNewByItself|EightTabsShareOneStream|` +
	`EveryPageInEveryState|PagesFitAPhone|WhatIsWrittenIsKept)$`

var isPageTest = regexp.MustCompile(pageTests)

// chooseTests leaves out those with a browser, or all others where LOKET_E2E is pages; whoever names tests gets those. It gives how many
// of them each processor may run at once.
func chooseTests() int {
	flag.Parse()
	if flag.Lookup("test.run").Value.String() != "" || flag.Lookup("test.bench").Value.String() != "" {
		return 3
	}
	if os.Getenv("LOKET_E2E") == "pages" {
		_ = flag.Set("test.run", pageTests)
		return 2
	}
	_ = flag.Set("test.skip", pageTests)
	return 3
}

// isOfPages expects that a test which starts a browser is one of those that are left out here.
func isOfPages(tb testing.TB) {
	tb.Helper()
	if _, bench := tb.(*testing.B); !bench && !isPageTest.MatchString(rootOf(tb.Name())) {
		tb.Fatalf("%s starts a browser: its name must end in InABrowser", tb.Name())
	}
}

var subtest = regexp.MustCompile(`/.*`)

func rootOf(name string) string { return subtest.ReplaceAllString(name, "") }
