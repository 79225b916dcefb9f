// Package contract runs the vectors with Go's JSON Schema validators: one subtest per vector.
//
// Run it with go test, or go test -count=1 ./...: without the count, ./... repeats an old pass after schemas or vectors have
// changed, because Go's cache ignores files outside the module.
package contract

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	google "github.com/google/jsonschema-go/jsonschema"
	kaptinlin "github.com/kaptinlin/jsonschema"
	santhosh "github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"github.com/xeipuuv/gojsonschema"
)

const structure = "vcenter.vm.guest.customization.info"

var schemas = filepath.Join("..", "..", "schemas")

func init() {
	// In an exported kit, the runner is in its own folder next to the schemas.
	if _, err := os.Stat(filepath.Join("..", "rules.json")); err == nil {
		schemas = ".."
	}
	if folder := os.Getenv("GUESTCUST_SCHEMAS"); folder != "" {
		schemas = folder
	}
}

// The files of a version in each dialect.
var editions = map[string]string{
	"2020-12":     filepath.Join(structure, "%s.schema.json"),
	"draft-07":    filepath.Join("draft-07", structure, "%s.schema.json"),
	"OpenAPI 3.0": filepath.Join("openapi", "3.0", "%s.openapi.json"),
	"OpenAPI 3.1": filepath.Join("openapi", "%s.openapi.json"),
}

func edition(dialect, version string) string {
	return filepath.Join(schemas, fmt.Sprintf(editions[dialect], version))
}

// A check gives an instance's verdict and the locations that failed.
type check func(instance []byte) (valid bool, locations []string)

// A validator compiles a schema to a check. The key names the member of rules.json that has its locations; without one, only
// verdicts are compared.
type validator struct {
	name, module, key string
	compile           func(schema []byte, formats bool) (check, error)
	dialects, formats []string
}

var (
	both   = []string{"2020-12", "draft-07"}
	either = []string{"asserted", "annotated"}
)

// Those without a key run in the dialects that their users load, with formats as they are by default.
var validators = []validator{
	{"santhosh-tekuri", "github.com/santhosh-tekuri/jsonschema/v6", "schemaLocation", withSanthosh, both, either},
	{"kaptinlin", "github.com/kaptinlin/jsonschema", "keywordLocation", withKaptinlin, both, either},
	{"xeipuuv", "github.com/xeipuuv/gojsonschema", "", withXeipuuv, both[1:], either[:1]},
	{"google", "github.com/google/jsonschema-go", "", withGoogle, both[:1], either[1:]},
	{"kin-openapi", "github.com/getkin/kin-openapi", "", withKin, []string{"OpenAPI 3.0", "OpenAPI 3.1"}, either[1:]},
}

func withSanthosh(schema []byte, formats bool) (check, error) {
	document, err := santhosh.UnmarshalJSON(strings.NewReader(string(schema)))
	if err != nil {
		return nil, err
	}
	compiler := santhosh.NewCompiler()
	// The defaults differ between dialects.
	if formats {
		compiler.AssertFormat()
	} else {
		compiler.RegisterFormat(&santhosh.Format{Name: "date-time", Validate: func(any) error { return nil }})
	}
	id := document.(map[string]any)["$id"].(string)
	if err := compiler.AddResource(id, document); err != nil {
		return nil, err
	}
	compiled, err := compiler.Compile(id)
	if err != nil {
		return nil, err
	}
	return func(text []byte) (bool, []string) {
		instance, err := santhosh.UnmarshalJSON(strings.NewReader(string(text)))
		if err != nil {
			return false, []string{err.Error()}
		}
		if failure, failed := compiled.Validate(instance).(*santhosh.ValidationError); failed {
			return false, leaves(failure)
		}
		return true, nil
	}, nil
}

func leaves(failure *santhosh.ValidationError) (locations []string) {
	_, pointer, _ := strings.Cut(failure.SchemaURL, "#")
	keyword := failure.ErrorKind.KeywordPath()
	// The path does not include this keyword.
	if _, negated := failure.ErrorKind.(*kind.Not); negated {
		keyword = []string{"not"}
	}
	locations = append(locations, strings.Join(append([]string{pointer}, keyword...), "/"))
	for _, cause := range failure.Causes {
		locations = append(locations, leaves(cause)...)
	}
	return locations
}

