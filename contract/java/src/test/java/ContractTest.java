import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import dev.harrel.jsonschema.FormatEvaluatorFactory;
import dev.harrel.jsonschema.ValidatorFactory;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.everit.json.schema.ValidationException;
import org.everit.json.schema.loader.SchemaLoader;
import org.json.JSONObject;
import org.json.JSONTokener;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs the vectors with Java's validators: one test per validator, dialect and file of vectors,
 * with formats asserted and not. A test per vector would take much longer.
 */
class ContractTest {
  static final JsonMapper JSON = new JsonMapper();
  static final Path HERE = Path.of(System.getProperty("basedir"));

  /** In an exported kit, the runner is in its own folder next to the schemas. */
  static final Path KIT =
      HERE.resolve(Files.exists(HERE.resolve("../rules.json")) ? ".." : "../../schemas");

  static final Path SCHEMAS =
      Path.of(System.getenv().getOrDefault("GUESTCUST_SCHEMAS", KIT.toString()));
  static final List<Path> ROOTS = List.of(SCHEMAS.resolve("vectors"), HERE.resolve("../drawn"));
  static final String STRUCTURE = "vcenter.vm.guest.customization.info";

  /**
   * Gives an instance's verdict and the keyword locations that failed; null to compare only
   * verdicts.
   */
  interface Check {
    Verdict verdict(String instance);
  }

  record Verdict(boolean valid, Set<String> locations) {}

  /** Compiles a schema to a check. */
  interface Compiler {
    Check compile(String schema, boolean formats);
  }

  record Validator(
      String name,
      String version,
      Compiler compiler,
      List<String> dialects,
      List<String> formats) {}

  static final List<String> BOTH = List.of("2020-12", "draft-07");
  static final List<String> EITHER = List.of("asserted", "annotated");

  /** The last three compare only verdicts, in the dialect and with the formats of their users. */
  static final List<Validator> VALIDATORS =
      List.of(
          new Validator(
              "networknt",
              System.getProperty("networknt.version"),
              ContractTest::withNetworknt,
              BOTH,
              EITHER),
          new Validator(
              "dev.harrel",
              System.getProperty("harrel.version"),
              ContractTest::withHarrel,
              BOTH,
              EITHER),
          new Validator(
              "everit",
              System.getProperty("everit.version"),
              ContractTest::withEverit,
              List.of("draft-07"),
              List.of("asserted")),
          new Validator(
              "networknt 1",
              System.getProperty("networknt1.version"),
              ContractTest::withNetworknt1,
              List.of("draft-07"),
              List.of("asserted")),
          new Validator(
              "vert.x",
              System.getProperty("vertx.version"),
              ContractTest::withVertx,
              List.of("draft-07"),
              List.of("asserted")));

