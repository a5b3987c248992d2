import { BarLink, Firmware, type FirmwareOptions } from "../src/index.js";

const MS = 400_000;
const TIMEOUT_MS = 500;
const ATTENTION_MS = 20;
const BUSY = 0x8000_0000;

/** A reply or a notification as the host saw it. */
export interface Received {
  readonly primary: number;
  readonly extension: number;
  readonly payload: Uint8Array;
}

/**
 * The barest host: rings the doorbell registers with given words and waits for the answer. It knows nothing
 * of the protocol but the handshake.
 */
export class RawHost {
  readonly firmware: Firmware;
  readonly notifications: Received[] = [];
  readonly link: BarLink;
  /** Runs every 20 ms of virtual time while the host waits for an answer. */
  whileWaiting: (() => void) | null = null;

  constructor(options: FirmwareOptions = {}) {
    this.firmware = new Firmware(options);
    this.link = new BarLink(this.firmware);
  }

  /** Boots and waits for FW_READY. */
  boot(): Received {
    return this.receive(() => true);
  }

  /** Runs the machine for so many milliseconds of virtual time. */
  run(ms: number): void {
    this.firmware.run(this.firmware.kernel.now + ms * MS);
  }

  /** Sends words that get no reply, and waits until the DSP is done with them. */
  post(primary: number, extension: number, payload: Uint8Array = new Uint8Array(0)): void {
    this.ring(primary, extension, payload);
    this.awaitDone();
  }

  /** Sends a request and returns its reply; notifications that come in between are kept. */
  send(primary: number, extension: number, payload: Uint8Array = new Uint8Array(0)): Received {
    this.ring(primary, extension, payload);
    const reply = this.receive((message) => (message.primary & (1 << 29)) !== 0);
    this.awaitDone();
    return reply;
  }

  /** Status of the reply to a request. */
  status(primary: number, extension: number, payload?: Uint8Array): number {
    return this.send(primary, extension, payload).primary & 0xff_ffff;
  }

  /** Takes a message that waits in the doorbell, if there is one. */
  take(): Received | null {
    const { link } = this;
    return (link.read32(link.registers.tdr) & BUSY) === 0 ? null : this.receive(() => true);
  }

  private ring(primary: number, extension: number, payload: Uint8Array): void {
    const { link } = this;
    const { registers } = link;
    link.writeWindow(1, 0, payload);
    link.write32(registers.idd, extension);
    link.write32(registers.idr, (primary | BUSY) >>> 0);
  }

  private awaitDone(): void {
    const { link } = this;
    const { registers } = link;
    this.until(() => (link.read32(registers.ida) & BUSY) !== 0);
    link.write32(registers.ida, BUSY);
  }

  private receive(wanted: (message: Received) => boolean): Received {
    const { link } = this;
    const { registers } = link;
    for (;;) {
      this.until(() => (link.read32(registers.tdr) & BUSY) !== 0);
      const message: Received = {
        primary: link.read32(registers.tdr) & 0x7fff_ffff,
        extension: link.read32(registers.tdd),
        payload: link.readWindow(0, 0x1000, 0x1000),
      };
      link.write32(registers.tdr, BUSY);
      link.write32(registers.tda, registers.completion === "setBit31" ? BUSY : 0);
      if (wanted(message)) return message;
      this.notifications.push(message);
    }
  }

  private until(condition: () => boolean): void {
    const { kernel } = this.firmware;
    if (condition()) return;
    for (let waited = 0; waited < TIMEOUT_MS; waited += ATTENTION_MS) {
      if (kernel.runUntil(condition, kernel.now + ATTENTION_MS * MS)) return;
      const fatal = kernel.halted;
      if (fatal !== null)
        throw new Error(`firmware halted: ${fatal.message}`, { cause: fatal.cause });
      this.whileWaiting?.();
    }
    throw new Error(`no answer within ${TIMEOUT_MS} ms`);
  }
}
