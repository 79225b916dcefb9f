//! The vectors as tests of Rust's JSON Schema validators: one test per vector and dialect, with formats asserted and not.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{json, Value};

const STRUCTURE: &str = "vcenter.vm.guest.customization.info";
const EDITIONS: [(&str, &str); 2] = [("2020-12", ""), ("draft-07", "draft-07")];

/// Gives the keyword locations that fail in an instance; none if it is valid.
type Check = Arc<dyn Fn(&Value) -> BTreeSet<String> + Send + Sync>;
type Compile = fn(Value, bool) -> Check;

const VALIDATORS: [(&str, Compile); 2] = [("jsonschema", with_jsonschema), ("boon", with_boon)];

fn with_jsonschema(schema: Value, formats: bool) -> Check {
    let options = jsonschema::options().should_validate_formats(formats);
    let validator = options.build(&schema).expect("the schema compiles");
    Arc::new(move |instance| {
        let errors = validator.iter_errors(instance);
        errors.map(|error| error.evaluation_path().to_string()).collect()
    })
}

fn with_boon(schema: Value, formats: bool) -> Check {
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    // The defaults differ between dialects.
    if formats {
        compiler.enable_format_assertions();
    } else {
        compiler.register_format(boon::Format { name: "date-time", func: |_| Ok(()) });
    }
    let id = schema["$id"].as_str().expect("the schema has an $id").to_owned();
    compiler.add_resource(&id, schema).expect("the schema is read");
    let index = compiler.compile(&id, &mut schemas).expect("the schema compiles");
    Arc::new(move |instance| match schemas.validate(instance, index) {
        Ok(()) => BTreeSet::new(),
        Err(error) => leaves(&error.basic_output()),
    })
}

fn leaves(unit: &boon::OutputUnit) -> BTreeSet<String> {
    match &unit.error {
        // A fault of boon 0.6.1: it misspells this keyword.
        boon::OutputError::Leaf(_) if unit.keyword_location == "/additionalProperty" => {
            BTreeSet::from(["/additionalProperties".to_owned()])
        }
        boon::OutputError::Leaf(_) => BTreeSet::from([unit.keyword_location.clone()]),
        boon::OutputError::Branch(units) => units.iter().flat_map(leaves).collect(),
    }
}

/// The rules at the keyword locations of one version; locations without a rule belong to applicators.
#[derive(Default)]
struct Rules {
    at: BTreeMap<String, String>,
    superseded_by: BTreeMap<String, Vec<String>>,
}

impl Rules {
    fn of(rules: &Value, version: &str) -> Self {
        let mut found = Self::default();
        for rule in list(&rules["rules"]) {
            let id = string(&rule["id"]);
            for keyword in list(&rule["keywords"]) {
                if strings(&keyword["versions"]).iter().any(|each| each == version) {
                    found.at.insert(string(&keyword["keywordLocation"]), id.clone());
                }
            }
            found.superseded_by.insert(id, strings(&rule["supersededBy"]));
        }
        found
    }

