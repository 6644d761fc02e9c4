package files_test

import (
	"context"
	"fmt"
	"strings"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/files"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

func Example() {
	server, err := emulator.Start("127.0.0.1:0", emulator.Config{AnyTenant: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	client, err := taegis.New(
		taegis.WithEnvironments(server.Environment), taegis.WithEnvironment("loopback"), taegis.WithTenant("11063"),
		taegis.WithTokenStore(new(tokenstore.Memory)), taegis.WithLookupEnv(func(name string) (string, bool) {
			switch name {
			case "CLIENT_ID":
				return emulator.DemoClientID, true
			case "CLIENT_SECRET":
				return emulator.DemoClientSecret, true
			}
			return "", false
		}),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = client.Close() }()

	text := "first line\nsecond line\n"
	err = files.New(client).SendLog(context.Background(), files.Log{
		Name: "firewall.log", Content: strings.NewReader(text), Size: int64(len(text)), SensorID: "fw1",
	})
	fmt.Println(err)
	for _, u := range server.Uploads() {
		fmt.Printf("%s: %d bytes of %s\n", u.Name, len(u.Content), u.Sensor)
	}
	// Output:
	// <nil>
	// firewall.log: 23 bytes of fw1
}
