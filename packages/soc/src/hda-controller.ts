import type { Dma } from "./dma.js";
import { HdaStreamRegisters } from "./hda-stream-registers.js";
import type { HostMemory } from "./host-memory.js";
import type { PlatformDescription } from "./platform.js";
import type { HostInterruptSink } from "./ports.js";
import { type AccessMode, field, type Register, reserved } from "./register.js";
import { RegisterFile } from "./register-file.js";

const SPIB_CAPABILITY = 0x700;
const PP_CAPABILITY = 0x800;
const STREAMS = 0x80;
/** GCTL: 0 holds the controller in reset. */
const CRST = 1 << 0;
/** INTCTL: global and per-stream enables. */
const GIE = 0x8000_0000;
/** Bytes of the controller's BAR that the model has. */
export const HDA_BAR_SIZE = 0x1000;

/** Bits 29:0 of a register with one bit for each stream; those of streams that do not exist are reserved. */
function ofStreams(name: string, mode: AccessMode, streams: number) {
  return [reserved(29, streams), field(name, streams - 1, 0, mode)];
}

/** A capability header: identity, and where the next one is. */
function capability(id: number, next: number) {
  return [reserved(31, 28), field("id", 27, 16, "ro", id), field("next", 15, 0, "ro", next)];
}

/**
 * The HD Audio controller as the host's driver programs it: global registers, one stream descriptor for each
 * host DMA channel (capture streams first), software positions (SPIB) and the linear link positions of the
 * processing pipe capability. Offsets follow the HD Audio specification and Linux's sound/soc/sof/intel/hda.h
 * and mtl.h (MTL_PPLCLLPL); descriptors may be used instead of the methods of {@link Dma.playbackStreams},
 * not beside them. It comes up in reset: the driver sets GCTL.CRST first, as on hardware.
 */
export class HdaController {
  readonly registers: RegisterFile;
  private readonly descriptors: readonly HdaStreamRegisters[];
  private readonly globalControl: Register;
  private readonly interruptControl: Register;
  private readonly hostInterrupt: HostInterruptSink;

  constructor(
    platform: PlatformDescription,
    dma: Dma,
    memory: HostMemory,
    hostInterrupt: HostInterruptSink,
  ) {
    const file = new RegisterFile(
      "HD Audio controller",
      HDA_BAR_SIZE,
      // In reset it ignores all writes but those of GCTL.
      (register) => register === this.globalControl || (this.globalControl.value & CRST) !== 0,
    );
    const captures = dma.captureStreams.length;
    const playbacks = dma.playbackStreams.length;
    this.registers = file;
    this.hostInterrupt = hostInterrupt;
    file.define("GCAP", 0x00, [
      field("vmaj", 31, 24, "ro", 1),
      field("vmin", 23, 16, "ro", 0),
      field("oss", 15, 12, "ro", playbacks),
      field("iss", 11, 8, "ro", captures),
      field("bss", 7, 3, "ro", 0),
      field("nsdo", 2, 1, "ro", 0),
      field("ok64", 0, 0, "ro", 1),
    ]);
    this.globalControl = file.define(
      "GCTL",
      0x08,
      [
        reserved(31, 9),
        field("unsol", 8, 8, "rw"),
        reserved(7, 2),
        field("fcntrl", 1, 1, "rw"),
        field("crst", 0, 0, "rw"),
      ],
      {
        onWrite: (_register, written) => {
          if ((written & CRST) === 0) this.reset();
        },
      },
    );
    file.define("LLCH", 0x14, [reserved(31, 16), field("llch", 15, 0, "ro", SPIB_CAPABILITY)]);
    this.interruptControl = file.define(
      "INTCTL",
      0x20,
      [
        field("gie", 31, 31, "rw"),
        field("cie", 30, 30, "rw"),
        ...ofStreams("sie", "rw", captures + playbacks),
      ],
      {
        onWrite: (register, _written, before) => {
          const status = this.streamStatus();
          if ((enabledStreams(register.value) & ~enabledStreams(before) & status) !== 0)
            this.hostInterrupt.raise();
        },
      },
    );
    file.define(
      "INTSTS",
      0x24,
      [
        field("gis", 31, 31, "ro"),
        field("cis", 30, 30, "ro"),
        ...ofStreams("sis", "ro", captures + playbacks),
      ],
      {
        onRead: (register) => {
          const status = this.streamStatus();
          register.value = (status === 0 ? 0 : 0x8000_0000 | status) >>> 0;
        },
      },
    );
    this.descriptors = Array.from({ length: captures + playbacks }, (_, index) => {
      const playback = index >= captures;
      const streams = playback ? dma.playbackStreams : dma.captureStreams;
      return new HdaStreamRegisters(
        file,
        STREAMS + 0x20 * index,
        SPIB_CAPABILITY + 8 + 8 * index,
        playback,
        {
          memory,
          streamOfTag: (tag) => streams[tag - 1] ?? null,
          interrupt: () => this.streamInterrupt(index),
        },
      );
    });
    this.defineCapabilities(file, platform, dma);
  }

  /** Everything as after power-up, held in reset until the driver sets CRST. */
  private reset(): void {
    for (const descriptor of this.descriptors) descriptor.reset();
    this.registers.reset();
  }

  private defineCapabilities(file: RegisterFile, platform: PlatformDescription, dma: Dma): void {
    const count = this.descriptors.length;
    file.define("SPBFCH", SPIB_CAPABILITY, capability(4, PP_CAPABILITY));
    file.define(
      "SPBFCCTL",
      SPIB_CAPABILITY + 4,
      [reserved(31, count), field("spibe", count - 1, 0, "rw")],
      {
        onWrite: (register) => {
          this.descriptors.forEach((descriptor, index) =>
            descriptor.enableSpib(((register.value >>> index) & 1) !== 0),
          );
        },
      },
    );
    file.define("PPCH", PP_CAPABILITY, capability(3, 0));
    file.define("PPCTL", PP_CAPABILITY + 4, [
      field("pie", 31, 31, "rw"),
      field("gprocen", 30, 30, "rw"),
      ...ofStreams("procen", "rw", count),
    ]);
    const links = [...dma.linkIn.channels, ...dma.linkOut.channels];
    links.forEach((channel, index) => {
      const base = platform.linkPositionBase + 0x10 * index;
      let high = 0;
      file.define(`PPLC${index}LLPL`, base, [field("llpl", 31, 0, "ro")], {
        onRead: (register) => {
          const { position } = channel;
          // Reading the low word latches the high one, so the pair belongs together.
          high = Math.floor(position / 0x1_0000_0000);
          register.value = position >>> 0;
        },
      });
      file.define(`PPLC${index}LLPU`, base + 4, [field("llpu", 31, 0, "ro")], {
        onRead: (register) => {
          register.value = high;
        },
      });
    });
  }

  private streamStatus(): number {
    let status = 0;
    this.descriptors.forEach((descriptor, index) => {
      if (descriptor.interrupting) status |= 1 << index;
    });
    return status;
  }

  private streamInterrupt(index: number): void {
    if (((enabledStreams(this.interruptControl.value) >>> index) & 1) === 1)
      this.hostInterrupt.raise();
  }
}

/** The streams that may interrupt under a value of INTCTL, as bits. */
function enabledStreams(control: number): number {
  return (control & GIE) !== 0 ? control & 0x3fff_ffff : 0;
}
