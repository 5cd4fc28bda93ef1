package storetest

import (
	"flag"
	"runtime"
	"strconv"
	"testing"
)

// Main runs the tests of a package that mostly wait for processes: so many times more at once as there are processors, unless
// the command line says how many. It gives the exit code.
func Main(m *testing.M, times int) int {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		_ = flag.Set("test.parallel", strconv.Itoa(times*runtime.GOMAXPROCS(0)))
	}
	return m.Run()
}
