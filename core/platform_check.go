package core

import "fmt"

// PlatformError is returned for the operation of a service that the platform of the environment
// does not have. Nothing was sent.
type PlatformError struct {
	Operation string // the operation's name
	Service   string // its service, for example "fusion/cases"
	// Platform has the operation.
	Platform Platform
	// Environment is the name of the environment that the request was for, and Other its platform.
	Environment string
	Other       Platform
}

func (e *PlatformError) Error() string {
	return sentence(fmt.Sprintf("%s: the service %s belongs to the platform %s, and the environment %q to the platform %s",
		e.Operation, e.Service, e.Platform, e.Environment, e.Other), e.Hint())
}

// Hint returns what the user can do about it.
func (e *PlatformError) Hint() string {
	if e.Platform == PlatformFusion {
		return "choose the environment fusion, or a service of Taegis"
	}
	return "choose an environment of Taegis, or one of the services that fusion has: their names begin with fusion/"
}

// CheckPlatform returns a [*PlatformError] if the operation's service belongs to another platform
// than the request's environment. A document of the caller, which has no service, belongs to any.
func (r *Request) CheckPlatform() error {
	op := r.Operation
	if op.Service == "" || op.Platform == r.Environment.Platform {
		return nil
	}
	return &PlatformError{
		Operation: op.Name, Service: op.Service, Platform: op.Platform,
		Environment: r.Environment.Name, Other: r.Environment.Platform,
	}
}
