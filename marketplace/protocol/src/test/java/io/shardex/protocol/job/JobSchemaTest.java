package io.shardex.protocol.job;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class JobSchemaTest {
  @Test
  void thePublishedSchemaIsTheReadersTableOfFields() throws IOException {
    assertEquals(
        JobSchema.json(),
        Files.readString(Repository.root().resolve("docs/job-file.schema.json")),
        "write docs/job-file.schema.json again with JobSchema.main");
  }
}
