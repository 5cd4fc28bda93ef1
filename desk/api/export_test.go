package api

// Routes are the calls of the API, "METHOD path".
func Routes() []string {
	var all []string
	for _, r := range (&server{}).routes() {
		all = append(all, r.method+" "+r.path)
	}
	return all
}
