import type { NhltTable } from "@sof-ts/topology";
import type { GatewayBlobSource } from "./backend-params.js";
import { type HostVariant, linuxVariant } from "./host-variant.js";
import type { LibrarySource } from "./library.js";
import type { FirmwareModule } from "./module-table.js";

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
