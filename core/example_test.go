package core_test

import (
	"errors"
	"fmt"

	"github.com/taegis-go/taegis/core"
)

// A program tests the type of an error, and shows the hint to its user.
func ExampleHint() {
	_, err := core.FindEnvironment("charly")

	var unknown *core.UnknownEnvironmentError
	fmt.Println(errors.As(err, &unknown), core.Hint(err) != "")
	// Output: true true
}

// A secret does not appear in logs, errors or JSON; only Reveal returns it.
func ExampleSecret() {
	secret := core.NewSecret("swordfish")
	fmt.Println(secret)
	fmt.Println(len(secret.Reveal()))
	// Output:
	// [redacted]
	// 9
}
