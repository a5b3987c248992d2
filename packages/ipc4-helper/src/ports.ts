import type { ModuleDriver, ModuleServices } from "@sof-ts/module-api";

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
  start(): void;
  pause(): void;
  /** Gives both channels and the ring back. */
  free(): void;
  /** Moves on what one channel has brought to the other. Calling context: LL thread. */
  transfer(): void;
}

/** What the composition root gives the handlers. */
export interface FirmwarePort {
  readonly coreCount: number;
  /** Whether a core is powered and its LL domain and IPC thread are up. */
  coreEnabled(core: number): boolean;
  /** Powers a secondary core up or down; blocks. @returns 0 or a negative errno */
  setCorePower(core: number, on: boolean): Generator<number, number, number>;
  /** Makes what a module instance is given for its life. */
  services(place: InstancePlace): ModuleServices;
  /** Joins two DMA channels. @returns the chain, or a negative errno when they do not go together or are taken */
  openChain(request: ChainRequest): ChainEndpoint | number;
}