    fn broken(&self, locations: &BTreeSet<String>) -> Vec<String> {
        let failed: BTreeSet<&String> = locations.iter().filter_map(|each| self.at.get(each)).collect();
        let is_cause = |id: &&String| !self.superseded_by[*id].iter().any(|other| failed.contains(other));
        failed.iter().copied().filter(is_cause).cloned().collect()
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn string(value: &Value) -> String {
    value.as_str().expect("a string").to_owned()
}

fn strings(value: &Value) -> Vec<String> {
    list(value).iter().map(string).collect()
}

fn read(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let found = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<_> = found.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

fn stem(path: &Path) -> String {
    path.file_stem().expect("a name").to_string_lossy().into_owned()
}

/// The result of one run: the number of vectors, and the names of those with another verdict.
#[derive(Default)]
struct Tally {
    vectors: usize,
    disagreed: Vec<String>,
}

fn test(check: &Check, rules: &Rules, vector: &Value, broken: &[String]) -> Result<(), Failed> {
    let locations = check(&vector["data"]);
    if json!(locations.is_empty()) != vector["valid"] {
        return Err(format!("valid is not {}: {}", vector["valid"], vector["data"]).into());
    }
    let found = rules.broken(&locations);
    if found != broken {
        return Err(format!("rules: {found:?}, not {broken:?}: {}", vector["data"]).into());
    }
    Ok(())
}

/// A test for each vector of one run.
fn trials(
    schemas: &Path,
    run: &str,
    edition: &str,
    compile: Compile,
    formats: bool,
) -> (Vec<Trial>, Arc<Mutex<Tally>>) {
    let all_rules = read(&schemas.join("rules.json"));
    let tally = Arc::new(Mutex::new(Tally::default()));
    let mut trials = Vec::new();
    for root in [schemas.join("vectors"), here().join("../drawn")] {
        for folder in entries(&root.join("suite")) {
            let version = folder.file_name().expect("a name").to_string_lossy().into_owned();
            let schema = schemas.join(edition).join(STRUCTURE).join(format!("{version}.schema.json"));
            let check = compile(read(&schema), formats);
            let rules = Arc::new(Rules::of(&all_rules, &version));
            for file in entries(&folder) {
                let all_broken = read(&root.join("rules").join(&version).join(file.file_name().expect("a name")));
                for group in list(&read(&file)) {
                    for vector in list(&group["tests"]) {
                        let (of_group, of_vector) = (string(&group["description"]), string(&vector["description"]));
                        let broken = strings(&all_broken[&of_group][&of_vector]);
                        let name = format!("{run}/{version}/{}/{of_group}/{of_vector}", stem(&file));
                        let (check, rules, tally) = (check.clone(), rules.clone(), tally.clone());
                        let (vector, title) = (vector.clone(), name.clone());
                        trials.push(Trial::test(name, move || {
                            let result = test(&check, &rules, &vector, &broken);
                            let mut tally = tally.lock().expect("no test has panicked");
                            tally.vectors += 1;
                            tally.disagreed.extend(result.is_err().then_some(title));
                            result
                        }));
                    }
                }
            }
        }
    }
    trials.extend(payloads(schemas, run, edition, compile, formats));
    (trials, tally)
}

/// Your own payloads, against the newest schema: payloads/valid/*.json and payloads/invalid/RULE/*.json.
fn payloads(schemas: &Path, run: &str, edition: &str, compile: Compile, formats: bool) -> Vec<Trial> {
    let all_rules = read(&schemas.join("rules.json"));
    let folder = schemas.join(edition).join(STRUCTURE);
    let versions = list(&all_rules["versions"]).iter().map(|each| string(&each["version"]));
    let mut found = versions.filter(|each| folder.join(format!("{each}.schema.json")).exists());
    let version = found.next_back().expect("a schema");
    let check = compile(read(&folder.join(format!("{version}.schema.json"))), formats);
    let rules = Arc::new(Rules::of(&all_rules, &version));
    let mut folders = vec![(schemas.join("payloads/valid"), true)];
    folders.extend(entries(&schemas.join("payloads/invalid")).into_iter().map(|each| (each, false)));
    let mut trials = Vec::new();
    for (folder, valid) in folders {
        let broken = if valid { Vec::new() } else { vec![stem(&folder)] };
        for file in entries(&folder).into_iter().filter(|each| each.extension().is_some_and(|end| end == "json")) {
            let (check, rules, broken) = (check.clone(), rules.clone(), broken.clone());
            let vector = json!({"data": read(&file), "valid": valid});
            let name = format!("{run}/{}", file.display());
            trials.push(Trial::test(name, move || test(&check, &rules, &vector, &broken)));
        }
    }
    trials
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn version_of(package: &str) -> String {
    let lock = fs::read_to_string(here().join("Cargo.lock")).expect("a lock file");
    let (_, rest) = lock.split_once(&format!("name = \"{package}\"\nversion = \"")).expect("the package is locked");
    rest.split('"').next().expect("a version").to_owned()
}

fn main() -> Result<(), Box<dyn Error>> {
    // In an exported kit, the runner is in its own folder next to the schemas.
    let kit = if here().join("../rules.json").exists() { ".." } else { "../../schemas" };
    let schemas = std::env::var_os("GUESTCUST_SCHEMAS").map_or(here().join(kit), PathBuf::from);
    let mut all = Vec::new();
    let mut runs = Vec::new();
    for (validator, compile) in VALIDATORS {
        for (dialect, edition) in EDITIONS {
            for formats in ["asserted", "annotated"] {
                let run = format!("{validator}/{dialect}/formats {formats}");
                let (trials, tally) = trials(&schemas, &run, edition, compile, formats == "asserted");
                assert!(!trials.is_empty(), "no vectors were found in {}", schemas.display());
                all.extend(trials);
                runs.push((validator, dialect, formats, tally));
            }
        }
    }
    let conclusion = libtest_mimic::run(&Arguments::from_args(), all);
    if let Some(folder) = std::env::var_os("CONTRACT_RESULTS") {
        for (validator, _) in VALIDATORS {
            let of_it = runs.iter().filter(|run| run.0 == validator).map(|(_, dialect, formats, tally)| {
                let tally = tally.lock().expect("no test has panicked");
                json!({
                    "dialect": dialect, "formats": formats, "disagreed": tally.disagreed, "vectors": tally.vectors,
                    "agreed": tally.vectors - tally.disagreed.len(), "rules": tally.vectors,
                })
            });
            let report = json!({
                "language": "Rust", "validator": validator, "version": version_of(validator),
                "runs": of_it.collect::<Vec<_>>(),
            });
            fs::write(Path::new(&folder).join(format!("rust-{validator}.json")), report.to_string())?;
        }
    }
    conclusion.exit()
}
