package spool_test

import stdcontext "context"

// context is that of a process.
func context() stdcontext.Context { return stdcontext.Background() }
