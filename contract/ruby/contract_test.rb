# The vectors as tests of Ruby's json_schemer: one test per vector, with formats asserted and not.
# This version supports no dialect after draft-07.

require "json"
require "minitest/autorun"
require "set" # json_schemer uses it but does not require it

VERSION = "0.2.18"
gem "json_schemer", VERSION
require "json_schemer"

# In an exported kit, the runner is in its own folder next to the schemas.
KIT = File.exist?(File.expand_path("../rules.json", __dir__)) ? ".." : "../../schemas"
SCHEMAS = ENV["GUESTCUST_SCHEMAS"] || File.expand_path(KIT, __dir__)
ROOTS = [File.join(SCHEMAS, "vectors"), File.expand_path("../drawn", __dir__)]
EDITION = File.join(SCHEMAS, "draft-07", "vcenter.vm.guest.customization.info")
TYPES = %w[object string null]

def read(*path) = JSON.parse(File.read(File.join(*path), encoding: "UTF-8"))

RULES = read(SCHEMAS, "rules.json").fetch("rules").select { |rule| rule.key?("keywords") }
RUNS = %w[asserted annotated].to_h do |formats|
  [formats, { dialect: "draft-07", formats: formats, vectors: 0, agreed: 0, disagreed: [], rules: 0 }]
end

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

class ContractTest < Minitest::Test
  ROOTS.select { |root| Dir.exist?(root) }.product(RUNS.keys).each do |root, formats|
    Dir[File.join(root, "suite", "*", "*.json")].sort.each do |path|
      version, file = path.split("/").last(2)
      schemer = JSONSchemer.schema(read(EDITION, "#{version}.schema.json"), format: formats == "asserted")
      broken = read(root, "rules", version, file)
      read(path).each do |group|
        group["tests"].each do |test|
          name = "#{version}/#{File.basename(file, ".json")}/#{group["description"]}/#{test["description"]}"
          rules = broken.fetch(group["description"], {}).fetch(test["description"], [])
          define_method("test_#{formats}/#{name}") { check(RUNS[formats], schemer, version, name, test, rules) }
        end
      end
    end
  end

  # Your own payloads, against the newest schema: payloads/valid/*.json and payloads/invalid/RULE/*.json.
  versions = read(SCHEMAS, "rules.json").fetch("versions").map { |each| each["version"] }
  newest = versions.select { |version| File.exist?(File.join(EDITION, "#{version}.schema.json")) }.last
  payloads = Dir[File.join(SCHEMAS, "payloads", "{valid,invalid/*}", "*.json")].sort
  payloads.product(RUNS.keys).each do |path, formats|
    folder = File.basename(File.dirname(path))
    rules = File.basename(File.dirname(path, 2)) == "invalid" ? [folder] : []
    define_method("test_payload_#{formats}/#{path}") do
      schemer = JSONSchemer.schema(read(EDITION, "#{newest}.schema.json"), format: formats == "asserted")
      failed = schemer.validate(read(path)).map { |error| schema_location(error) }
      assert_equal([rules.empty?, rules], [failed.empty?, rules_at(failed, newest)])
    end
  end

  def check(run, schemer, version, name, test, rules)
    failed = schemer.validate(test["data"]).map { |error| schema_location(error) }
    expected, given = [test["valid"], rules], [failed.empty?, rules_at(failed, version)]
    run[:vectors] += 1
    run[:rules] += 1
    given == expected ? run[:agreed] += 1 : run[:disagreed] << name
    assert_equal(expected, given)
  end

  def test_there_are_vectors
    refute_empty(ContractTest.runnable_methods.grep(/^test_asserted/))
  end
end

Minitest.after_run do
  if (folder = ENV["CONTRACT_RESULTS"])
    report = { language: "Ruby", validator: "json_schemer", version: VERSION, runs: RUNS.values }
    File.write(File.join(folder, "ruby-json_schemer.json"), JSON.generate(report))
  end
end
