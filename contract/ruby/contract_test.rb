# The vectors as tests of Ruby's json_schemer and json-schema: one test per vector.
# These versions support no dialect after draft-07 and draft-04.

require "json"
require "minitest/autorun"
require "set" # json_schemer uses it but does not require it

VERSIONS = { "json_schemer" => "0.2.18", "json-schema" => "2.8.1" }
VERSIONS.each { |name, version| gem name, version }
require "json_schemer"
require "json-schema"

# In an exported kit, the runner is in its own folder next to the schemas.
KIT = File.exist?(File.expand_path("../rules.json", __dir__)) ? ".." : "../../schemas"
SCHEMAS = ENV["GUESTCUST_SCHEMAS"] || File.expand_path(KIT, __dir__)
ROOTS = [File.join(SCHEMAS, "vectors"), File.expand_path("../drawn", __dir__)]
STRUCTURE = "vcenter.vm.guest.customization.info"
TYPES = %w[object string null]

def read(*path) = JSON.parse(File.read(File.join(*path), encoding: "UTF-8"))

RULES = read(SCHEMAS, "rules.json").fetch("rules").select { |rule| rule.key?("keywords") }
Run = Struct.new(:validator, :dialect, :formats, :vectors, :agreed, :rules, :disagreed)
RUNS = [%w[json_schemer draft-07 asserted], %w[json_schemer draft-07 annotated], %w[json-schema draft-04 asserted]]
       .map { |run| Run.new(*run, 0, 0, 0, []) }

# The location in the schema of the keyword that failed. For a "type", json_schemer reports the name of the type; for a "not"
# or a false schema, its pointer includes the keyword.
def schema_location(error)
  pointer, type = error.values_at("schema_pointer", "type")
  return pointer if %w[not schema].include?(type)

  "#{pointer}/#{TYPES.include?(type) ? "type" : type}"
end

# The ids of the rules at the locations that failed.
def rules_at(failed, version)
  ids = RULES.select do |rule|
    rule["keywords"].any? do |keyword|
      keyword["versions"].include?(version) && failed.include?(keyword["schemaLocation"].sub("/$defs/", "/definitions/"))
    end
  end.map { |rule| rule["id"] }
  # One cause gives one violation.
  ids.reject { |id| (RULES.find { |rule| rule["id"] == id }.fetch("supersededBy", []) & ids).any? }.sort
end

# A function from an instance to its verdict and the locations that failed, which are nil to compare only verdicts.
def compile(run, version)
  schema = read(SCHEMAS, run.dialect, STRUCTURE, "#{version}.schema.json")
  if run.validator == "json-schema"
    # Without `parse_data`, it takes a string for JSON or an address.
    return ->(data) { [JSON::Validator.validate(schema, data, parse_data: false), nil] }
  end
  schemer = JSONSchemer.schema(schema, format: run.formats == "asserted")
  lambda do |data|
    failed = schemer.validate(data).map { |error| schema_location(error) }
    [failed.empty?, failed]
  end
end

class ContractTest < Minitest::Test
  ROOTS.select { |root| Dir.exist?(root) }.product(RUNS).each do |root, run|
    Dir[File.join(root, "suite", "*", "*.json")].sort.each do |path|
      version, file = path.split("/").last(2)
      validate = compile(run, version)
      broken = read(root, "rules", version, file)
      read(path).each do |group|
        group["tests"].each do |test|
          name = "#{version}/#{File.basename(file, ".json")}/#{group["description"]}/#{test["description"]}"
          rules = broken.fetch(group["description"], {}).fetch(test["description"], [])
          define_method("test_#{run.validator}/#{run.formats}/#{name}") do
            expected = [test["valid"], rules]
            given, has_locations = outcome(validate, version, test["data"], rules)
            run.vectors += 1
            run.rules += 1 if has_locations
            given == expected ? run.agreed += 1 : run.disagreed << name
            assert_equal(expected, given)
          end
        end
      end
    end
  end

  # Your own payloads, against the newest schema: payloads/valid/*.json and payloads/invalid/RULE/*.json.
  versions = read(SCHEMAS, "rules.json").fetch("versions").map { |each| each["version"] }
  newest = versions.select { |version| File.exist?(File.join(SCHEMAS, STRUCTURE, "#{version}.schema.json")) }.last
  payloads = Dir[File.join(SCHEMAS, "payloads", "{valid,invalid/*}", "*.json")].sort
  payloads.product(RUNS).each do |path, run|
    folder = File.basename(File.dirname(path))
    rules = File.basename(File.dirname(path, 2)) == "invalid" ? [folder] : []
    define_method("test_payload_#{run.validator}/#{run.formats}/#{path}") do
      given, = outcome(compile(run, newest), newest, read(path), rules)
      assert_equal([rules.empty?, rules], given)
    end
  end

  # The verdict with the ids of the broken rules, or with the expected ones if the validator reports no locations; and whether
  # it does.
  def outcome(validate, version, data, expected)
    valid, failed = validate.call(data)
    [[valid, failed ? rules_at(failed, version) : expected], !failed.nil?]
  end

  def test_there_are_vectors
    refute_empty(ContractTest.runnable_methods.grep(/^test_json_schemer.asserted/))
  end
end

Minitest.after_run do
  if (folder = ENV["CONTRACT_RESULTS"])
    RUNS.group_by(&:validator).each do |validator, runs|
      results = runs.map { |run| run.to_h.reject { |name, _| name == :validator } }
      report = { language: "Ruby", validator: validator, version: VERSIONS[validator], runs: results }
      File.write(File.join(folder, "ruby-#{validator}.json"), JSON.generate(report))
    end
  end
end
