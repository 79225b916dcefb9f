// Reads vectors with the generated types.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"tools/generated/oapi"
	"tools/generated/quicktype"
)

func main() {
	data, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	var vectors []json.RawMessage
	if err := json.Unmarshal(data, &vectors); err != nil {
		panic(err)
	}
	for _, vector := range vectors {
		one, err := quicktype.UnmarshalGuestCustomizationInfo(vector)
		var other oapi.Info
		if err != nil || json.Unmarshal(vector, &other) != nil || string(one.Status) != string(other.Status) {
			fmt.Println(string(vector))
		}
		// Both types of times are Go's.
		var _, _ *time.Time = one.StartTime, other.StartTime
	}
	var statuses []string
	for _, each := range []struct {
		one   quicktype.Status
		other oapi.Status
	}{
		{quicktype.Idle, oapi.IDLE}, {quicktype.Pending, oapi.PENDING}, {quicktype.Running, oapi.RUNNING},
		{quicktype.Succeeded, oapi.SUCCEEDED}, {quicktype.Failed, oapi.FAILED},
	} {
		if string(each.one) == string(each.other) {
			statuses = append(statuses, string(each.one))
		}
	}
	fmt.Println(strings.Join(statuses, " "))
}
