package io.shardex.worker.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GpuTest {
  /** Names and memory as drivers tell them; the same card with another driver is the same good. */
  @ParameterizedTest
  @CsvSource({
    "NVIDIA, NVIDIA A100-SXM4-80GB, 81920, nvidia-a100-80g-sxm",
    "NVIDIA, NVIDIA A100 80GB PCIe, 81920, nvidia-a100-80g-pcie",
    "NVIDIA, NVIDIA A100-SXM4-40GB, 40536, nvidia-a100-40g-sxm",
    "NVIDIA, NVIDIA A100-SXM4-40GB, 40960, nvidia-a100-40g-sxm",
    "NVIDIA, NVIDIA H100 80GB HBM3, 81559, nvidia-h100-80g-sxm",
    "NVIDIA, NVIDIA H100 PCIe, 81559, nvidia-h100-80g-pcie",
    "NVIDIA, NVIDIA H100 NVL, 95830, nvidia-h100-nvl-94g-pcie",
    "NVIDIA, NVIDIA H200, 143771, nvidia-h200-141g-sxm",
    "NVIDIA, NVIDIA B200, 183359, nvidia-b200-180g-sxm",
    "NVIDIA, Tesla T4, 15109, nvidia-t4-16g-pcie",
    "NVIDIA, Tesla T4, 15360, nvidia-t4-16g-pcie",
    "NVIDIA, NVIDIA A40, 46068, nvidia-a40-48g-pcie",
    "NVIDIA, NVIDIA RTX A6000, 49140, nvidia-rtx-a6000-48g-pcie",
    "NVIDIA, GeForce GTX 1660 Ti, 5944, nvidia-gtx-1660-ti-6g-pcie",
    "NVIDIA, NVIDIA GeForce RTX 4070 Laptop GPU, 8188, nvidia-rtx-4070-laptop-8g-pcie",
    "NVIDIA, NVIDIA RTX 4500 Ada Generation, 24570, nvidia-rtx-4500-ada-24g-pcie",
    "NVIDIA, NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition, 97887,"
        + " nvidia-rtx-pro-6000-96g-pcie",
    "AMD, AMD Instinct MI300X, 196592, amd-mi300x-192g-oam",
    "AMD, AMD Instinct MI210, 65520, amd-mi210-64g-pcie",
    "AMD, AMD Radeon RX 7800 XT, 16368, amd-radeon-rx-7800-xt-16g-pcie",
    "AMD, Arcturus GL-XL [Instinct MI100], 32752, amd-mi100-32g-pcie",
    "AMD, AMD INSTINCT MI200 (MCM) OAM LC MBA HPE C2, 65520, amd-mi200-mcm-lc-mba-hpe-64g-oam",
    "AMD, 0x0c34, 99999999, amd-0x0c34-97657g-pcie",
    "NVIDIA, NVIDIA, 1, nvidia-unknown-1g-pcie",
    "NVIDIA, NVIDIA Averyveryveryveryveryverylongname9000, 1024, nvidia-averyveryveryvery-1g-pcie",
  })
  void aNameBecomesAClass(Maker maker, String name, long vramMiB, String expected) {
    Gpu gpu = new Gpu("1", maker, name, vramMiB, OptionalInt.empty());

    assertEquals(expected, gpu.resources().name());
  }

  @Test
  void aSliceSaysHowManyMultiprocessorsItHas() {
    Gpu slice = new Gpu("1", Maker.NVIDIA, "NVIDIA H100 80GB HBM3", 40_448, OptionalInt.of(60));

    assertEquals("nvidia-h100-40g-sxm-60sm", slice.resources().name());
  }
}
