package io.shardex.ops.role;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentFileTest {
  @TempDir Path folder = Path.of("set by JUnit");

  @Test
  void theProcessThatWroteItIsTheAgent() throws IOException {
    AgentFile file = new AgentFile(folder);
    assertEquals(Optional.empty(), file.running());

    file.write(4_711);
    assertEquals(Optional.of(ProcessHandle.current()), new AgentFile(folder).running());

    file.remove();
    assertEquals(Optional.empty(), file.running());
  }

  @Test
  void aProcessThatGotTheNumberLaterIsAnother() throws IOException {
    new AgentFile(folder).write(4_711);
    Path file = folder.resolve("agent.pid");
    String pid = Files.readString(file).split(" ", 2)[0];
    Files.writeString(file, pid + " 12345\n");

    assertEquals(Optional.empty(), new AgentFile(folder).running());
  }

  @Test
  void aProcessThatHasEndedRunsNothing() throws Exception {
    Process ended = new ProcessBuilder("true").start();
    long start = ended.info().startInstant().map(at -> at.toEpochMilli()).orElse(0L);
    ended.waitFor();
    Files.writeString(folder.resolve("agent.pid"), ended.pid() + " " + start + "\n");

    assertEquals(Optional.empty(), new AgentFile(folder).running());
  }

  @Test
  void aStartThatNobodyKnowsFitsNoProcess() throws IOException {
    Files.writeString(folder.resolve("agent.pid"), ProcessHandle.current().pid() + " 0\n");

    assertEquals(Optional.empty(), new AgentFile(folder).running());
  }

  @Test
  void aLeaseThatWasGivenUpIsKnownUntilTheNextStart() throws IOException {
    AgentFile file = new AgentFile(folder);
    file.write(4_711);
    assertFalse(file.hasAbandoned());

    file.abandoned();
    file.remove();
    assertTrue(new AgentFile(folder).hasAbandoned());

    file.write(4_711);
    assertFalse(file.hasAbandoned());
  }

  @Test
  void whatNamesNoProcessIsRefused() throws IOException {
    for (String content : new String[] {"", "-1 5\n", "12 13", "1 1 1\n", "99999999999 1\n"}) {
      Files.writeString(folder.resolve("agent.pid"), content);
      assertThrows(IOException.class, () -> new AgentFile(folder).running(), content);
    }
  }

  @Test
  void anAskingToDrainHoldsForOneLife() throws IOException {
    AgentFile file = new AgentFile(folder);
    file.write(4_711);
    assertEquals(Optional.empty(), file.askedToDrain());

    new AgentFile(folder).askToDrain(Duration.ofMinutes(3));
    assertEquals(Optional.of(Duration.ofMinutes(3)), file.askedToDrain());

    file.write(4_711);
    assertEquals(Optional.empty(), file.askedToDrain());
  }
}