func withKaptinlin(schema []byte, formats bool) (check, error) {
	compiled, err := kaptinlin.NewCompiler().SetAssertFormat(formats).Compile(schema)
	if err != nil {
		return nil, err
	}
	return func(text []byte) (bool, []string) {
		result := compiled.ValidateJSON(text)
		return result.IsValid(), failures(result, "")
	}, nil
}

// failures joins the paths of nested results, which are relative to their parents.
func failures(result *kaptinlin.EvaluationResult, path string) (locations []string) {
	for keyword := range result.Errors {
		locations = append(locations, path+"/"+keyword)
	}
	for _, detail := range result.Details {
		step := detail.EvaluationPath
		if step == "" {
			step = "/$ref"
		}
		if !detail.Valid {
			locations = append(locations, failures(detail, path+step)...)
		}
	}
	return locations
}

func withXeipuuv(schema []byte, _ bool) (check, error) {
	compiled, err := gojsonschema.NewSchema(gojsonschema.NewBytesLoader(schema))
	if err != nil {
		return nil, err
	}
	return func(text []byte) (bool, []string) {
		result, err := compiled.Validate(gojsonschema.NewBytesLoader(text))
		return err == nil && result.Valid(), nil
	}, nil
}

func withGoogle(schema []byte, _ bool) (check, error) {
	var document google.Schema
	if err := json.Unmarshal(schema, &document); err != nil {
		return nil, err
	}
	compiled, err := document.Resolve(nil)
	if err != nil {
		return nil, err
	}
	return func(text []byte) (bool, []string) {
		var instance any
		err := json.Unmarshal(text, &instance)
		return err == nil && compiled.Validate(instance) == nil, nil
	}, nil
}

func withKin(text []byte, _ bool) (check, error) {
	document, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, err
	}
	if err := document.Validate(context.Background()); err != nil {
		return nil, err
	}
	var options []openapi3.SchemaValidationOption
	if document.IsOpenAPI31OrLater() {
		options = append(options, openapi3.EnableJSONSchema2020())
	}
	schema := document.Components.Schemas["Info"].Value
	return func(text []byte) (bool, []string) {
		var instance any
		err := json.Unmarshal(text, &instance)
		return err == nil && schema.VisitJSON(instance, options...) == nil, nil
	}, nil
}

type group struct {
	Description string
	Tests       []struct {
		Description string
		Data        json.RawMessage
		Valid       bool
	}
}

// The rules that the invalid vectors of a file violate, by group and vector.
type broken map[string]map[string][]string

type rule struct {
	ID           string
	SupersededBy []string
	Keywords     []struct {
		Versions                        []string
		KeywordLocation, SchemaLocation string
	}
}

