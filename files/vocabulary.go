package files

import (
	"errors"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/fusion/cases"
	"github.com/taegis-go/taegis/services/investigations2"
)

// vocabulary is the operations for files of cases that a server has.
type vocabulary struct {
	begin, look, remove *core.Operation
	caseMember          string
}

// The vocabularies: two generations of Taegis, and fusion.
var (
	ofCases          = vocabulary{&investigations2.OpStartCaseFileUpload, &investigations2.OpCaseFile, &investigations2.OpDeleteCaseFile, "caseId"}
	ofInvestigations = vocabulary{
		&investigations2.OpInitInvestigationFileUpload, &investigations2.OpInvestigationFileV2,
		&investigations2.OpDeleteInvestigationFile, "investigationId",
	}
	ofFusion = vocabulary{&cases.OpStartCaseFileUpload, &cases.OpCaseFile, &cases.OpDeleteCaseFile, "caseId"}
)

// byVocabulary calls use with the operations of the platform that the call goes to. Only the client
// knows that platform, since a context can choose another environment; for an operation of the
// other one it returns an error and sends nothing.
func byVocabulary[T any](use func(v *vocabulary) (T, error)) (T, error) {
	result, err := use(&ofCases)
	if other, ok := errors.AsType[*core.PlatformError](err); ok && other.Other == core.PlatformFusion {
		return use(&ofFusion)
	}
	if lack, ok := errors.AsType[*core.SchemaError](err); ok && lack.NoOperation {
		return use(&ofInvestigations)
	}
	return result, err
}
