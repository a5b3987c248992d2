import { defaultPlatform, type PlatformName } from "@sof-ts/soc";

/** How the graph of a core is protected against its tick; see the ll-scheduler package. */
export type LockingName = "user-ll" | "kernel-ll" | "component-mutex";

/**
 * What a firmware image is built with. The options carry their Kconfig names, so that a set-up found in a
 * board's configuration can be written down here as it is.
 */
export interface FirmwareConfig {
  readonly platform: PlatformName;
  /** Locking strategy; `kernel-ll` runs LL threads privileged (CONFIG_SOF_USERSPACE_LL off). */
  readonly locking: LockingName;
  /** LL_TIMER_PERIOD in microseconds. */
  readonly llTimerPeriodUs: number;
  /** CONFIG_ZEPHYR_LL_STACK_SIZE: bytes of stack of each LL thread. */
  readonly CONFIG_ZEPHYR_LL_STACK_SIZE: number;
  /** CONFIG_SOF_IPC_USER_THREAD_STACK_SIZE: bytes of stack of each core's IPC thread. */
  readonly CONFIG_SOF_IPC_USER_THREAD_STACK_SIZE: number;
  /** Bytes of the LL user heap: module state and stream buffers of all cores. */
  readonly CONFIG_SOF_ZEPHYR_SYS_USER_HEAP_SIZE: number;
  /** CONFIG_XRUN_NOTIFICATIONS_ENABLE: tell the host of gateway under- and overruns. */
  readonly CONFIG_XRUN_NOTIFICATIONS_ENABLE: boolean;
  /**
   * CONFIG_HOST_DMA_IPC_POSITION_UPDATES: tell the host by messages how far its streams have come. Off where hosts
   * read the registers of their DMA, as all do that there are drivers for.
   */
  readonly CONFIG_HOST_DMA_IPC_POSITION_UPDATES: boolean;
  /** CONFIG_COMP_CHAIN_DMA: streams between host and link without a pipeline. */
  readonly CONFIG_COMP_CHAIN_DMA: boolean;
  /** CONFIG_IPC4_GATEWAY: streams that the host carries by messages. */
  readonly CONFIG_IPC4_GATEWAY: boolean;
  /** CONFIG_CROSS_CORE_STREAM: connections between pipelines of different cores. */
  readonly CONFIG_CROSS_CORE_STREAM: boolean;
  /** CONFIG_ZEPHYR_DP_SCHEDULER: modules in threads of their own. */
  readonly CONFIG_ZEPHYR_DP_SCHEDULER: boolean;
  /** CONFIG_SOF_USERSPACE_PROXY: operations of isolated modules run in user mode in their own domains. */
  readonly CONFIG_SOF_USERSPACE_PROXY: boolean;
  /** CONFIG_SOF_USERSPACE_PROXY_WORKER_STACK_SIZE: bytes of stack of each core's proxy worker. */
  readonly CONFIG_SOF_USERSPACE_PROXY_WORKER_STACK_SIZE: number;
  /** CONFIG_SOF_USERSPACE_MOD_IPC_BY_DP_THREAD: a DP module's own thread carries out its operations. */
  readonly CONFIG_SOF_USERSPACE_MOD_IPC_BY_DP_THREAD: boolean;
  /**
   * Bytes of the image's cold read-only data (`.coldrodata`), at the start of the memory behind the caches, in
   * whole pages; 0 for an image without. User threads of LL and IPC can read it.
   */
  readonly coldRodataBytes: number;
  /** Bytes of the pages that an isolated module in the LL tick gets. */
  readonly isolatedHeapBytes: number;
  /** Least bytes of the pages that a DP module gets, its rings included; the host may ask for more. */
  readonly dpHeapBytes: number;
  /** CONFIG_LIBRARY_MANAGER: the host can load libraries. */
  readonly CONFIG_LIBRARY_MANAGER: boolean;
  /** CONFIG_LIBRARY_AUTH_SUPPORT: libraries have to be signed by a key that the firmware trusts. */
  readonly CONFIG_LIBRARY_AUTH_SUPPORT: boolean;
  /** CONFIG_LIBRARY_BASE_ADDRESS: virtual address where linked libraries begin. */
  readonly CONFIG_LIBRARY_BASE_ADDRESS: number;
  /** CONFIG_LIBRARY_REGION_SIZE: bytes of addresses, and of the SRAM behind them, for linked libraries. */
  readonly CONFIG_LIBRARY_REGION_SIZE: number;
  /** CONFIG_KCPS_DYNAMIC_CLOCK_CONTROL: the host can ask for clock and power state. */
  readonly CONFIG_KCPS_DYNAMIC_CLOCK_CONTROL: boolean;
  /** CONFIG_LOG_BACKEND_ADSP_MTRACE: a log in the debug window, which the host can enable. */
  readonly CONFIG_LOG_BACKEND_ADSP_MTRACE: boolean;
  /** CONFIG_LL_WATCHDOG: a core that does not finish its ticks is reported. */
  readonly CONFIG_LL_WATCHDOG: boolean;
  /** CONFIG_THREAD_NAME: threads have names. */
  readonly CONFIG_THREAD_NAME: boolean;
  /** CONFIG_SYS_CLOCK_TICKS_PER_SEC of the RTOS. */
  readonly CONFIG_SYS_CLOCK_TICKS_PER_SEC: number;
  /** CONFIG_MAX_DOMAIN_PARTITIONS of the RTOS: how many pieces of memory a domain can have. */
  readonly CONFIG_MAX_DOMAIN_PARTITIONS: number;
}

/** The image that `sof-testbench` and `sof-firmware` boot unless told otherwise. */
export const defaultFirmwareConfig: FirmwareConfig = {
  platform: defaultPlatform,
  locking: "user-ll",
  llTimerPeriodUs: 1000,
  CONFIG_ZEPHYR_LL_STACK_SIZE: 8192,
  CONFIG_SOF_IPC_USER_THREAD_STACK_SIZE: 8192,
  CONFIG_SOF_ZEPHYR_SYS_USER_HEAP_SIZE: 0x20_0000,
  CONFIG_XRUN_NOTIFICATIONS_ENABLE: true,
  CONFIG_HOST_DMA_IPC_POSITION_UPDATES: false,
  CONFIG_COMP_CHAIN_DMA: true,
  CONFIG_IPC4_GATEWAY: true,
  CONFIG_CROSS_CORE_STREAM: true,
  CONFIG_ZEPHYR_DP_SCHEDULER: true,
  CONFIG_SOF_USERSPACE_PROXY: true,
  CONFIG_SOF_USERSPACE_PROXY_WORKER_STACK_SIZE: 2048,
  CONFIG_SOF_USERSPACE_MOD_IPC_BY_DP_THREAD: false,
  coldRodataBytes: 0,
  isolatedHeapBytes: 0x4000,
  dpHeapBytes: 0x1_0000,
  CONFIG_LIBRARY_MANAGER: true,
  CONFIG_LIBRARY_AUTH_SUPPORT: true,
  CONFIG_LIBRARY_BASE_ADDRESS: 0xa068_8000,
  CONFIG_LIBRARY_REGION_SIZE: 0x10_0000,
  CONFIG_KCPS_DYNAMIC_CLOCK_CONTROL: true,
  CONFIG_LOG_BACKEND_ADSP_MTRACE: true,
  CONFIG_LL_WATCHDOG: true,
  CONFIG_THREAD_NAME: true,
  CONFIG_SYS_CLOCK_TICKS_PER_SEC: 15_000,
  CONFIG_MAX_DOMAIN_PARTITIONS: 32,
};
