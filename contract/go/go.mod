module guestcust.example/contract

go 1.26.4

require (
	github.com/kaptinlin/jsonschema v0.9.5
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3
)

require (
	github.com/go-json-experiment/json v0.0.0-20260623181947-01eb4420fa68 // indirect
	github.com/goccy/go-yaml v1.19.2 // indirect
	github.com/kaptinlin/jsonpointer v0.4.27 // indirect
	golang.org/x/text v0.38.0 // indirect
)
