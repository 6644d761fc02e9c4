package operation

import (
	"errors"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/catalog"
)

// Counterpart returns the command that shows what the platform of the environment has in place of an
// operation of the other platform: the operation with the same name, else its services. It returns
// "" unless err is a [*core.PlatformError].
func Counterpart(err error) string {
	wrong, ok := errors.AsType[*core.PlatformError](err)
	if !ok {
		return ""
	}
	for _, service := range catalog.Services(wrong.Other) {
		list, err := catalog.Operations(service)
		if err != nil {
			return ""
		}
		for _, op := range list {
			if op.Name == wrong.Operation {
				return "taegis schema show " + service + " " + op.Name
			}
		}
	}
	return "taegis schema services"
}
