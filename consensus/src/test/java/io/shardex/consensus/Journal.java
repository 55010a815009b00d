package io.shardex.consensus;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/** A machine that remembers each entry with its index, and answers how many it holds. */
class Journal implements ReplicatedMachine {

  /** One entry and its place. */
  record Line(long index, String text) {}

  private volatile List<Line> lines = List.of();

  @Override
  public byte[] apply(long index, byte[] entry) {
    List<Line> longer = new ArrayList<>(lines);
    longer.add(new Line(index, new String(entry, UTF_8)));
    lines = List.copyOf(longer);
    return Integer.toString(longer.size()).getBytes(UTF_8);
  }

  @Override
  public Snapshot capture() {
    List<Line> frozen = lines;
    return out -> {
      DataOutputStream data = new DataOutputStream(out);
      data.writeInt(frozen.size());
      for (Line line : frozen) {
        data.writeLong(line.index());
        data.writeUTF(line.text());
      }
      data.flush();
    };
  }

  @Override
  public void restore(long index, InputStream snapshot, Origin origin) throws IOException {
    DataInputStream data = new DataInputStream(snapshot);
    List<Line> read = new ArrayList<>();
    for (int left = data.readInt(); left > 0; left--) {
      read.add(new Line(data.readLong(), data.readUTF()));
    }
    lines = List.copyOf(read);
  }

  List<Line> lines() {
    return lines;
  }

  List<String> texts() {
    return lines.stream().map(Line::text).toList();
  }
}
