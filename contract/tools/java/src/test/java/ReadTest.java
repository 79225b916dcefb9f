import com.fasterxml.jackson.databind.ObjectMapper;
import info.Converter;
import info.GuestCustomizationInfo;
import info.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Reads vectors with the generated types; generators.test.js judges what it writes. */
class ReadTest {
  @Test
  void read() throws IOException {
    var lines = new ArrayList<String>();
    for (var vector : new ObjectMapper().readTree(Files.readString(Path.of(System.getProperty("vectors"))))) {
      try {
        GuestCustomizationInfo info = Converter.fromJsonString(vector.toString());
        OffsetDateTime start = info.getStartTime();
        if (!info.getStatus().toValue().equals(vector.get("status").asText())
            || (start == null) == vector.hasNonNull("start_time")) {
          lines.add(vector.toString());
        }
      } catch (IOException | RuntimeException error) {
        lines.add(vector.toString());
      }
    }
    lines.add(Arrays.stream(Status.values()).map(Status::toValue).collect(Collectors.joining(" ")));
    Files.write(Path.of(System.getProperty("out")), lines);
  }
}
