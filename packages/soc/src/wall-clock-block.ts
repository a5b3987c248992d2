import { type Cycles, type EventQueue, SimEvent } from "@sof-ts/kit";
import type { DerivedCounter } from "./clocks.js";
import type { InterruptController } from "./interrupts.js";
import { presentInstant, type TimeSource } from "./ports.js";
import { field, type Register, reserved } from "./register.js";
import { RegisterFile } from "./register-file.js";

const COMPARATORS = [0, 1] as const;
const WORD = 0x1_0000_0000;
/** Largest count whose instant in core clock cycles is exact, for a core clock up to 64 times as fast. */
const LAST_COUNT = Number.MAX_SAFE_INTEGER / 64;

/**
 * The wall clock as a DSP driver sees it: the 64-bit counter DSPWC at 0x20, its control and status DSPWCTCS at
 * 0x28, and two comparators DSPWCT0C and DSPWCT1C at 0x30 and 0x38 which fire once when the counter reaches
 * them. Register names and bits follow Zephyr's adsp_shim.h and `DSP_WCT_CS_TA`, `DSP_WCT_CS_TT`.
 */
export class WallClockBlock {
  readonly registers: RegisterFile;
  private readonly clock: DerivedCounter;
  private readonly queue: EventQueue;
  private readonly time: TimeSource;
  private readonly coreClockHz: number;
  private readonly control: Register;
  private readonly compareLow: readonly Register[];
  private readonly compareHigh: readonly Register[];
  private readonly events: readonly SimEvent[];

  constructor(
    clock: DerivedCounter,
    coreClockHz: number,
    queue: EventQueue,
    time: TimeSource,
    interrupts: InterruptController,
    irq: number,
  ) {
    this.clock = clock;
    this.coreClockHz = coreClockHz;
    this.queue = queue;
    this.time = time;
    const registers = new RegisterFile("wall clock", 0x40);
    this.registers = registers;
    this.events = COMPARATORS.map(
      (index) =>
        new SimEvent(`wall clock comparator ${index}`, () => this.fire(index, interrupts, irq)),
    );
    registers.define("DSPWC_LO", 0x20, [field("low", 31, 0, "ro")], {
      onRead: (register) => {
        register.value = clock.low();
      },
    });
    registers.define("DSPWC_HI", 0x24, [field("high", 31, 0, "ro")], {
      onRead: (register) => {
        register.value = clock.high() >>> 0;
      },
    });
    this.control = registers.define(
      "DSPWCTCS",
      0x28,
      [
        reserved(31, 10),
        field("ttie", 9, 8, "rw"),
        reserved(7, 6),
        field("triggered", 5, 4, "w1c"),
        reserved(3, 2),
        field("armed", 1, 0, "rw"),
      ],
      { onWrite: () => COMPARATORS.forEach((index) => this.arm(index)) },
    );
    this.compareLow = COMPARATORS.map((index) =>
      registers.define(`DSPWCT${index}C_LO`, 0x30 + 8 * index, [field("low", 31, 0, "rw")], {
        onWrite: () => this.arm(index),
      }),
    );
    this.compareHigh = COMPARATORS.map((index) =>
      registers.define(`DSPWCT${index}C_HI`, 0x34 + 8 * index, [field("high", 31, 0, "rw")], {
        onWrite: () => this.arm(index),
      }),
    );
  }

  /** As after power-up. */
  reset(): void {
    this.registers.reset();
    for (const event of this.events) this.queue.cancel(event);
  }

  private arm(index: number): void {
    const event = this.events[index] as SimEvent;
    if ((this.control.value & (1 << index)) === 0) {
      this.queue.cancel(event);
      return;
    }
    const low = this.compareLow[index] as Register;
    const high = this.compareHigh[index] as Register;
    const count = high.value * WORD + low.value;
    // Beyond what a number counts exactly lie years of virtual time: such a comparator never fires.
    if (count > LAST_COUNT) this.queue.cancel(event);
    else this.queue.schedule(event, this.instantOf(count));
  }

  /** First instant at which the counter has reached `count`; now when it has. */
  private instantOf(count: number): Cycles {
    const { clock, queue, time, coreClockHz } = this;
    let at = Math.ceil((count / clock.hz) * coreClockHz);
    while (at > 0 && clock.at((at - 1) as Cycles) >= count) at--;
    while (clock.at(at as Cycles) < count) at++;
    return Math.max(at, presentInstant(time, queue)) as Cycles;
  }

  private fire(index: number, interrupts: InterruptController, irq: number): void {
    const { control } = this;
    control.value = (control.value & ~(1 << index)) | (1 << (4 + index));
    if ((control.value & (1 << (8 + index))) !== 0) interrupts.raiseShared(irq);
  }
}
