import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/** Reads a pattern, a negated pattern and texts, one base64 of UTF-16 a line; writes one verdict a line. */
class Patterns {
    public static void main(String[] args) {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        List<String> lines = input.lines().map(Patterns::decode).toList();
        Pattern pattern = Pattern.compile(lines.get(0));
        Pattern negated = Pattern.compile(lines.get(1));
        for (String text : lines.subList(2, lines.size())) {
            System.out.println(pattern.matcher(text).find() && !negated.matcher(text).find());
        }
    }

    /** Not by way of a charset, which would replace what is no valid UTF-16. */
    private static String decode(String line) {
        return ByteBuffer.wrap(Base64.getDecoder().decode(line)).asCharBuffer().toString();
    }
}
