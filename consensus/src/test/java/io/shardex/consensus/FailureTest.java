package io.shardex.consensus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.consensus.ReplicaConfig.Start;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailureTest {
  @TempDir Path folder;

  @Test
  void aMachineThatThrowsStopsItsReplicaAndNoOther() throws IOException {
    try (Group group = Group.found(folder, Group::calm)) {
      group.propose("a", "one");
      String broken = group.follower();
      group.stop(broken);
      group.start(broken, Start.RECOVER, new Bug());

      group.propose(group.leader(), "bug");
      group.propose(group.leader(), "after");

      Group.await("the end", () -> !group.heard(broken).closings.isEmpty());
      Optional<Throwable> reason = group.heard(broken).closings.get(0);
      assertEquals("a bug", reason.orElseThrow().getMessage());
      assertFalse(group.replica(broken).status().running());
      assertEquals(1, group.journal(broken).lines().size());
      assertEquals(
          ProposalException.Reason.CLOSED,
          ReplicationTest.reason(group.replica(broken).propose("late".getBytes(UTF_8))));

      group.stop(broken);
      group.recover(broken); // its port and folder are free again
      group.awaitEqual(3);
      assertTrue(group.heard(broken).closings.isEmpty());
      Group.await("readiness", () -> group.replica(broken).status().isReady(0));
    }
  }

  @Test
  void aPortInUseIsNamed() throws IOException {
    try (Group group = Group.found(folder, Group::calm)) {
      group.stop("b");
      ReplicaConfig config = group.config("b", Start.RECOVER);
      try (ServerSocket taken = new ServerSocket()) {
        taken.bind(config.bind());

        IOException refused = assertThrows(IOException.class, () -> group.recover("b"));

        String port = Integer.toString(config.bind().getPort());
        assertTrue(refused.toString().contains(port), refused::toString);
      }
      group.recover("b");
    }
  }

  private static final class Bug extends Journal {
    @Override
    public byte[] apply(long index, byte[] entry) {
      if (new String(entry, UTF_8).equals("bug")) {
        throw new IllegalStateException("a bug");
      }
      return super.apply(index, entry);
    }
  }
}
