import io.github.optimumcode.json.schema.FormatBehavior
import io.github.optimumcode.json.schema.JsonSchema
import io.github.optimumcode.json.schema.JsonSchemaLoader
import io.github.optimumcode.json.schema.SchemaOption
import io.github.optimumcode.json.schema.ValidationError
import java.nio.file.Path
import kotlin.io.path.div
import kotlin.io.path.exists
import kotlin.io.path.extension
import kotlin.io.path.name
import kotlin.io.path.nameWithoutExtension
import kotlin.io.path.readText
import kotlin.io.path.relativeTo
import kotlin.io.path.walk
import kotlin.io.path.writeText
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.add
import kotlinx.serialization.json.addJsonObject
import kotlinx.serialization.json.boolean
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonArray
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.TestFactory

const val STRUCTURE = "vcenter.vm.guest.customization.info"
val HERE: Path = Path.of(System.getProperty("basedir"))

/** In an exported kit, the runner is in its own folder next to the schemas. */
val KIT = HERE / if ((HERE / "../rules.json").exists()) ".." else "../../schemas"
val SCHEMAS: Path = System.getenv("GUESTCUST_SCHEMAS")?.let { Path.of(it) } ?: KIT
val ROOTS = listOf(SCHEMAS / "vectors", HERE / "../drawn")
val EDITIONS = mapOf("2020-12" to SCHEMAS / STRUCTURE, "draft-07" to SCHEMAS / "draft-07" / STRUCTURE)

fun read(path: Path): JsonElement = Json.parseToJsonElement(path.readText())

fun JsonElement.at(name: String): JsonElement = jsonObject.getValue(name)

fun JsonElement.text(name: String): String = at(name).jsonPrimitive.content

fun JsonElement?.texts(name: String): Set<String> =
    this?.jsonObject?.get(name)?.jsonArray.orEmpty().map { it.jsonPrimitive.content }.toSet()

data class Outcome(val valid: Boolean, val rules: Set<String>)

/** An instance with its expected outcome. */
class Vector(val name: String, val data: JsonElement, val wanted: Outcome)

/** The vectors of a file, or one of your own payloads. */
class Batch(val version: String, val name: String, val vectors: List<Vector>)

/** The results in one dialect, with formats asserted or not. */
class Run(val dialect: String, val formats: String) {
    var vectors = 0
    val disagreed = mutableListOf<String>()

    /** The vectors that the validator gets wrong because of a known fault. */
    val faulty =
        read(HERE / "faults.json").jsonArray
            .filter { it.text("dialect") == dialect && it.text("formats") == formats }
            .flatMap { it.texts("vectors") }
            .toSet()
}

val RULES = read(SCHEMAS / "rules.json").at("rules").jsonArray
val RUNS = EDITIONS.keys.flatMap { dialect -> listOf("asserted", "annotated").map { Run(dialect, it) } }

/** The ids of the rules at the locations that failed. Locations without a rule belong to applicators. */
fun rulesAt(locations: Set<String>, version: String): Set<String> {
    val failed =
        RULES.filter { rule ->
            rule.jsonObject["keywords"]?.jsonArray.orEmpty().any {
                version in it.texts("versions") && it.text("keywordLocation") in locations
            }
        }
    val ids = failed.map { it.text("id") }.toSet()
    // One cause gives one violation.
    return failed.filter { (it.texts("supersededBy") intersect ids).isEmpty() }.map { it.text("id") }.toSet()
}

fun compile(run: Run, version: String): JsonSchema {
    // The defaults differ between dialects.
    val formats =
        if (run.formats == "asserted") FormatBehavior.ANNOTATION_AND_ASSERTION else FormatBehavior.ANNOTATION_ONLY
    return JsonSchemaLoader.create()
        .withSchemaOption(SchemaOption.FORMAT_BEHAVIOR_OPTION, formats)
        .fromDefinition((EDITIONS.getValue(run.dialect) / "$version.schema.json").readText())
}