// rulesAt gives the ids of the rules at the locations that failed. Locations without a rule belong to applicators.
func rulesAt(locations []string, rules []rule, version, dialect, key string) []string {
	failed := map[string]bool{}
	for _, rule := range rules {
		for _, keyword := range rule.Keywords {
			location := keyword.KeywordLocation
			if key == "schemaLocation" {
				location = keyword.SchemaLocation
			}
			if dialect == "draft-07" {
				location = strings.Replace(location, "/$defs/", "/definitions/", 1)
			}
			if slices.Contains(keyword.Versions, version) && slices.Contains(locations, location) {
				failed[rule.ID] = true
			}
		}
	}
	found := maps.Clone(failed)
	for _, rule := range rules {
		// One cause gives one violation.
		if slices.ContainsFunc(rule.SupersededBy, func(id string) bool { return failed[id] }) {
			delete(found, rule.ID)
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func read[T any](t *testing.T, path ...string) (content T) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err == nil {
		err = json.Unmarshal(text, &content)
	}
	if err != nil {
		t.Fatal(err)
	}
	return content
}

type run struct {
	Dialect   string   `json:"dialect"`
	Formats   string   `json:"formats"`
	Vectors   int      `json:"vectors"`
	Agreed    int      `json:"agreed"`
	Disagreed []string `json:"disagreed"`
	Rules     int      `json:"rules"`
}

type report struct {
	Language  string `json:"language"`
	Validator string `json:"validator"`
	Version   string `json:"version"`
	Runs      []run  `json:"runs"`
}

func TestContract(t *testing.T) {
	for _, validator := range validators {
		t.Run(validator.name, func(t *testing.T) {
			found := report{Language: "Go", Validator: validator.name, Version: versionOf(validator.module)}
			for _, dialect := range validator.dialects {
				for _, formats := range validator.formats {
					t.Run(dialect+"/"+formats, func(t *testing.T) {
						found.Runs = append(found.Runs, checkVectors(t, validator, dialect, formats))
						checkPayloads(t, validator, dialect, formats)
					})
				}
			}
			if folder := os.Getenv("CONTRACT_RESULTS"); folder != "" {
				text, _ := json.Marshal(found)
				if err := os.WriteFile(filepath.Join(folder, "go-"+validator.name+".json"), text, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func checkVectors(t *testing.T, validator validator, dialect, formats string) run {
	tally := run{Dialect: dialect, Formats: formats, Disagreed: []string{}}
	rules := read[struct{ Rules []rule }](t, schemas, "rules.json").Rules
	checks := map[string]check{}
	for _, root := range []string{filepath.Join(schemas, "vectors"), filepath.Join("..", "drawn")} {
		files, _ := filepath.Glob(filepath.Join(root, "suite", "*", "*.json"))
		for _, file := range files {
			version := filepath.Base(filepath.Dir(file))
			if checks[version] == nil {
				schema := read[json.RawMessage](t, edition(dialect, version))
				compiled, err := validator.compile(schema, formats == "asserted")
				if err != nil {
					t.Fatal(err)
				}
				checks[version] = compiled
			}
			broken := read[broken](t, root, "rules", version, filepath.Base(file))
			for _, group := range read[[]group](t, file) {
				for _, test := range group.Tests {
					name := strings.Join([]string{version, filepath.Base(file), group.Description, test.Description}, "/")
					// Counted inside, because Run also returns true for subtests that -run excludes.
					t.Run(name, func(t *testing.T) {
						valid, locations := checks[version](test.Data)
						if valid != test.Valid {
							t.Errorf("valid: %v, not %v: %s", valid, test.Valid, test.Data)
						}
						tally.Vectors++
						if validator.key != "" {
							found := rulesAt(locations, rules, version, dialect, validator.key)
							if wanted := broken[group.Description][test.Description]; !slices.Equal(found, wanted) {
								t.Errorf("rules: %v, not %v: %s", found, wanted, test.Data)
							}
							tally.Rules++
						}
						if t.Failed() {
							tally.Disagreed = append(tally.Disagreed, name)
						} else {
							tally.Agreed++
						}
					})
				}
			}
		}
	}
	if tally.Vectors == 0 {
		t.Error("no vectors were found")
	}
	return tally
}

// checkPayloads runs your own payloads against the newest schema: payloads/valid/*.json and payloads/invalid/RULE/*.json.
func checkPayloads(t *testing.T, validator validator, dialect, formats string) {
	rules := read[struct {
		Rules    []rule
		Versions []struct{ Version string }
	}](t, schemas, "rules.json")
	var version, schema string
	for _, each := range rules.Versions {
		path := edition(dialect, each.Version)
		if _, err := os.Stat(path); err == nil {
			version, schema = each.Version, path
		}
	}
	compiled, err := validator.compile(read[json.RawMessage](t, schema), formats == "asserted")
	if err != nil {
		t.Fatal(err)
	}
	payloads := filepath.Join(schemas, "payloads")
	valid, _ := filepath.Glob(filepath.Join(payloads, "valid", "*.json"))
	invalid, _ := filepath.Glob(filepath.Join(payloads, "invalid", "*", "*.json"))
	for _, file := range append(valid, invalid...) {
		var wanted []string
		if rule := filepath.Base(filepath.Dir(file)); !slices.Contains(valid, file) {
			wanted = []string{rule}
		}
		t.Run(file, func(t *testing.T) {
			data := read[json.RawMessage](t, file)
			isValid, locations := compiled(data)
			found := rulesAt(locations, rules.Rules, version, dialect, validator.key)
			if isValid != (wanted == nil) || validator.key != "" && !slices.Equal(found, wanted) {
				t.Errorf("valid: %v, rules: %v, not %v: %s", isValid, found, wanted, data)
			}
		})
	}
}

// versionOf reads go.mod, because a test binary has no build information about its modules.
func versionOf(module string) string {
	text, _ := os.ReadFile("go.mod")
	_, rest, found := strings.Cut(string(text), "\t"+module+" v")
	if !found {
		panic(module + " is not in go.mod")
	}
	version, _, _ := strings.Cut(rest, "\n")
	return version
}
