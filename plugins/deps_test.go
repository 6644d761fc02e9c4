package plugins_test

import (
	"os/exec"
	"strings"
	"testing"

	_ "github.com/taegis-go/taegis" // so that the result is not reused when its imports change
	_ "github.com/taegis-go/taegis/adapters/authn"
)

// TestNoOtherPackageLinksGRPC checks that a program without plugins is without what they need.
func TestNoOtherPackageLinksGRPC(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", "github.com/taegis-go/taegis", "github.com/taegis-go/taegis/adapters/authn")
	list, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.FieldsSeq(string(list)) {
		for _, heavy := range []string{"google.golang.org/grpc", "google.golang.org/protobuf", "github.com/hashicorp/go-plugin"} {
			if strings.HasPrefix(name, heavy) {
				t.Errorf("the SDK links %s", name)
			}
		}
	}
}
