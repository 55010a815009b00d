package io.shardex.scheduler.grid;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.ignite.IgniteSystemProperties;
import org.apache.ignite.cache.CacheAtomicityMode;
import org.apache.ignite.cache.CacheMode;
import org.apache.ignite.cache.CacheWriteSynchronizationMode;
import org.apache.ignite.cache.PartitionLossPolicy;
import org.apache.ignite.cache.affinity.rendezvous.RendezvousAffinityFunction;
import org.apache.ignite.cluster.ClusterState;
import org.apache.ignite.configuration.CacheConfiguration;
import org.apache.ignite.configuration.DataPageEvictionMode;
import org.apache.ignite.configuration.DataRegionConfiguration;
import org.apache.ignite.configuration.DataStorageConfiguration;
import org.apache.ignite.configuration.IgniteConfiguration;
import org.apache.ignite.configuration.SystemDataRegionConfiguration;
import org.apache.ignite.configuration.WALMode;
import org.apache.ignite.events.EventType;
import org.apache.ignite.failure.FailureHandler;
import org.apache.ignite.spi.communication.tcp.TcpCommunicationSpi;
import org.apache.ignite.spi.discovery.tcp.TcpDiscoverySpi;
import org.apache.ignite.spi.discovery.tcp.ipfinder.vm.TcpDiscoveryVmIpFinder;
import org.apache.ignite.spi.metric.noop.NoopMetricExporterSpi;

/** Every Ignite setting that is not the default, and why. */
final class IgniteSettings {
  static final String PIECES = "shardex-pieces";
  static final String CLAIMS = "shardex-claims";
  static final String REGION = "shardex-blobs";

  /** Ignite's default of 1024 would make as many files a node; 128 still spread evenly over few. */
  private static final int PARTITIONS = 128;

  /** A piece of up to 1 MiB goes in a few reads and writes, not in the 32 of the default 32 KiB. */
  private static final int SOCKET_BUFFER = 256 << 10;

  /** A sender keeps what is not acknowledged: of the default's 32 messages each may be a piece. */
  private static final int UNACKNOWLEDGED = 8;

  static final Duration FAILURE_DETECTION = Duration.ofSeconds(30);
  private static final Duration METRICS_EXCHANGE = Duration.ofSeconds(10);
  private static final long MIB = 1L << 20;

  private static final String ALLOWED_CLASSES = "io/shardex/scheduler/grid/allowed-classes.txt";

  private IgniteSettings() {}

  /**
   * Settings Ignite reads once from the JVM's system properties; to be called before its first
   * class is used. The class list becomes a filter for all Java deserialization in the JVM.
   */
  static void applyToJvm() {
    Map.of(
            IgniteSystemProperties.IGNITE_MARSHALLER_WHITELIST, ALLOWED_CLASSES,
            IgniteSystemProperties.IGNITE_NO_SHUTDOWN_HOOK, "true",
            // A node whose disk is empty is given its share without the log; killed in the midst of
            // that, it would never start again without a hand on its files.
            IgniteSystemProperties.IGNITE_DISABLE_WAL_DURING_REBALANCING, "false",
            // By default each page read from disk is handed to another thread, so that an interrupt
            // cannot close the file; nothing interrupts the grid's threads (GridCalls).
            IgniteSystemProperties.IGNITE_USE_ASYNC_FILE_IO_FACTORY, "false",
            IgniteSystemProperties.IGNITE_UPDATE_NOTIFIER, "false",
            IgniteSystemProperties.IGNITE_NO_ASCII, "true",
            IgniteSystemProperties.IGNITE_JVM_PAUSE_DETECTOR_DISABLED, "true",
            IgniteSystemProperties.IGNITE_PERFORMANCE_SUGGESTIONS_DISABLED, "true",
            IgniteSystemProperties.IGNITE_DUMP_THREADS_ON_FAILURE, "false")
        .forEach(System::setProperty);
  }

