package io.shardex.worker.device;

/** Who made a GPU. */
public enum Maker {
  NVIDIA,
  AMD
}
