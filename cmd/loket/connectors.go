package main

import (
	"loket/connectors"
	"loket/connectors/email"
	"loket/connectors/twilio"
	"loket/connectors/webform"
	"loket/connectors/x"
)

// types lists every type of connector there is. A new one is a new line here.
func types() []connectors.Type {
	return []connectors.Type{
		webform.Type(),
		email.Type(),
		x.Type(),
		twilio.Type(),
	}
}
