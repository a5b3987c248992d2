import { assert } from "@sof-ts/kit";
import type { InterruptSink } from "./ports.js";

/**
 * The interrupt aggregator: for each core a mask of enabled lines and the lines that came while masked.
 * A device calls {@link raise} each time a cause becomes active; a masked line is remembered and delivered
 * once when it is enabled. Which handler runs when is the RTOS's business, behind the {@link InterruptSink}.
 */
export class InterruptController {
  private readonly sink: InterruptSink;
  private readonly enabled: Int32Array;
  private readonly pending: Int32Array;
  private readonly powered: Uint8Array;

  constructor(coreCount: number, sink: InterruptSink) {
    this.sink = sink;
    this.enabled = new Int32Array(coreCount);
    this.pending = new Int32Array(coreCount);
    this.powered = new Uint8Array(coreCount);
  }

  /** Lets `core` take interrupt `irq` (0..31); a remembered one is delivered at once. */
  enable(core: number, irq: number): void {
    assert(irq >= 0 && irq < 32, "an interrupt line is 0..31");
    const bit = 1 << irq;
    this.enabled[core] = this.mask(core) | bit;
    if ((this.pendingMask(core) & bit) !== 0 && this.powered[core] === 1) {
      this.pending[core] = this.pendingMask(core) & ~bit;
      this.sink.raise(core, irq);
    }
  }

  /** Stops `core` from taking interrupt `irq`. */
  disable(core: number, irq: number): void {
    this.enabled[core] = this.mask(core) & ~(1 << irq);
  }

  isEnabled(core: number, irq: number): boolean {
    return (this.mask(core) & (1 << irq)) !== 0;
  }

  /** Whether `irq` came while `core` had it masked and was not delivered since. */
  isPending(core: number, irq: number): boolean {
    return (this.pendingMask(core) & (1 << irq)) !== 0;
  }

  /** A cause of a line that is private to `core` became active (timer, inter-core doorbell). */
  raise(core: number, irq: number): void {
    if (this.powered[core] !== 1) return;
    const bit = 1 << irq;
    if ((this.mask(core) & bit) !== 0) this.sink.raise(core, irq);
    else this.pending[core] = this.pendingMask(core) | bit;
  }

  /** A cause of a shared line became active: every core that enables it takes it, in order of number. */
  raiseShared(irq: number): void {
    for (let core = 0; core < this.enabled.length; core++) this.raise(core, irq);
  }

  /** Power change of a core: everything masked, nothing pending. A core without power takes no interrupt. */
  resetCore(core: number, powered: boolean): void {
    this.enabled[core] = 0;
    this.pending[core] = 0;
    this.powered[core] = powered ? 1 : 0;
  }

  private mask(core: number): number {
    return this.enabled[core] as number;
  }

  private pendingMask(core: number): number {
    return this.pending[core] as number;
  }
}