  static Check withNetworknt(String text, boolean formats) {
    var config = SchemaRegistryConfig.builder().formatAssertionsEnabled(formats).build();
    // The default applies to schemas without "$schema"; all of ours have one.
    var registry =
        SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12, builder -> builder.schemaRegistryConfig(config));
    var schema = registry.getSchema(text);
    return instance -> {
      var errors = schema.validate(instance, InputFormat.JSON);
      var locations = errors.stream().map(error -> error.getEvaluationPath().toString());
      return new Verdict(errors.isEmpty(), locations.collect(toSet()));
    };
  }

  static Check withHarrel(String text, boolean formats) {
    var factory = new ValidatorFactory();
    if (formats) {
      factory.withEvaluatorFactory(new FormatEvaluatorFactory());
    }
    var validator = factory.createValidator();
    var schema = validator.registerSchema(text);
    return instance -> {
      var result = validator.validate(schema, instance);
      var locations = result.getErrors().stream().map(error -> error.getEvaluationPath());
      return new Verdict(result.isValid(), locations.collect(toSet()));
    };
  }

  static Check withEverit(String text, boolean formats) {
    var schema = SchemaLoader.load(new JSONObject(text));
    return instance -> {
      try {
        schema.validate(new JSONTokener(instance).nextValue());
        return new Verdict(true, null);
      } catch (ValidationException exception) {
        return new Verdict(false, null);
      }
    };
  }

  /** Its classes have the names of those of version 3, so they get a class loader of their own. */
  static class Networknt1Loader extends URLClassLoader {
    Networknt1Loader(URL jar) {
      super(new URL[] {jar}, ContractTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith("com.networknt.")) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        var loaded = findLoadedClass(name);
        return loaded == null ? findClass(name) : loaded;
      }
    }

    @Override
    public URL getResource(String name) {
      var found = findResource(name);
      return found == null ? super.getResource(name) : found;
    }
  }

  static Check withNetworknt1(String text, boolean formats) {
    try {
      var jar = HERE.resolve("target/networknt-1/json-schema-validator.jar").toUri().toURL();
      var loader = new Networknt1Loader(jar);
      var factories = loader.loadClass("com.networknt.schema.JsonSchemaFactory");
      var flags = loader.loadClass("com.networknt.schema.SpecVersion$VersionFlag");
      var inputs = loader.loadClass("com.networknt.schema.InputFormat");
      var draft7 = flags.getField("V7").get(null);
      var json = inputs.getField("JSON").get(null);
      var factory = factories.getMethod("getInstance", flags).invoke(null, draft7);
      var schema = factories.getMethod("getSchema", String.class).invoke(factory, text);
      var validate = schema.getClass().getMethod("validate", String.class, inputs);
      return instance -> {
        try {
          var errors = (Set<?>) validate.invoke(schema, instance, json);
          return new Verdict(errors.isEmpty(), null);
        } catch (ReflectiveOperationException exception) {
          throw new IllegalStateException(exception);
        }
      };
    } catch (IOException | ReflectiveOperationException exception) {
      throw new IllegalStateException(exception);
    }
  }

  static Check withVertx(String text, boolean formats) {
    var options =
        new JsonSchemaOptions()
            .setBaseUri("https://guestcust.example")
            .setDraft(Draft.DRAFT7)
            .setOutputFormat(OutputFormat.Flag);
    var schema = JsonSchema.of(new JsonObject(text));
    var validator = io.vertx.json.schema.Validator.create(schema, options);
    return instance ->
        new Verdict(validator.validate(Json.decodeValue(instance)).getValid(), null);
  }

  /** An instance with its expected outcome. */
  record Vector(String name, String data, Outcome wanted) {}

  /** The vectors of a file, or one of your own payloads. */
  record Batch(String version, String name, List<Vector> vectors) {}

  record Outcome(boolean valid, Set<String> rules) {}

  record Group(String description, List<Case> tests) {}

  record Case(String description, JsonNode data, boolean valid) {}

  static List<Batch> batches() throws IOException {
    var batches = new ArrayList<Batch>();
    for (var root : ROOTS) {
      for (var file : suites(root)) {
        var version = file.getParent().getFileName().toString();
        var vectors = new ArrayList<Vector>();
        var broken =
            JSON.readValue(
                root.resolve("rules").resolve(version).resolve(file.getFileName()),
                new TypeReference<Map<String, Map<String, Set<String>>>>() {});
        var stem = file.getFileName().toString().replace(".json", "");
        for (var group : JSON.readValue(file, Group[].class)) {
          var rules = broken.getOrDefault(group.description, Map.of());
          for (var test : group.tests) {
            var name = "%s/%s/%s/%s".formatted(version, stem, group.description, test.description);
            var wanted = new Outcome(test.valid, rules.getOrDefault(test.description, Set.of()));
            vectors.add(new Vector(name, test.data.toString(), wanted));
          }
        }
        batches.add(new Batch(version, version + "/" + stem, vectors));
      }
    }
    batches.addAll(payloads());
    return batches;
  }

  record Version(String version) {}

  record Versions(List<Version> versions) {}

  /**
   * Your own payloads, against the newest schema: payloads/valid/*.json and
   * payloads/invalid/RULE/*.json.
   */
  static List<Batch> payloads() throws IOException {
    var versions = JSON.readValue(SCHEMAS.resolve("rules.json"), Versions.class).versions;
    var schemas = SCHEMAS.resolve(STRUCTURE);
    var newest =
        versions.stream()
            .map(Version::version)
            .filter(version -> Files.exists(schemas.resolve(version + ".schema.json")))
            .reduce((before, after) -> after)
            .orElseThrow();
    var payloads = new ArrayList<Batch>();
    var root = SCHEMAS.resolve("payloads");
    if (Files.isDirectory(root)) {
      try (var files = Files.walk(root)) {
        for (var file : files.filter(each -> each.toString().endsWith(".json")).sorted().toList()) {
          var place = root.relativize(file);
          var valid = place.startsWith("valid");
          var wanted =
              new Outcome(valid, valid ? Set.of() : Set.of(place.getName(1).toString()));
          var name = "payloads/" + place;
          var vector = new Vector(name, Files.readString(file), wanted);
          payloads.add(new Batch(newest, name, List.of(vector)));
        }
      }
    }
    return payloads;
  }

  static List<Path> suites(Path root) throws IOException {
    var suite = root.resolve("suite");
    if (!Files.isDirectory(suite)) {
      return List.of();
    }
    try (var files = Files.walk(suite)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
  }

  record Rules(List<Rule> rules) {
    /**
     * The ids of the rules at the locations that failed. Locations without a rule belong to
     * applicators.
     */
    Set<String> at(Set<String> locations, String version) {
      var failed =
          rules.stream()
              .filter(rule -> rule.isAt(locations, version))
              .map(Rule::id)
              .collect(toSet());
      var found = new TreeSet<>(failed);
      // One cause gives one violation.
      rules.stream()
          .filter(rule -> !Collections.disjoint(rule.supersededBy, failed))
          .forEach(rule -> found.remove(rule.id));
      return found;
    }
  }

  record Rule(String id, Set<String> supersededBy, List<Keyword> keywords) {
    Rule {
      supersededBy = supersededBy == null ? Set.of() : supersededBy;
      keywords = keywords == null ? List.of() : keywords;
    }

    boolean isAt(Set<String> locations, String version) {
      return keywords.stream()
          .anyMatch(
              keyword ->
                  keyword.versions.contains(version)
                      && locations.contains(keyword.keywordLocation));
    }
  }

  record Keyword(Set<String> versions, String keywordLocation) {}

  /** The results in one dialect, with formats asserted or not. */
  static class Run {
    public final String dialect;
    public final String formats;
    public int vectors;
    public int agreed;
    public int rules;
    public final List<String> disagreed = new ArrayList<>();

    Run(String dialect, String formats) {
      this.dialect = dialect;
      this.formats = formats;
    }
  }

  record Report(String language, String validator, String version, List<Run> runs) {}

  static final List<Report> REPORTS = new ArrayList<>();

  @TestFactory
  List<DynamicTest> vectorsGetTheirVerdicts() throws IOException {
    var batches = batches();
    assertFalse(batches.isEmpty(), "no vectors were found");
    var tests = new ArrayList<DynamicTest>();
    for (var validator : VALIDATORS) {
      var report = new Report("Java", validator.name, validator.version, new ArrayList<>());
      REPORTS.add(report);
      for (var dialect : validator.dialects) {
        for (var formats : validator.formats) {
          var run = new Run(dialect, formats);
          report.runs.add(run);
          tests.addAll(tests(batches, validator, run));
        }
      }
    }
    return tests;
  }

  static List<DynamicTest> tests(List<Batch> batches, Validator validator, Run run)
      throws IOException {
    var rules = JSON.readValue(SCHEMAS.resolve("rules.json"), Rules.class);
    var faulty = faulty(validator, run);
    var edition = run.dialect.equals("draft-07") ? SCHEMAS.resolve("draft-07") : SCHEMAS;
    var checks = new HashMap<String, Check>();
    var tests = new ArrayList<DynamicTest>();
    for (var batch : batches) {
      if (!checks.containsKey(batch.version)) {
        var schema =
            Files.readString(edition.resolve(STRUCTURE).resolve(batch.version + ".schema.json"));
        checks.put(
            batch.version, validator.compiler.compile(schema, run.formats.equals("asserted")));
      }
      var compiled = checks.get(batch.version);
      var name =
          "%s/%s/formats %s/%s".formatted(validator.name, run.dialect, run.formats, batch.name);
      tests.add(DynamicTest.dynamicTest(name, () -> check(batch, compiled, rules, run, faulty)));
    }
    return tests;
  }

  static void check(Batch batch, Check compiled, Rules rules, Run run, Set<String> faulty) {
    var wrong = new ArrayList<String>();
    for (var vector : batch.vectors) {
      run.vectors++;
      var verdict = compiled.verdict(vector.data);
      var found = vector.wanted.rules;
      if (verdict.locations != null) {
        run.rules++;
        found = rules.at(verdict.locations, batch.version);
      }
      var outcome = new Outcome(verdict.valid, found);
      var agreed = outcome.equals(vector.wanted);
      if (agreed) {
        run.agreed++;
      } else {
        run.disagreed.add(vector.name);
      }
      if (agreed && faulty.contains(vector.name)) {
        wrong.add(vector.name + ": no longer wrong: remove it from faults.json");
      } else if (!agreed && !faulty.contains(vector.name)) {
        wrong.add("%s: %s, expected %s".formatted(vector.name, outcome, vector.wanted));
      }
    }
    assertTrue(wrong.isEmpty(), () -> String.join("\n", wrong));
  }

  record Fault(String validator, String dialect, String formats, Set<String> vectors) {}

  /** The vectors that a validator gets wrong because of a known fault. */
  static Set<String> faulty(Validator validator, Run run) {
    return Stream.of(JSON.readValue(HERE.resolve("faults.json"), Fault[].class))
        .filter(fault -> fault.validator.equals(validator.name))
        .filter(fault -> fault.dialect.equals(run.dialect) && fault.formats.equals(run.formats))
        .flatMap(fault -> fault.vectors.stream())
        .collect(toSet());
  }

  @AfterAll
  static void write() {
    var folder = System.getenv("CONTRACT_RESULTS");
    if (folder != null) {
      for (var report : REPORTS) {
        JSON.writeValue(Path.of(folder, "java-" + report.validator + ".json"), report);
      }
    }
  }
}
