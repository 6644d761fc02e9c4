// A program that uses one service.
package main

import (
	"context"
	"fmt"

	"github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/services/subjects"
)

func main() {
	client, err := taegis.New()
	if err != nil {
		panic(err)
	}
	subject, err := subjects.New(client).CurrentSubject(context.Background(), subjects.CurrentSubjectArgs{})
	if err != nil {
		panic(err)
	}
	fmt.Println(subject.ID)
}
