import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The protocol of the benchmark on stdin and stdout (bench/README.md). */
final class Harness {
  /** A program that is measured. */
  interface Contender {
    /** Takes whole lines; adds their alerts as `event id, blank, rule id`. */
    void take(byte[] lines, List<String> alerts) throws Exception;
  }

  private static final OperatingSystemMXBean SYSTEM = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  /** Serves until stdin ends. */
  static void serve(Contender contender) throws Exception {
    InputStream in = new BufferedInputStream(new FileInputStream(FileDescriptor.in), 1 << 16);
    OutputStream out = new FileOutputStream(FileDescriptor.out);
    System.setOut(System.err); // stdout belongs to the protocol, whatever a library prints
    answer(out, "{\"ready\":true}");
    for (String command = readCommand(in); command != null; command = readCommand(in)) {
      String[] words = command.split(" ");
      byte[] lines = readBytes(in, Integer.parseInt(words[1]));
      List<String> alerts = new ArrayList<>();
      long from = SYSTEM.getProcessCpuTime(); // all threads: the collector's and the compiler's as well
      contender.take(lines, alerts);
      long cpuNs = SYSTEM.getProcessCpuTime() - from;
      answer(out, words[0].equals("feed") ? feedAnswer(cpuNs, alerts) : "{}");
    }
  }

  private static String feedAnswer(long cpuNs, List<String> alerts) throws IOException {
    String quoted = alerts.isEmpty() ? "" : '"' + String.join("\",\"", alerts) + '"'; // ids have nothing to escape
    return "{\"cpuNs\":" + cpuNs + ",\"alerts\":[" + quoted + "],\"memoryMb\":" + residentMb() + "}";
  }

  /** Resident memory where /proc tells it, else what the heap has taken. */
  private static long residentMb() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (Files.exists(status)) {
      for (String line : Files.readAllLines(status)) if (line.startsWith("VmRSS:")) return Long.parseLong(line.replaceAll("\\D", "")) >> 10;
    }
    return Runtime.getRuntime().totalMemory() >> 20;
  }

  private static String readCommand(InputStream in) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) return null;
      text.append((char) next);
    }
    return text.toString();
  }

  private static byte[] readBytes(InputStream in, int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) throw new EOFException("stdin ended within a stretch");
    return bytes;
  }

  private static void answer(OutputStream out, String json) throws IOException {
    out.write((json + '\n').getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  private Harness() {}
}
