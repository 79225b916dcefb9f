# The vectors as tests of Perl's JSON::Validator: one test per vector, with formats asserted and not.
# It supports no dialect after 2019-09, so draft-07 is used.

use v5.26;
use warnings;

use Cwd 'abs_path';
use File::Basename qw(basename dirname);
use JSON::PP;
use JSON::Validator 5.14;
use Test::More;

binmode Test::More->builder->$_, ':encoding(UTF-8)' for qw(output failure_output);

my $HERE    = dirname abs_path __FILE__;
# In an exported kit, the runner is in its own folder next to the schemas.
my $KIT     = -e "$HERE/../rules.json" ? "$HERE/.." : "$HERE/../../schemas";
my $SCHEMAS = $ENV{GUESTCUST_SCHEMAS} || $KIT;
my $EDITION = "$SCHEMAS/draft-07/vcenter.vm.guest.customization.info";
my @SUITES  = grep {-d} "$SCHEMAS/vectors/suite", "$HERE/../drawn/suite";
my $JSON    = JSON::PP->new->utf8;

sub read_json {
  my ($path) = @_;
  open my $file, '<:raw', $path or die "$path: $!";
  local $/;
  return $JSON->decode(readline $file);
}

sub schema_of {
  my ($version, $formats) = @_;
  my $schema = JSON::Validator->new->schema(read_json("$EDITION/$version.schema.json"))->schema;
  $schema->formats({'date-time' => sub {undef}}) if $formats eq 'annotated';
  return $schema;
}

my @runs;
for my $formats (qw(asserted annotated)) {
  my %run = (dialect => 'draft-07', formats => $formats, vectors => 0, agreed => 0, disagreed => [], rules => 0);
  for my $path (map { sort glob "'$_'/*/*.json" } @SUITES) {
    my $version = basename dirname $path;
    my $schema  = schema_of($version, $formats);
    for my $group (@{read_json($path)}) {
      for my $test (@{$group->{tests}}) {
        my $name = join '/', $version, basename($path, '.json'), $group->{description}, $test->{description};
        # Errors have only the instance location and a message, so only the verdict can be compared.
        my @errors = $schema->validate($test->{data});
        my $agreed = !@errors == !!$test->{valid};
        $run{vectors}++;
        $run{agreed}++ if $agreed;
        push @{$run{disagreed}}, $name unless $agreed;
        ok $agreed, "formats $formats: $name" or diag "@errors";
      }
    }
  }
  # Your own payloads, against the newest schema: payloads/valid/*.json and payloads/invalid/RULE/*.json.
  my @versions = map { $_->{version} } @{read_json("$SCHEMAS/rules.json")->{versions}};
  my ($newest) = grep { -e "$EDITION/$_.schema.json" } reverse @versions;
  my $schema = schema_of($newest, $formats);
  for my $path (sort glob "'$SCHEMAS/payloads/valid/'*.json '$SCHEMAS/payloads/invalid/'*/*.json") {
    my @errors  = $schema->validate(read_json($path));
    my $invalid = basename(dirname dirname $path) eq 'invalid';
    ok !!@errors == $invalid, "formats $formats: $path" or diag "@errors";
  }
  ok $run{vectors}, "formats $formats: there are vectors";
  push @runs, \%run;
}

if (my $folder = $ENV{CONTRACT_RESULTS}) {
  my %result = (language => 'Perl', validator => 'JSON::Validator', version => JSON::Validator->VERSION, runs => \@runs);
  open my $file, '>:raw', "$folder/perl-JSON-Validator.json" or die "$folder: $!";
  print {$file} $JSON->encode(\%result);
  close $file or die "$folder: $!";
}

done_testing;
