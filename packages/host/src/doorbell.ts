import type { HostLink } from "./ports.js";

const BUSY = 0x8000_0000;

/** A message taken off the doorbell. */
export interface RungMessage {
  readonly primary: number;
  readonly extension: number;
}

/** The host's half of the doorbell handshake, in terms of registers. */
export class HostDoorbell {
  private readonly link: HostLink;

  constructor(link: HostLink) {
    this.link = link;
  }

  /** Lets requests and completions of the DSP interrupt the host. */
  enableInterrupts(): void {
    this.link.write32(this.link.registers.ctl, 3);
  }

  /** Whether the DSP still owns the host's last message and its mailbox. */
  get busy(): boolean {
    return this.link.read32(this.link.registers.idr) >>> 31 === 1;
  }

  /** Sends two words: the extension first, then the primary word with the busy bit. */
  ring(primary: number, extension: number): void {
    const { idd, idr } = this.link.registers;
    this.link.write32(idd, extension >>> 0);
    this.link.write32(idr, (primary | BUSY) >>> 0);
  }

  /** Clears the sign that the DSP has finished with the host's message. */
  acknowledgeDone(): void {
    const { ida } = this.link.registers;
    if (this.link.read32(ida) >>> 31 === 1) this.link.write32(ida, BUSY);
  }

  /** @returns what the DSP rang with, or null; it stays rung until {@link complete} */
  pending(): RungMessage | null {
    const { tdr, tdd } = this.link.registers;
    const word = this.link.read32(tdr);
    if (word >>> 31 === 0) return null;
    return { primary: word & 0x7fff_ffff, extension: this.link.read32(tdd) >>> 0 };
  }

  /** Accepts what the DSP rang with and gives the DSP its doorbell and mailbox back. */
  complete(): void {
    const { tdr, tda, completion } = this.link.registers;
    this.link.write32(tdr, BUSY);
    this.link.write32(tda, completion === "setBit31" ? BUSY : 0);
  }
}
