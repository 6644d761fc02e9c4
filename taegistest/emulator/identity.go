package emulator

// currentSubject returns the owner of the token, for the subjects service.
func (c *call) currentSubject(struct{}) (any, error) {
	if c.owner.clientID == "" {
		return record{
			"id": c.owner.subject(), "name": c.owner.user, "displayName": c.owner.user,
			"identity": c.tdrUser(),
		}, nil
	}
	name := c.owner.clientID
	identity := record{"__typename": "Client", "id": c.owner.clientID}
	if r, ok := c.e.clients.get(c.owner.clientID); ok { // a token outlives its client
		name, identity = r.Name, r.record()
	}
	return record{"id": c.owner.subject(), "name": name, "displayName": name, "identity": identity}, nil
}

// currentUser returns the owner of the token, for the users service, which has no clients.
func (c *call) currentUser(struct{}) (any, error) {
	if c.owner.clientID != "" {
		return nil, nil
	}
	return c.tdrUser(), nil
}

// tdrUser returns the token's owner as a TDRUser.
func (c *call) tdrUser() record {
	return record{
		"__typename": "TDRUser", "id": c.owner.subject(), "user_id": c.owner.subject(),
		"email": c.owner.user, "email_normalized": c.owner.user, "status": "Registered",
	}
}
