import type { LogState, MemoryRequest, MemoryState } from "@sof-ts/ipc4";
import type { ModuleDriver, ModuleHandle } from "@sof-ts/module-api";
import type { ComponentPins } from "@sof-ts/pipeline";

/**
 * The host's doorbells and mailboxes as the DSP sees them. The soc's host IPC device and memory windows
 * satisfy it.
 */
export interface HostIpcPort {
  /** DL mailbox: what the host put there for the request it rang for. */
  readonly downlink: Uint8Array;
  /** UL mailbox: where a reply or a notification leaves its payload. */
  readonly uplink: Uint8Array;
  /** Words of the request that waits. */
  readRequest(): { readonly primary: number; readonly extension: number };
  /** Tells the host that its request is done with: it may ring again. */
  completeRequest(): void;
  /** Whether the host has not yet taken the last message sent. */
  readonly uplinkBusy: boolean;
  /** Rings the host with a reply or a notification. */
  send(primary: number, extension: number): void;
  /** Rings the host whether or not it has taken the last message, which is lost if it has not. */
  sendRegardless(primary: number, extension: number): void;
}

/** One module that the host can instantiate. */
export interface DirectoryEntry {
  readonly moduleId: number;
  readonly driver: ModuleDriver;
}

/** The modules of the base image and of the loaded libraries, by IPC4 module id. */
export interface ModuleDirectory {
  find(moduleId: number): DirectoryEntry | null;
  /** All entries in the order of their ids. */
  entries(): readonly DirectoryEntry[];
}

/** Where and as what a new module instance will live. */
export interface InstancePlace {
  readonly moduleId: number;
  readonly instanceId: number;
  readonly pipelineId: number;
  readonly core: number;
}

/** What the host sent to make an instance with. */
export interface InstanceRequest extends InstancePlace {
  /** The module's own init payload; a copy. */
  readonly payload: Uint8Array;
  /** What the payload's base configuration says. */
  readonly pins: ComponentPins;
  /** DSP cycles of a period as the host has them, 0 when it does not know. */
  readonly cpc: number;
  /** It is to run in a thread of its own. */
  readonly dataProcessing: boolean;
  /** Memory for that thread (object DP_DATA of an extended init), null when the host did not say. */
  readonly memory: MemoryRequest | null;
  /** Words for the module itself (object MODULE_DATA), null without. */
  readonly moduleData: Uint8Array | null;
}

/** Which channels a CHAIN_DMA message joins; ids from the number of playback streams on are capture. */
export interface ChainRequest {
  readonly hostDmaId: number;
  readonly linkDmaId: number;
  /** Bytes of two periods, as the host counts them. */
  readonly fifoBytes: number;
  /** Bytes of a sample's container. */
  readonly sampleBytes: number;
}

/** A host and a link DMA channel over one ring. */
export interface ChainEndpoint {
  /** @returns 0 or a negative errno */
  start(): number;
  pause(): void;
  /** Gives both channels and the ring back. */
  free(): void;
  /** Moves on what one channel has brought to the other. Calling context: LL thread. */
  transfer(): void;
}

/** One loaded library. */
export interface LoadedLibrary {
  readonly id: number;
  /** At most 8 characters. */
  readonly name: string;
  readonly version: {
    readonly major: number;
    readonly minor: number;
    readonly hotfix: number;
    readonly build: number;
  };
  readonly moduleCount: number;
}

/** The library manager's door (SOF's `lib_manager`). Calling context: the kernel IPC thread; blocks. */
export interface LibraryLoader {
  /** Takes the DMA channel that the library will come through. @returns 0 or a negative errno */
  prepare(dmaId: number): Generator<number, number, number>;
  /** Reads, checks and registers a library. @returns 0 or a negative errno */
  load(dmaId: number, libraryId: number): Generator<number, number, number>;
  /** Unloads libraries, all that are named or none. @returns 0 or a negative errno */
  unload(libraryIds: readonly number[]): Generator<number, number, number>;
  /** What is loaded, in the order of the ids. */
  libraries(): readonly LoadedLibrary[];
  /** Saves what has to survive core 0's power-down. Does not block. @returns 0 or a negative errno */
  storeContext(): number;
}

/** Build options that decide whether the firmware knows a message and what it answers. */
export interface ProtocolOptions {
  /** CONFIG_COMP_CHAIN_DMA. */
  readonly chainDma: boolean;
  /** CONFIG_IPC4_GATEWAY. */
  readonly ipcGateway: boolean;
  /** CONFIG_ZEPHYR_DP_SCHEDULER: modules in threads of their own. */
  readonly dataProcessing: boolean;
  /** CONFIG_SOF_USERSPACE_LL: large configuration answers MOD_INVALID_ID where it has no INVALID_RESOURCE_ID. */
  readonly userSpaceIpc: boolean;
  /** CONFIG_KCPS_DYNAMIC_CLOCK_CONTROL: the power state can be asked for. */
  readonly kcps: boolean;
}

/** How a link's DAI took a new configuration: there is none, it refused, it is done. */
export type DmaControlResult = "done" | "no-device" | "failed";

/** What the composition root gives the handlers. */
export interface FirmwarePort {
  readonly options: ProtocolOptions;
  readonly coreCount: number;
  /** Whether a core is powered and its LL domain and IPC thread are up. */
  coreEnabled(core: number): boolean;
  /** Powers a secondary core up or down; blocks. @returns 0 or a negative errno */
  setCorePower(core: number, on: boolean): Generator<number, number, number>;
  /** Whether core 0 could go down now. @returns 0 or a negative errno */
  canPowerOff(): number;
  /** Takes core 0 down, after its reply was sent; the calling thread does not go on. */
  powerOff(): void;
  /** Keeps core 0 from gating its power while it idles, or lets it. */
  preventPowerGating(on: boolean): void;
  /**
   * Makes a module instance. Calling context: the IPC thread of the instance's core; may block.
   *
   * @returns the instance or a negative errno, nothing being left behind
   */
  instantiate(
    driver: ModuleDriver,
    request: InstanceRequest,
  ): Generator<number, ModuleHandle | number, number>;
  /** Joins two DMA channels. @returns the chain, or a negative errno when they do not go together or are taken */
  openChain(request: ChainRequest): ChainEndpoint | number;
  /** The library manager, null in a build without. */
  readonly libraries: LibraryLoader | null;
}

/** What the base firmware asks of the machine. Calling context: the kernel IPC thread; nothing blocks. */
export interface MachinePort {
  /** Virtual time since boot in microseconds. */
  nowUs(): number;
  /** The wall clock in its own ticks. */
  wallClock(): bigint;
  memoryState(): readonly MemoryState[];
  /** Sets up a link while it may run (DMA_CONTROL). */
  controlLink(nodeId: number, data: Uint8Array): DmaControlResult;
  /** The firmware's log, null in a build without. */
  readonly log: { configure(state: LogState): void } | null;
  /** Microphone privacy, null on a platform without. */
  readonly micPrivacy: MicPrivacyPort | null;
  /** Makes the DMI leave L1 for host DMA, or lets it. */
  forceDmiL1Exit(on: boolean): void;
}

/** Microphone privacy (SOF's `mic_privacy_manager`). */
export interface MicPrivacyPort {
  /** The hardware's switch changed: nothing may be heard while it is on. */
  setState(muted: boolean): void;
  /** Which links firmware has to mute itself, a bit each. */
  setPolicy(mask: number): void;
}