  static IgniteConfiguration of(GridConfig config, FailureHandler onFailure) {
    IgniteConfiguration ignite =
        new IgniteConfiguration()
            .setIgniteInstanceName(config.name())
            .setConsistentId(config.name())
            .setWorkDirectory(config.workDirectory().toString())
            .setLocalHost(config.bind())
            .setGridLogger(new Slf4jIgniteLogger())
            .setDiscoverySpi(discovery(config))
            .setCommunicationSpi(
                new TcpCommunicationSpi()
                    .setLocalPort(config.communicationPort())
                    .setLocalPortRange(0)
                    .setSocketSendBuffer(SOCKET_BUFFER)
                    .setSocketReceiveBuffer(SOCKET_BUFFER)
                    .setAckSendThreshold(UNACKNOWLEDGED))
            .setDataStorageConfiguration(storage(config))
            // Pieces never change, so that any copy of one will do; claims do.
            .setCacheConfiguration(cache(PIECES), cache(CLAIMS).setReadFromBackup(false))
            .setFailureHandler(onFailure)
            .setFailureDetectionTimeout(FAILURE_DETECTION.toMillis())
            // GridNode activates the cluster when a majority is up.
            .setClusterStateOnStart(ClusterState.INACTIVE)
            .setIncludeEventTypes(
                EventType.EVT_NODE_JOINED,
                EventType.EVT_NODE_LEFT,
                EventType.EVT_NODE_FAILED,
                EventType.EVT_CLUSTER_STATE_CHANGED)
            // No REST, no thin clients, no class loading between nodes, no exporters.
            .setConnectorConfiguration(null)
            .setClientConnectorConfiguration(null)
            .setPeerClassLoadingEnabled(false)
            .setMetricExporterSpi(new NoopMetricExporterSpi())
            // The grid's nodes tell each other numbers that nothing here reads.
            .setMetricsUpdateFrequency(METRICS_EXCHANGE.toMillis())
            .setMetricsLogFrequency(0);
    if (!config.bind().equals(config.host())) {
      // The others are told the host of the network file, not what this machine's interfaces say.
      ignite.setAddressResolver(
          local -> List.of(new InetSocketAddress(config.host(), local.getPort())));
    }
    // Both sides must show a certificate: Ignite asks for the client's, too, whenever it has TLS.
    config.tls().ifPresent(node -> ignite.setSslContextFactory(node::context));
    return withSmallPools(ignite);
  }

  private static TcpDiscoverySpi discovery(GridConfig config) {
    return new TcpDiscoverySpi()
        .setLocalPort(config.discoveryPort())
        .setLocalPortRange(0)
        .setIpFinder(new TcpDiscoveryVmIpFinder().setAddresses(config.members()));
  }

  private static DataStorageConfiguration storage(GridConfig config) {
    DataRegionConfiguration region =
        new DataRegionConfiguration()
            .setName(REGION)
            .setInitialSize(GridConfig.MIN_REGION_BYTES)
            .setMaxSize(config.regionBytes())
            .setPageEvictionMode(DataPageEvictionMode.DISABLED)
            .setMetricsEnabled(true)
            .setPersistenceEnabled(config.persistent());
    if (config.persistent()) {
      region.setCheckpointPageBufferSize(config.regionBytes() / 4);
    }
    // A chunk is read page by page: a quarter of the default's 4 KiB ones. The default of ten WAL
    // segments of 64 MiB would be written out in full at the first start.
    return new DataStorageConfiguration()
        .setPageSize(DataStorageConfiguration.MAX_PAGE_SIZE)
        .setDefaultDataRegionConfiguration(region)
        .setSystemDataRegionConfiguration(
            new SystemDataRegionConfiguration().setInitialSize(16 * MIB).setMaxSize(32 * MIB))
        .setWalMode(WALMode.FSYNC)
        .setWalSegments(4)
        .setWalSegmentSize((int) (16 * MIB))
        .setMaxWalArchiveSize(256 * MIB);
  }

  private static CacheConfiguration<String, byte[]> cache(String name) {
    return new CacheConfiguration<String, byte[]>(name)
        .setCacheMode(CacheMode.PARTITIONED)
        // An atomic cache does not compare its copies after a crash: when all nodes are killed in
        // the midst of writes, one copy may lack for good what the other has (decision 33).
        .setAtomicityMode(CacheAtomicityMode.TRANSACTIONAL)
        .setBackups(1)
        // Nobody changes what was read, and a piece is up to 1 MiB.
        .setCopyOnRead(false)
        .setWriteSynchronizationMode(CacheWriteSynchronizationMode.FULL_SYNC)
        .setPartitionLossPolicy(PartitionLossPolicy.READ_WRITE_SAFE)
        .setAffinity(new RendezvousAffinityFunction(false, PARTITIONS));
  }

  /** The defaults grow with the cores and are for a process that does nothing else. */
  private static IgniteConfiguration withSmallPools(IgniteConfiguration ignite) {
    return ignite
        .setStripedPoolSize(2)
        .setSystemThreadPoolSize(4)
        .setPublicThreadPoolSize(2)
        .setServiceThreadPoolSize(1)
        .setManagementThreadPoolSize(2)
        .setAsyncCallbackPoolSize(1)
        .setDataStreamerThreadPoolSize(1)
        .setUtilityCachePoolSize(2)
        .setQueryThreadPoolSize(2)
        .setRebalanceThreadPoolSize(2)
        .setSnapshotThreadPoolSize(1)
        .setBuildIndexThreadPoolSize(1)
        .setPeerClassLoadingThreadPoolSize(1);
  }
}