fun outcome(schema: JsonSchema, version: String, data: JsonElement): Outcome {
    val errors = mutableListOf<ValidationError>()
    val valid = schema.validate(data, errors::add)
    return Outcome(valid, rulesAt(errors.map { it.schemaPath.toString() }.toSet(), version))
}

fun batches(): List<Batch> =
    ROOTS.flatMap { root -> (root / "suite").walk().sorted().map { batch(root, it) } } + payloads()

fun batch(root: Path, file: Path): Batch {
    val version = file.parent.name
    val broken = read(root / "rules" / version / file.name).jsonObject
    val vectors =
        read(file).jsonArray.flatMap { group ->
            val description = group.text("description")
            group.at("tests").jsonArray.map { test ->
                val name = test.text("description")
                Vector(
                    "$version/${file.nameWithoutExtension}/$description/$name",
                    test.at("data"),
                    Outcome(test.at("valid").jsonPrimitive.boolean, broken[description].texts(name)),
                )
            }
        }
    return Batch(version, "$version/${file.nameWithoutExtension}", vectors)
}

/** Your own payloads, against the newest schema: payloads/valid/\*.json and payloads/invalid/RULE/\*.json. */
fun payloads(): List<Batch> {
    val versions = read(SCHEMAS / "rules.json").at("versions").jsonArray.map { it.text("version") }
    val newest = versions.last { (SCHEMAS / STRUCTURE / "$it.schema.json").exists() }
    val root = SCHEMAS / "payloads"
    return root.walk().filter { it.extension == "json" }.sorted().map { file ->
        val place = file.relativeTo(root)
        val rules = if (place.startsWith("valid")) setOf() else setOf(place.getName(1).name)
        val name = "payloads/$place"
        Batch(newest, name, listOf(Vector(name, read(file), Outcome(rules.isEmpty(), rules))))
    }.toList()
}

/** One test per dialect and file of vectors, with formats asserted and not. */
class ContractTest {
    @TestFactory
    fun `vectors get their verdicts`(): List<DynamicTest> {
        val batches = batches()
        assertFalse(batches.isEmpty(), "no vectors were found")
        return RUNS.flatMap { run ->
            val schemas = batches.map { it.version }.distinct().associateWith { compile(run, it) }
            batches.map { batch ->
                dynamicTest("${run.dialect}/formats ${run.formats}/${batch.name}") {
                    check(batch, schemas.getValue(batch.version), run)
                }
            }
        }
    }

    private fun check(batch: Batch, schema: JsonSchema, run: Run) {
        val wrong = mutableListOf<String>()
        for (vector in batch.vectors) {
            val found = outcome(schema, batch.version, vector.data)
            val agreed = found == vector.wanted
            run.vectors++
            if (!agreed) {
                run.disagreed += vector.name
            }
            if (agreed && vector.name in run.faulty) {
                wrong += "${vector.name}: no longer wrong: remove it from faults.json"
            } else if (!agreed && vector.name !in run.faulty) {
                wrong += "${vector.name}: $found, expected ${vector.wanted}"
            }
        }
        assertTrue(wrong.isEmpty()) { wrong.joinToString("\n") }
    }

    companion object {
        @JvmStatic
        @AfterAll
        fun write() {
            val folder = System.getenv("CONTRACT_RESULTS") ?: return
            val report = buildJsonObject {
                put("language", "Kotlin")
                put("validator", "optimumcode")
                put("version", System.getProperty("optimumcode.version"))
                putJsonArray("runs") {
                    for (run in RUNS) {
                        addJsonObject {
                            put("dialect", run.dialect)
                            put("formats", run.formats)
                            put("vectors", run.vectors)
                            put("agreed", run.vectors - run.disagreed.size)
                            putJsonArray("disagreed") { run.disagreed.forEach { add(it) } }
                            put("rules", run.vectors)
                        }
                    }
                }
            }
            (Path.of(folder) / "kotlin-optimumcode.json").writeText(report.toString())
        }
    }
}
