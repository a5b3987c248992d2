import { InputError } from "@sof-ts/kit";
import type { HostMemory, ScatterEntry } from "./host-memory.js";
import { readDescriptorList } from "./host-memory.js";
import type { HostStream } from "./host-stream.js";
import type { Register } from "./register.js";
import { field, reserved } from "./register.js";
import type { RegisterFile } from "./register-file.js";

const SRST = 1 << 0;
const RUN = 1 << 1;
const IOCE = 1 << 2;
const FEIE = 1 << 3;
const DEIE = 1 << 4;
const BCIS = 1 << 26;
const FIFOE = 1 << 27;
const DESE = 1 << 28;
const FIFORDY = 1 << 29;

/** What a stream descriptor works on. */
export interface StreamDescriptorPorts {
  readonly memory: HostMemory;
  /** The stream of a tag (1..15) in this descriptor's direction, or null. */
  readonly streamOfTag: (tag: number) => HostStream | null;
  /** The descriptor's interrupt, already enabled by its own IOCE, FEIE or DEIE. */
  readonly interrupt: () => void;
}

/**
 * One HD Audio stream descriptor: the registers SDnCTL to SDnBDPU (0x20 bytes) and its SPIB. Its stream tag
 * joins it to the DSP's host DMA channel `tag - 1`. RUN reads the buffer descriptor list; a list that is not
 * in host memory, or does not add up to CBL, sets the descriptor error and the stream does not run.
 */
export class HdaStreamRegisters {
  private readonly ports: StreamDescriptorPorts;
  private readonly control: Register;
  private readonly cyclicLength: Register;
  private readonly lastValid: Register;
  private readonly format: Register;
  private readonly listLow: Register;
  private readonly listHigh: Register;
  private readonly spib: Register;
  private spibEnabled = false;
  private stream: HostStream | null = null;

  constructor(
    file: RegisterFile,
    base: number,
    spibBase: number,
    playback: boolean,
    ports: StreamDescriptorPorts,
  ) {
    this.ports = ports;
    this.control = file.define(
      "SDCTLSTS",
      base,
      [
        reserved(31, 30),
        field("fifordy", 29, 29, "ro"),
        field("dese", 28, 28, "w1c"),
        field("fifoe", 27, 27, "w1c"),
        field("bcis", 26, 26, "w1c"),
        reserved(25, 24),
        field("strm", 23, 20, "rw"),
        field("dir", 19, 19, "ro", playback ? 1 : 0),
        field("tp", 18, 18, "ro", 1),
        field("stripe", 17, 16, "rw"),
        reserved(15, 5),
        field("deie", 4, 4, "rw"),
        field("feie", 3, 3, "rw"),
        field("ioce", 2, 2, "rw"),
        field("run", 1, 1, "rw"),
        field("srst", 0, 0, "rw"),
      ],
      { onWrite: (_register, _written, before) => this.controlWritten(before) },
    );
    file.define("SDLPIB", base + 0x04, [field("lpib", 31, 0, "ro")], {
      onRead: (register) => {
        register.value = this.stream === null ? 0 : this.stream.positionInBuffer;
      },
    });
    this.cyclicLength = file.define("SDCBL", base + 0x08, [field("cbl", 31, 0, "rw")]);
    this.lastValid = file.define("SDLVI", base + 0x0c, [reserved(31, 8), field("lvi", 7, 0, "rw")]);
    this.format = file.define("SDFMTFIFOS", base + 0x10, [
      reserved(31),
      field("base, mult, div", 30, 24, "rw"),
      reserved(23),
      field("bits, chan", 22, 16, "rw"),
      field("fifos", 15, 0, "ro", 0xff),
    ]);
    this.listLow = file.define("SDBDPL", base + 0x18, [field("bdpl", 31, 7, "rw"), reserved(6, 0)]);
    this.listHigh = file.define("SDBDPU", base + 0x1c, [field("bdpu", 31, 0, "rw")]);
    this.spib = file.define("SPIB", spibBase, [field("spib", 31, 0, "rw")], {
      onWrite: () => this.spibWritten(),
    });
    file.define("MAXFIFOS", spibBase + 0x04, [field("maxfifos", 31, 0, "ro", 0xff)]);
  }

