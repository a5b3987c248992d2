import type { SocketWelcome } from "@sof-ts/host";
import { EACCES, EFAULT, EINVAL } from "@sof-ts/kit";
import { BusError, type PlatformName } from "@sof-ts/soc";
import { Firmware } from "../firmware.js";
import { BarLink } from "../host-side/bar-link.js";
import { HostStreams } from "../host-side/host-streams.js";
import { Refusal } from "./refusal.js";
import { ServedLinks } from "./served-links.js";
import { ServedStreams } from "./served-streams.js";
import { WindowShadow } from "./window-shadow.js";

/** Windows through which a client reaches a booting firmware of its own: everything that a host has. */
export class ServedMachine {
  readonly firmware: Firmware;
  readonly link: BarLink;
  readonly streams: ServedStreams;
  readonly links: ServedLinks;
  private readonly shadows: readonly WindowShadow[];

  constructor(platform: PlatformName) {
    this.firmware = new Firmware({ config: { platform } });
    const { soc } = this.firmware;
    this.link = new BarLink(this.firmware);
    this.streams = new ServedStreams(new HostStreams(soc));
    this.links = new ServedLinks(soc);
    this.shadows = soc.windows.all.map(({ bytes }) => new WindowShadow(bytes));
  }

  get welcome(): SocketWelcome {
    const { platform, soc } = this.firmware;
    return {
      platform: platform.name,
      coreCount: platform.coreCount,
      linkDma: platform.daiDma,
      registers: this.link.registers,
      windows: soc.windows.all.map(({ size }) => size),
      playbackStreams: soc.dma.playbackStreams.length,
      captureStreams: soc.dma.captureStreams.length,
      links: this.links.ends,
    };
  }

  /** Reads a register of the BAR. */
  read32(offset: number): number {
    return onBus(() => this.link.read32(offset));
  }

  /** Writes a register of the BAR. */
  write32(offset: number, value: number): void {
    onBus(() => this.link.write32(offset, value));
  }

  readWindow(window: number, offset: number, length: number): Uint8Array {
    this.check(window, offset, length);
    return this.link.readWindow(window, offset, length);
  }

  writeWindow(window: number, offset: number, bytes: Uint8Array): void {
    this.check(window, offset, bytes.length);
    if (this.firmware.platform.windows[window]?.hostWritable !== true)
      throw new Refusal(-EACCES, `window ${window} is read-only`);
    this.link.writeWindow(window, offset, bytes);
  }

  /** What a client has of a window. */
  shadow(window: number): WindowShadow {
    const shadow = this.shadows[window];
    if (shadow === undefined) throw new Refusal(-EINVAL, `no window ${window}`);
    return shadow;
  }

  private check(window: number, offset: number, length: number): void {
    const size = this.firmware.soc.windows.all[window]?.size;
    if (size === undefined) throw new Refusal(-EINVAL, `no window ${window}`);
    if (offset + length > size)
      throw new Refusal(-EINVAL, `${length} bytes at ${offset} of a window of ${size}`);
  }
}

function onBus<T>(access: () => T): T {
  try {
    return access();
  } catch (error) {
    if (error instanceof BusError) throw new Refusal(-EFAULT, error.message);
    throw error;
  }
}
