import {
  BarLink,
  type FarEnds,
  Firmware,
  FirmwareHalted,
  HostStreams,
  Links,
} from "@sof-ts/firmware";
import {
  type GatewayBlobSource,
  HostDriver,
  HostError,
  type HostOptions,
  type HostTask,
  type IpcLogEntry,
  runHostTask,
} from "@sof-ts/host";
import type { PlatformName } from "@sof-ts/soc";
import type { Topology } from "@sof-ts/topology";
import { FirmwareFault } from "../errors.js";
import { FirmwareLog } from "./firmware-log.js";
import type { Libraries } from "./libraries.js";

export interface MachineOptions {
  readonly topology: Topology;
  readonly platform: PlatformName;
  readonly farEnds: FarEnds;
  readonly onIpc?: (entry: IpcLogEntry) => void;
  /** Libraries that the driver can load. */
  readonly libraries?: Libraries;
  readonly host?: Partial<HostOptions>;
  /** How long the host takes before it goes on after each wait, µs; no time unless given. */
  readonly hostPauseUs?: () => number;
  readonly firmware?: Omit<ConstructorParameters<typeof Firmware>[0] & object, "onHostInterrupt">;
}

/** Words of a microphone blob up to its per-channel part: attributes, time slots, global and channel word. */
const DMIC_BLOB_WORDS = 7;
/** Words of an SSP blob: attributes, time slots, ten registers, two master clock words. */
const SSP_BLOB_WORDS = 21;

/**
 * The platform's own link table, which real machines have in ACPI (NHLT): asked where a topology brings no
 * blob. The model's links take their format from the stream, so the blob configures nothing but itself.
 */
const platformBlob: GatewayBlobSource = ({ type }) =>
  new Uint8Array(4 * (type === "DMIC" ? DMIC_BLOB_WORDS : SSP_BLOB_WORDS));

/** A booted DSP with the host driver in front of it: what every command of the testbench works on. */
export class Machine {
  readonly firmware: Firmware;
  readonly driver: HostDriver;
  readonly link: BarLink;
  /** What the firmware logs. */
  readonly log: FirmwareLog;
  readonly streams: HostStreams;
  readonly links: Links;
  private readonly hostPauseUs: (() => number) | null;

  /** Boots firmware and driver. @throws HostError, FirmwareFault */
  constructor(options: MachineOptions) {
    const { topology, platform, farEnds, onIpc, libraries } = options;
    const keys = libraries?.keys ?? null;
    this.hostPauseUs = options.hostPauseUs ?? null;
    this.firmware = new Firmware({
      ...options.firmware,
      ...(keys === null ? {} : { libraryKeys: keys }),
      config: {
        CONFIG_LIBRARY_AUTH_SUPPORT: keys !== null,
        ...options.firmware?.config,
        platform,
      },
    });
    this.link = new BarLink(this.firmware);
    this.log = new FirmwareLog(this.link);
    this.streams = new HostStreams(this.firmware.soc);
    this.links = new Links(this.firmware.soc, farEnds);
    this.driver = new HostDriver({
      topology,
      link: this.link,
      dma: this.streams,
      links: this.links,
      options: {
        coreCount: this.firmware.platform.coreCount,
        linkDma: this.firmware.platform.daiDma,
        gatewayBlobs: platformBlob,
        librarySource: libraries?.source ?? null,
        ...options.host,
      },
      ...(onIpc === undefined ? {} : { log: onIpc }),
    });
    this.do(this.driver.boot());
  }

  /** Runs an operation of the driver to its end. */
  do<T>(task: HostTask<T>): T {
    try {
      return this.hostPauseUs === null ? runHostTask(task, this.link) : this.dawdle(task);
    } catch (error) {
      throw this.explained(faultOf(error));
    }
  }

  /** A refusal with what the firmware logged of it: the status alone does not tell the reason. */
  private explained(error: unknown): unknown {
    if (!(error instanceof HostError) || error.status === undefined) return error;
    const before = new Map(this.log.errors.map(({ text, times }) => [text, times]));
    this.log.poll();
    const fresh = this.log.errors.filter(({ text, times }) => times !== before.get(text));
    if (fresh.length === 0) return error;
    const logged = fresh.map(({ text }) => text).join("; ");
    return new HostError(`${error.reason}; the firmware logged: ${logged}`, error);
  }

  private dawdle<T>(task: HostTask<T>): T {
    for (;;) {
      const step = task.next();
      if (step.done === true) return step.value;
      this.link.advance(step.value);
      const timeoutUs = this.hostPauseUs?.() ?? 0;
      if (timeoutUs > 0) this.link.advance({ kind: "time", timeoutUs });
    }
  }

  /** Lets virtual time pass, handling what the firmware sends. */
  wait(us: number): void {
    try {
      this.link.advance({ kind: "time", timeoutUs: us });
    } catch (error) {
      throw faultOf(error);
    }
    this.driver.handleInterrupt();
    this.log.poll();
  }
}

function faultOf(error: unknown): unknown {
  return error instanceof FirmwareHalted
    ? new FirmwareFault(error.message, { cause: error })
    : error;
}
