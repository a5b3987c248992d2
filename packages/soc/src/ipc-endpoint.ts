import { EBUSY } from "@sof-ts/kit";
import type { Doorbell } from "./doorbell.js";
import type { DoorbellLayout } from "./platform.js";
import { field, reserved } from "./register.js";
import { RegisterFile } from "./register-file.js";

const BIT31 = 0x8000_0000;

/**
 * One side of a doorbell pair, as methods and as the registers that drivers know (TDR, TDA, TDD towards this
 * side; IDR, IDA, IDD from it; CTL). Both faces act on the same state. Callable from any context.
 */
export class IpcEndpoint {
  readonly name: string;
  /** What the other side sends to this one. */
  readonly incoming: Doorbell;
  /** What this side sends. */
  readonly outgoing: Doorbell;
  private readonly layout: DoorbellLayout;
  private readonly interrupt: () => void;
  private peer: IpcEndpoint | null = null;
  /** Bit 0 as CTL.TBIE, bit 1 as CTL.IDIE. */
  private enables = 0;
  /** What IDR and IDD hold for the next ring; the other side sees a message only when it is rung. */
  private nextPrimary = 0;
  private nextExtension = 0;
  private file: RegisterFile | null = null;

  /** @param interrupt runs when an enabled cause of this side becomes active */
  constructor(
    name: string,
    layout: DoorbellLayout,
    incoming: Doorbell,
    outgoing: Doorbell,
    interrupt: () => void,
  ) {
    this.name = name;
    this.incoming = incoming;
    this.outgoing = outgoing;
    this.interrupt = interrupt;
    this.layout = layout;
  }

  /** The register face. */
  get registers(): RegisterFile {
    this.file ??= this.defineRegisters();
    return this.file;
  }

  /** Joins two sides; each is the other's peer. */
  static connect(a: IpcEndpoint, b: IpcEndpoint): void {
    a.peer = b;
    b.peer = a;
  }

  /** Which causes interrupt this side: a new request (CTL.TBIE), a completion (CTL.IDIE). */
  enableInterrupts(request: boolean, done: boolean): void {
    this.enables = (request ? 1 : 0) | (done ? 2 : 0);
    if ((request && this.incoming.requested) || (done && this.outgoing.done)) this.interrupt();
  }

  /** Whether an enabled cause holds this side's interrupt line. */
  get interruptActive(): boolean {
    const enabled = this.enables;
    return (
      ((enabled & 1) !== 0 && this.incoming.requested) ||
      ((enabled & 2) !== 0 && this.outgoing.done)
    );
  }

  /** Whether a request waits to be accepted. */
  get requested(): boolean {
    return this.incoming.requested;
  }

  /** Primary word of the request, 31 bits. */
  get primary(): number {
    return this.incoming.primary;
  }

  /** Extension word of the request. */
  get extension(): number {
    return this.incoming.extension;
  }

  /** Takes the request off the interrupt (writes TDR.BUSY). The other side stays busy. */
  accept(): void {
    this.incoming.requested = false;
  }

  /** Tells the other side that its request was dealt with (writes TDA). */
  complete(): void {
    if (this.incoming.complete() && this.peer !== null) this.peer.notifyDone();
  }

  /**
   * Sends a message.
   *
   * @returns 0, or -EBUSY while the other side has not completed the last one or its completion was not
   * cleared here
   */
  send(primary: number, extension: number): number {
    if (this.outgoing.busy || this.outgoing.done) return -EBUSY;
    this.ring(primary, extension);
    return 0;
  }

  /** Whether the last message was completed and that was not cleared yet. */
  get done(): boolean {
    return this.outgoing.done;
  }

  /** Clears the completion of the last message (writes IDA.DONE). */
  clearDone(): void {
    this.outgoing.done = false;
  }

  /** Back to the state after reset: nothing requested, interrupts masked. */
  reset(): void {
    this.incoming.reset();
    this.outgoing.reset();
    this.enables = 0;
    this.nextPrimary = 0;
    this.nextExtension = 0;
    this.file?.reset();
  }

  private ring(primary: number, extension: number): void {
    this.nextPrimary = primary & 0x7fff_ffff;
    this.nextExtension = extension >>> 0;
    this.outgoing.ring(primary, extension);
    this.peer?.notifyRequest();
  }

  private notifyRequest(): void {
    if ((this.enables & 1) !== 0) this.interrupt();
  }

  private notifyDone(): void {
    if ((this.enables & 2) !== 0) this.interrupt();
  }

  private defineRegisters(): RegisterFile {
    const { incoming, outgoing, layout } = this;
    const registers = new RegisterFile(this.name, layout.size);
    const bit31 = (set: boolean) => (set ? BIT31 : 0);

    registers.define(
      "TDR",
      layout.tdr,
      [field("busy", 31, 31, "w1c"), field("message", 30, 0, "ro")],
      {
        onRead: (register) => {
          register.value = (bit31(incoming.requested) | incoming.primary) >>> 0;
        },
        onWrite: (_register, written) => {
          if ((written & BIT31) !== 0) this.accept();
        },
      },
    );
    const ends = layout.completion === "setBit31";
    registers.define(
      "TDA",
      layout.tda,
      [field(ends ? "done" : "busy", 31, 31, ends ? "wo" : "w0c"), reserved(30, 0)],
      {
        onRead: (register) => {
          register.value = bit31(incoming.busy) >>> 0;
        },
        onWrite: (_register, written) => {
          if (((written & BIT31) !== 0) === ends) this.complete();
        },
      },
    );
    registers.define("TDD", layout.tdd, [field("message", 31, 0, "ro")], {
      onRead: (register) => {
        register.value = incoming.extension;
      },
    });
    registers.define("IDD", layout.idd, [field("message", 31, 0, "rw")], {
      onRead: (register) => {
        register.value = this.nextExtension;
      },
      onWrite: (_register, written) => {
        this.nextExtension = written;
      },
    });
    registers.define(
      "IDR",
      layout.idr,
      [field("busy", 31, 31, "w1s"), field("message", 30, 0, "rw")],
      {
        onRead: (register) => {
          register.value = (bit31(outgoing.busy) | this.nextPrimary) >>> 0;
        },
        onWrite: (_register, written) => {
          this.nextPrimary = written & 0x7fff_ffff;
          if ((written & BIT31) !== 0) this.ring(written, this.nextExtension);
        },
      },
    );
    registers.define("IDA", layout.ida, [field("done", 31, 31, "w1c"), reserved(30, 0)], {
      onRead: (register) => {
        register.value = bit31(outgoing.done) >>> 0;
      },
      onWrite: (_register, written) => {
        if ((written & BIT31) !== 0) this.clearDone();
      },
    });
    registers.define(
      "CTL",
      layout.ctl,
      [reserved(31, 2), field("idie", 1, 1, "rw"), field("tbie", 0, 0, "rw")],
      {
        onRead: (register) => {
          register.value = this.enables;
        },
        onWrite: (_register, written) =>
          this.enableInterrupts((written & 1) !== 0, (written & 2) !== 0),
      },
    );
    return registers;
  }
}
