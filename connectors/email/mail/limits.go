package mail

// Limits bound what Read takes from one mail. A zero or negative field means its value in DefaultLimits.
type Limits struct {
	Depth     int // multiparts within each other
	Parts     int // entities of one mail, multiparts included
	Header    int // bytes of the header of one entity; fields beyond it are left out
	Decoded   int // bytes of all leaves together, after their transfer encoding
	Text      int // bytes of Mail.Text
	HTML      int // bytes of Mail.HTML
	Addresses int // addresses of one field
}

// DefaultLimits are those of a mail that people write, with much room.
func DefaultLimits() Limits {
	return Limits{
		Depth: 20, Parts: 500, Header: 256 << 10, Decoded: 64 << 20, Text: 1 << 20, HTML: 4 << 20, Addresses: 200,
	}
}

func (l Limits) orDefaults() Limits {
	d := DefaultLimits()
	for _, f := range []struct{ have, fallback *int }{
		{&l.Depth, &d.Depth}, {&l.Parts, &d.Parts}, {&l.Header, &d.Header}, {&l.Decoded, &d.Decoded},
		{&l.Text, &d.Text}, {&l.HTML, &d.HTML}, {&l.Addresses, &d.Addresses},
	} {
		if *f.have <= 0 {
			*f.have = *f.fallback
		}
	}
	return l
}
