package emulator

// currentSubject answers whose token it is, in the subjects service.
func (c *call) currentSubject(struct{}) (any, error) {
	if c.owner.clientID == "" {
		return record{
			"id": c.owner.subject(), "name": c.owner.user, "displayName": c.owner.user,
			"identity": c.person(),
		}, nil
	}
	name := c.owner.clientID
	identity := record{"__typename": "Client", "id": c.owner.clientID}
	if r, ok := c.e.clients.get(c.owner.clientID); ok { // its token outlives a client
		name, identity = r.Name, r.record()
	}
	return record{"id": c.owner.subject(), "name": name, "displayName": name, "identity": identity}, nil
}

// currentUser answers whose token it is, in the users service; a client is nobody there.
func (c *call) currentUser(struct{}) (any, error) {
	if c.owner.clientID != "" {
		return nil, nil
	}
	return c.person(), nil
}

// person is the token's owner as a TDRUser.
func (c *call) person() record {
	return record{
		"__typename": "TDRUser", "id": c.owner.subject(), "user_id": c.owner.subject(),
		"email": c.owner.user, "email_normalized": c.owner.user, "status": "Registered",
	}
}
