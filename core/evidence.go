package core

// Evidence is what an answer proves about the execution of its operation. It decides what may be
// repeated: only an operation that was not executed, or a query.
type Evidence int

// What an answer can prove.
const (
	// EvidenceUnknown: the operation may have been executed or not.
	EvidenceUnknown Evidence = iota
	// EvidenceExecuted: the operation was executed, at least in part.
	EvidenceExecuted
	// EvidenceRejected: the access token was rejected before anything was executed.
	EvidenceRejected
	// EvidenceThrottled: the request was not executed because there are too many.
	EvidenceThrottled
	// EvidenceInvalid: the document or its variables did not pass validation.
	EvidenceInvalid
	// EvidenceUnread: the answer could not be read to its end or understood, and the rest of it may
	// prove that the operation was executed.
	EvidenceUnread
)

// String returns the name of the evidence, for example "executed".
func (e Evidence) String() string {
	switch e {
	case EvidenceExecuted:
		return "executed"
	case EvidenceRejected:
		return "rejected"
	case EvidenceThrottled:
		return "throttled"
	case EvidenceInvalid:
		return "invalid"
	case EvidenceUnread:
		return "unread"
	case EvidenceUnknown:
	}
	return "unknown"
}
