package customers

const (
	// erasuresKey is a HASH: customer → the order to forget them, JSON, until that is done.
	erasuresKey = "lk:{desk}:erase"
	// rewriteKey is a HASH: customer → when they were erased, until the file of our own store was written anew since then.
	rewriteKey = "lk:{desk}:rewrite"
)
