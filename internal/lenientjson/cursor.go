package lenientjson

// cursor is a position in a text. Everything before it is valid JSON. If it finds anything else, it
// moves to the end of the text and is broken: from then on all its methods return nothing, so that
// callers check only once.
type cursor struct {
	text   []byte
	at     int
	depth  int // how many lists and objects are open
	limit  int // for depth
	broken bool
	deep   bool   // it is broken because the limit was reached
	spare  []byte // for strings that are not in the text as they are
}

func (c *cursor) fail() {
	c.at, c.broken = len(c.text), true
}

// peek passes white space and returns the byte that the next token begins with, 0 for none.
func (c *cursor) peek() byte {
	if c.at < len(c.text) && c.text[c.at] > ' ' {
		return c.text[c.at]
	}
	return c.peekFar()
}

func (c *cursor) peekFar() byte {
	for ; c.at < len(c.text); c.at++ {
		switch b := c.text[c.at]; b {
		case ' ', '\t', '\r', '\n':
		default:
			return b
		}
	}
	return 0
}

// open enters the list or object at hand, which closes with the byte end, and reports whether there
// is anything in it.
func (c *cursor) open(end byte) bool {
	c.at++
	if c.depth++; c.depth > c.limit {
		c.deep = true
		c.fail()
		return false
	}
	if c.peek() != end {
		return true
	}
	c.at++
	c.depth--
	return false
}

// next passes what follows an item and reports whether another one does.
func (c *cursor) next(end byte) bool {
	switch c.peek() {
	case ',':
		c.at++
		return true
	case end:
		c.at++
		c.depth--
	default:
		c.fail()
	}
	return false
}

// key passes the name of a member and the colon behind it. The name is valid until the next call.
func (c *cursor) key() []byte {
	if c.peek() != '"' {
		c.fail()
		return nil
	}
	name := c.string()
	c.colon()
	return name
}

func (c *cursor) colon() {
	if c.peek() != ':' {
		c.fail()
		return
	}
	c.at++
}

// follows passes token, if the text goes on with it to the letter, and reports whether it does.
func (c *cursor) follows(token string) bool {
	if rest := c.text[c.at:]; len(rest) < len(token) || string(rest[:len(token)]) != token {
		return false
	}
	c.at += len(token)
	return true
}

// null passes null and reports whether it was there.
func (c *cursor) null() bool { return c.peek() == 'n' && c.word("null") }

func (c *cursor) word(w string) bool {
	if !c.follows(w) {
		c.fail()
		return false
	}
	return true
}

// pass passes the value at hand, whatever it is.
func (c *cursor) pass() {
	switch c.peek() {
	case '{':
		for more := c.open('}'); more; more = c.next('}') {
			if c.peek() != '"' {
				c.fail()
				return
			}
			c.quoted()
			c.colon()
			c.pass()
		}
	case '[':
		for more := c.open(']'); more; more = c.next(']') {
			c.pass()
		}
	case '"':
		c.quoted()
	case 't':
		c.word("true")
	case 'f':
		c.word("false")
	case 'n':
		c.word("null")
	default:
		c.number()
	}
}

// value passes the current value and returns its text, nil if there is none.
func (c *cursor) value() []byte {
	c.peek()
	begin := c.at
	if c.pass(); c.broken {
		return nil
	}
	return c.text[begin:c.at]
}