  /** Whether a status is set that asks for an interrupt. */
  get interrupting(): boolean {
    return asksForInterrupt(this.control.value);
  }

  /** Turns the software position on or off (SPBFCCTL). */
  enableSpib(on: boolean): void {
    if (this.spibEnabled === on) return;
    this.spibEnabled = on;
    if (this.stream === null) return;
    if (on) this.stream.setApplicationPosition(this.applicationPosition());
    else this.stream.clearApplicationPosition();
  }

  /** Stops and forgets everything (controller reset). */
  reset(): void {
    this.resetStream();
    this.spib.value = this.spib.resetValue;
    this.spibEnabled = false;
  }

  private controlWritten(before: number): void {
    const { control } = this;
    if ((control.value & SRST) !== 0) {
      this.resetStream();
      control.value |= SRST;
      return;
    }
    const running = (control.value & RUN) !== 0;
    if (running !== ((before & RUN) !== 0)) {
      if (!running) {
        this.stream?.stop();
        control.value = (control.value & ~FIFORDY) >>> 0;
      } else if (this.run()) control.value = (control.value | FIFORDY) >>> 0;
      else control.value = ((control.value & ~RUN) | DESE) >>> 0;
    }
    if (asksForInterrupt(control.value) && !asksForInterrupt(before)) this.ports.interrupt();
  }

  /** SRST resets every register of the descriptor; the software position is not one of them. */
  private resetStream(): void {
    this.part();
    const { control, cyclicLength, lastValid, format, listLow, listHigh } = this;
    for (const register of [control, cyclicLength, lastValid, format, listLow, listHigh])
      register.value = register.resetValue;
  }

  private run(): boolean {
    const stream = this.stream ?? this.join();
    if (stream === null) return false;
    stream.start();
    return true;
  }

  private join(): HostStream | null {
    const { memory, streamOfTag } = this.ports;
    const stream = streamOfTag((this.control.value >>> 20) & 0xf);
    if (stream === null || stream.size > 0) return null;
    const entries = this.readList(memory);
    if (entries === null) return null;
    stream.attach(memory, entries, () => this.completed());
    this.stream = stream;
    if (this.spibEnabled) stream.setApplicationPosition(this.applicationPosition());
    return stream;
  }

  private readList(memory: HostMemory): ScatterEntry[] | null {
    try {
      const address = this.listHigh.value * 0x1_0000_0000 + this.listLow.value;
      const entries = readDescriptorList(memory, address, this.lastValid.value + 1);
      const total = entries.reduce(
        (sum, { address: at, size }) => sum + memory.at(at, size).length,
        0,
      );
      return total === this.cyclicLength.value && entries.every(({ size }) => size > 0)
        ? entries
        : null;
    } catch (error) {
      // The host programmed a list that is not in its memory: a descriptor error, as on hardware.
      if (error instanceof InputError) return null;
      throw error;
    }
  }

  private part(): void {
    this.stream?.detach();
    this.stream = null;
  }

  private completed(): void {
    this.control.value = (this.control.value | BCIS) >>> 0;
    if ((this.control.value & IOCE) !== 0) this.ports.interrupt();
  }

  private spibWritten(): void {
    if (this.spibEnabled) this.stream?.setApplicationPosition(this.applicationPosition());
  }

  /** The count that SPIB, an offset in the ring, stands for: the first at or after the last one. */
  private applicationPosition(): number {
    const { stream } = this;
    if (stream === null) return 0;
    const last = Number.isFinite(stream.limit)
      ? stream.limit - (stream.direction === "playback" ? 0 : stream.size)
      : stream.position;
    let delta = this.spib.value - (last % stream.size);
    if (delta < 0) delta += stream.size;
    return last + delta;
  }
}

/** BCIS with IOCE, FIFOE with FEIE, or DESE with DEIE. */
function asksForInterrupt(control: number): boolean {
  return (
    ((control & BCIS) !== 0 && (control & IOCE) !== 0) ||
    ((control & FIFOE) !== 0 && (control & FEIE) !== 0) ||
    ((control & DESE) !== 0 && (control & DEIE) !== 0)
  );
}
