import type { NhltTable } from "@sof-ts/topology";
import type { GatewayBlobSource } from "./backend-params.js";
import type { LibrarySource } from "./library.js";
import type { FirmwareModule } from "./module-table.js";

/**
 * In what hosts differ that speak to the same firmware. {@link linuxVariant} is the Linux driver,
 * {@link testbenchVariant} SOF's testbench.
 */
export interface HostVariant {
  readonly mode: "linux" | "testbench";
  /** Most payload bytes of one message; larger parameters go in fragments. */
  readonly chunkBytes: number;
  /** Numbers of modules: their place in the firmware's manifest, or the testbench's fixed ones. */
  readonly moduleIds: "manifest" | "testbench";
  /** Append the module's UUID (16 bytes) to each init payload, for a firmware without a manifest. */
  readonly appendUuid: boolean;
  /** Bind routes when all modules exist, or each route right after its sink was made. */
  readonly bindOrder: "afterSetup" | "withSink";
  /** Queue numbers by pin bindings and allocators, or always 0. */
  readonly queueIds: "allocated" | "zero";
  /** Core, priority and low-power mode of pipelines and modules: the topology's, or all 0. */
  readonly placement: "topology" | "zero";
  /** Buffer sizes in init payloads: the topology's, or two periods of 1 ms. */
  readonly bufferSizes: "topology" | "twoPeriods";
  /** Controls whose values are sent when a module was made. */
  readonly initialControls: "all" | "bytes";
  /** Pin formats in the init payload of processing modules: when the manifest asks for them, or always. */
  readonly pinFormats: "manifest" | "always";
  /** One message for all pipelines of a stream that change state, or one for each. */
  readonly stateMessages: "grouped" | "single";
  /**
   * Which pipeline changes first: by the driver's rules of direction and priority, with back ends that drive their
   * own; or always in the order of set-up, and no back end drives any.
   */
  readonly stateOrder: "driver" | "setup";
}

/** The Linux SOF driver. */
export const linuxVariant: HostVariant = {
  mode: "linux",
  chunkBytes: 4096,
  moduleIds: "manifest",
  appendUuid: false,
  bindOrder: "afterSetup",
  queueIds: "allocated",
  placement: "topology",
  bufferSizes: "topology",
  initialControls: "all",
  pinFormats: "manifest",
  stateMessages: "grouped",
  stateOrder: "driver",
};

/**
 * SOF's testbench, speaking to a firmware that has a manifest and gateways. Against a firmware that picks
 * modules by an appended UUID, set `moduleIds: "testbench"` and `appendUuid: true`.
 */
export const testbenchVariant: HostVariant = {
  mode: "testbench",
  chunkBytes: 0x400,
  moduleIds: "manifest",
  appendUuid: false,
  bindOrder: "withSink",
  queueIds: "zero",
  placement: "zero",
  bufferSizes: "twoPeriods",
  initialControls: "bytes",
  pinFormats: "always",
  stateMessages: "single",
  stateOrder: "setup",
};

/** Who moves the data of SSP, DMIC and SoundWire links: DMA inside the DSP, or HD Audio link DMA that the host drives. */
export type LinkDma = "gpdma" | "hdaLink";

/** How the driver behaves; see {@link defaultHostOptions} for what is left out. */
export interface HostOptions {
  readonly variant: HostVariant;
  readonly linkDma: LinkDma;
  /** DSP cores of the platform. */
  readonly coreCount: number;
  /** How long the firmware may take to answer a request, and to report that it has booted. */
  readonly ipcTimeoutUs: number;
  readonly bootTimeoutUs: number;
  /** A request without an answer counts as a crash: later requests fail until the next boot. */
  readonly crashOnTimeout: boolean;
  /**
   * EXCEPTION_CAUGHT is the loss of one core's audio, as of firmware whose LL threads run in user mode; Linux
   * takes it for a crash of the whole firmware.
   */
  readonly survivesCoreFaults: boolean;
  /** Give data-processing modules an extended init payload with their memory needs. */
  readonly extendedInit: boolean;
  /** `prepare` of a stream that was stopped keeps what is set up, or makes it anew. */
  readonly prepareAfterStop: "keep" | "rebuild";
  /** At boot send SYSTEM_TIME and ENABLE_LOGS when the firmware says that it keeps a log. */
  readonly firmwareLog: boolean;
  /**
   * Modules as the manifest of the firmware file lists them; null asks the firmware (MODULES_INFO_GET), whose
   * answer lacks module configurations (`cpc`) and must fit one mailbox.
   */
  readonly modules: readonly FirmwareModule[] | null;
  /** Asked at the first boot for each module of the topology that the firmware lacks. */
  readonly librarySource: LibrarySource | null;
  /** The platform's own link table, asked after the topology's. */
  readonly nhlt: NhltTable | null;
  /** Asked for a gateway blob when no link table has one. */
  readonly gatewayBlobs: GatewayBlobSource | null;
}

/** The Linux driver on a platform of the Meteor Lake kind. */
export const defaultHostOptions: HostOptions = {
  variant: linuxVariant,
  linkDma: "gpdma",
  coreCount: 1,
  ipcTimeoutUs: 500_000,
  bootTimeoutUs: 2_000_000,
  crashOnTimeout: true,
  survivesCoreFaults: false,
  extendedInit: false,
  prepareAfterStop: "keep",
  firmwareLog: true,
  modules: null,
  librarySource: null,
  nhlt: null,
  gatewayBlobs: null,
};
