package io.shardex.worker.device;

/** How a GPU sits in its machine; it bounds its power and how fast it talks to its neighbours. */
public enum FormFactor {
  /** A card in a slot. */
  PCIE,
  /** A module on NVIDIA's board, with NVLink to the others. */
  SXM,
  /** A module on an OCP accelerator board, with Infinity Fabric to the others. */
  OAM
}
