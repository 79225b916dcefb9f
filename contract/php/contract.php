<?php

// The vectors as tests of PHP's justinrainbow/json-schema, in draft-04: this version does not support "if".

declare(strict_types=1);

use JsonSchema\Validator;

require 'JsonSchema/autoload.php';

// In an exported kit, the runner is in its own folder next to the schemas.
$kit = is_file(__DIR__ . '/../rules.json') ? __DIR__ . '/..' : __DIR__ . '/../../schemas';
$schemas = getenv('GUESTCUST_SCHEMAS') ?: $kit;
$edition = "$schemas/draft-04/vcenter.vm.guest.customization.info";

function read(string $path): mixed
{
    // PHP has no objects with names that begin with U+0000. To the schema, a name that begins with U+0001 is as unknown.
    $text = preg_replace('/(?<!\\\\)"\\\\u0000/', '"\u0001', file_get_contents($path));
    $value = json_decode($text);
    json_last_error() === JSON_ERROR_NONE || throw new RuntimeException("$path: " . json_last_error_msg());
    return $value;
}

/** Errors have only the instance location and the keyword, so only the verdict can be compared. */
function is_valid(mixed $instance, object $schema): bool
{
    $validator = new Validator();
    $validator->validate($instance, $schema);
    return $validator->isValid();
}

/** The vectors by name: whether the validator gives the expected verdict. */
function vectors(string $root, string $edition): iterable
{
    foreach (glob("$root/suite/*/*.json") as $path) {
        $version = basename(dirname($path));
        $schema = read("$edition/$version.schema.json");
        foreach (read($path) as $group) {
            foreach ($group->tests as $test) {
                $name = implode('/', [$version, basename($path, '.json'), $group->description, $test->description]);
                yield $name => is_valid($test->data, $schema) === $test->valid;
            }
        }
    }
}

/** Your own payloads, against the newest schema: payloads/valid/*.json and payloads/invalid/RULE/*.json. */
function payloads(string $schemas, string $edition): iterable
{
    $versions = array_column(read("$schemas/rules.json")->versions, 'version');
    $found = array_filter($versions, fn ($version) => is_file("$edition/$version.schema.json"));
    $schema = read("$edition/" . end($found) . '.schema.json');
    foreach (['valid' => true, 'invalid/*' => false] as $folder => $valid) {
        foreach (glob("$schemas/payloads/$folder/*.json") as $path) {
            yield $path => is_valid(read($path), $schema) === $valid;
        }
    }
}

$run = ['dialect' => 'draft-04', 'formats' => 'asserted', 'vectors' => 0, 'agreed' => 0, 'disagreed' => [], 'rules' => 0];
foreach (["$schemas/vectors", __DIR__ . '/../drawn'] as $root) {
    foreach (vectors($root, $edition) as $name => $agrees) {
        $run['vectors']++;
        if ($agrees) {
            $run['agreed']++;
        } else {
            $run['disagreed'][] = $name;
        }
    }
}
$payloads = iterator_to_array(payloads($schemas, $edition));
$failed = [...$run['disagreed'], ...array_keys($payloads, false, true)];

if ($folder = getenv('CONTRACT_RESULTS')) {
    $version = exec("dpkg-query --show --showformat '\${source:Upstream-Version}' php-json-schema");
    $result = ['language' => 'PHP', 'validator' => 'justinrainbow/json-schema', 'version' => $version, 'runs' => [$run]];
    file_put_contents("$folder/php-justinrainbow.json", json_encode($result, JSON_THROW_ON_ERROR));
}
foreach ($failed as $name) {
    echo "FAIL $name\n";
}
printf("%d passed, %d failed\n", $run['vectors'] + count($payloads) - count($failed), count($failed));
exit($run['vectors'] && !$failed ? 0 : 1);
