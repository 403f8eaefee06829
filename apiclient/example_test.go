package apiclient_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/thingward/thingward/apiclient"
)

// A gateway sends what it gathered. Should the answer be lost, it sends the
// same batch under the same key again, and nothing is stored twice.
func ExampleClient_AppendBatch() {
	client := &apiclient.Client{
		Server:      "https://things.example.org",
		KeyID:       "0123456789abcdef",
		KeyPassword: apiclient.NewPassword("…"),
	}
	began := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	readings := []apiclient.NewReading{
		{At: began, Values: map[string]any{"temperature": 21.5}},
		{At: began.Add(time.Minute), Values: map[string]any{"temperature": 21.6}},
	}
	stored, err := client.AppendBatch(context.Background(), "alice.greenhouse", readings, "greenhouse-2026-11-21T10")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(stored.Stored, stored.Repeated)
}
