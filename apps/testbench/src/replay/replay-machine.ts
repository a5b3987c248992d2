import { BarLink, Firmware, FirmwareHalted } from "@sof-ts/firmware";
import { HostDoorbell, type RungMessage } from "@sof-ts/host";
import {
  type CopierConfig,
  isReply,
  MAILBOX_BYTES,
  MemoryWindow,
  NodeType,
  unpackNodeId,
  type Words,
} from "@sof-ts/ipc4";
import type { PlatformName } from "@sof-ts/soc";

/** What became of a request that was sent to our firmware. */
export interface Answer {
  /** Words of the reply; null when none came. */
  readonly reply: Words | null;
  /** What the firmware sent in between. */
  readonly notifications: readonly Words[];
  /** What stopped the firmware, in one line; null while it runs. */
  readonly fault: string | null;
}

/** How long the Linux driver waits for a reply. */
const REPLY_TIMEOUT_US = 500_000;
const DOWNLINK = MemoryWindow.DOWNLINK_MAILBOX;
/** Ring of a host stream: a second of 48 kHz stereo in 32 bits, which runs round and round. */
const RING_BYTES = 384_000;

/**
 * The real firmware behind its doorbell and windows, driven with bare words. It also does what a host does
 * without messages: gives host DMA streams a ring, sets up the links of DMA chains.
 */
export class ReplayMachine {
  firmware: Firmware;
  private readonly platform: PlatformName;
  private link: BarLink;
  private doorbell: HostDoorbell;
  private fault: string | null = null;

  constructor(platform: PlatformName) {
    this.platform = platform;
    this.firmware = new Firmware({ config: { platform } });
    this.link = new BarLink(this.firmware);
    this.doorbell = new HostDoorbell(this.link);
  }

  /** Virtual time of this boot in microseconds. */
  get nowUs(): number {
    return this.link.nowUs();
  }

  /** Turns the DSP off and on and waits for its first message. */
  boot(): Answer {
    if (this.nowUs > 0) {
      this.firmware = new Firmware({ config: { platform: this.platform } });
      this.link = new BarLink(this.firmware);
      this.doorbell = new HostDoorbell(this.link);
      this.fault = null;
    }
    this.doorbell.enableInterrupts();
    const notifications: Words[] = [];
    this.waitFor(() => {
      this.service(notifications, []);
      return notifications.length > 0;
    });
    return { reply: null, notifications, fault: this.fault };
  }

  /** Sends a request and waits for its reply as long as the driver would. */
  send(words: Words, payload: Uint8Array): Answer {
    const notifications: Words[] = [];
    const replies: Words[] = [];
    const { doorbell, link } = this;
    this.waitFor(() => {
      this.service(notifications, replies);
      return !doorbell.busy;
    });
    replies.length = 0;
    if (this.fault === null) {
      link.writeWindow(DOWNLINK.window, DOWNLINK.offset, payload.subarray(0, MAILBOX_BYTES));
      doorbell.ring(words.primary & 0x7fff_ffff, words.extension);
      this.waitFor(() => {
        this.service(notifications, replies);
        return replies.length > 0 && !doorbell.busy;
      });
    }
    return { reply: replies[0] ?? null, notifications, fault: this.fault };
  }

  /** Lets time pass. @returns what the firmware sent */
  wait(us: number): Words[] {
    const notifications: Words[] = [];
    this.guard(() => {
      const end = this.link.nowUs() + us;
      for (let left = us; left > 0; left = end - this.link.nowUs()) {
        this.link.advance({ kind: "irq", timeoutUs: left });
        this.service(notifications, []);
      }
    });
    return notifications;
  }

  /** Gives the host stream behind a copier's gateway a ring of silence that runs freely. */
  connectHostStream(config: CopierConfig): void {
    const { type, vIndex } = unpackNodeId(config.gateway.nodeId);
    if (type === NodeType.HDA_HOST_OUTPUT) this.runStream("playback", vIndex);
    if (type === NodeType.HDA_HOST_INPUT) this.runStream("capture", vIndex);
  }

  /** Sets up host stream and link of a DMA chain, as the driver's back end does. */
  connectChain(hostDmaId: number, linkDmaId: number, shortSamples: boolean): void {
    const { dma, gateways } = this.firmware.soc;
    const outputs = dma.hostOut.channels.length;
    const direction = hostDmaId < outputs ? "playback" : "capture";
    this.runStream(direction, hostDmaId % outputs);
    const links = dma.linkOut.channels.length;
    gateways
      .find("hda", linkDmaId % links, direction)
      ?.configure({ rateHz: 48_000, channels: 2, containerBytes: shortSamples ? 2 : 4 });
  }

  private runStream(direction: "playback" | "capture", index: number): void {
    const { dma, hostMemory } = this.firmware.soc;
    const stream = (direction === "playback" ? dma.playbackStreams : dma.captureStreams)[index];
    if (stream === undefined || stream.size > 0) return;
    const { address } = hostMemory.allocate(RING_BYTES);
    stream.attach(hostMemory, [{ address, size: RING_BYTES, interruptOnCompletion: false }]);
    stream.start();
  }

  private service(notifications: Words[], replies: Words[]): void {
    const { doorbell } = this;
    for (let message: RungMessage | null; (message = doorbell.pending()) !== null;) {
      (isReply(message.primary) ? replies : notifications).push(message);
      doorbell.complete();
    }
    doorbell.acknowledgeDone();
  }

  /** Runs the machine until `condition` or the driver's time is over. */
  private waitFor(condition: () => boolean): void {
    this.guard(() => {
      const deadline = this.link.nowUs() + REPLY_TIMEOUT_US;
      while (!condition()) {
        const timeoutUs = deadline - this.link.nowUs();
        if (timeoutUs <= 0) return;
        this.link.advance({ kind: "irq", timeoutUs });
      }
    });
  }

  private guard(run: () => void): void {
    if (this.fault !== null) return;
    try {
      run();
    } catch (error) {
      if (!(error instanceof FirmwareHalted)) throw error;
      this.fault = error.message;
    }
  }
}
