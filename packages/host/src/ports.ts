/** `playback` goes to the DSP's links, `capture` comes from them. */
export type StreamDirection = "playback" | "capture";

/** The host's doorbell registers as offsets in the BAR (`HFIPCXTDR` and its family on ACE, `HIPCT` on cAVS). */
export interface RegisterMap {
  /** Target doorbell: bit 31 says that the DSP rang, bits 30:0 are its primary word; writing bit 31 accepts. */
  readonly tdr: number;
  /** Completion of what the DSP sent. */
  readonly tda: number;
  /** Extension word of what the DSP sent. */
  readonly tdd: number;
  /** Initiator doorbell: writing bit 31 with a primary word rings; it reads 1 until the DSP has finished. */
  readonly idr: number;
  /** Bit 31 says that the DSP has finished; writing it clears it. */
  readonly ida: number;
  /** Extension word of what the host sends. */
  readonly idd: number;
  /** Interrupt enables: bit 0 for the DSP's requests, bit 1 for completions. */
  readonly ctl: number;
  /** What the host writes to {@link tda}: cAVS sets bit 31, ACE clears it (writes 0). */
  readonly completion: "setBit31" | "clearBit31";
}

/**
 * The DSP as the host sees it: doorbell registers, memory windows, the clock. All calls are plain and
 * immediate. Behind an asynchronous link they work on a mirror that each wait brings up to date.
 */
export interface HostLink {
  readonly registers: RegisterMap;
  read32(offset: number): number;
  write32(offset: number, value: number): void;
  /** @returns a copy of `length` bytes at `offset` of memory window `window` (0..3) */
  readWindow(window: number, offset: number, length: number): Uint8Array;
  writeWindow(window: number, offset: number, bytes: Uint8Array): void;
  /** Virtual time in microseconds; never goes back. */
  nowUs(): number;
}

/** The format of a DMA or link stream. */
export interface StreamFormat {
  readonly rate: number;
  readonly channels: number;
  /** Bits of a sample's container: 8, 16 or 32. */
  readonly containerBits: number;
  /** Significant bits of a sample. */
  readonly validBits: number;
}

/** How a host DMA stream is to run. */
export interface HostDmaConfig {
  /** Bytes of the ring buffer. */
  readonly bufferBytes: number;
  /** Bytes between two interrupts; divides {@link bufferBytes}. */
  readonly periodBytes: number;
  readonly format: StreamFormat;
}

/** One HD Audio host stream: a ring buffer in host memory and the DMA engine that serves it. */
export interface HostDmaStream {
  /** HD Audio stream tag, 1.. ; the gateway of the DSP is tag - 1. */
  readonly tag: number;
  /** Gives the stream a zeroed ring and rewinds it. @returns 0 or a negative errno */
  configure(config: HostDmaConfig): number;
  start(): void;
  /** Halts the engine; the position stays. */
  stop(): void;
  /** Bytes that have passed between ring and DSP since {@link configure}, not wrapped (LPIB in total). */
  position(): number;
  /** Copies `bytes` into the ring from `offset` on; they do not pass its end. */
  write(offset: number, bytes: Uint8Array): void;
  /** Copies from `offset` of the ring on into `into`; the bytes do not pass the ring's end. */
  read(offset: number, into: Uint8Array): void;
  /** The engine shall not move more than this total of bytes (HD Audio's SPIB); infinite lets it run freely. */
  setApplicationPosition(total: number): void;
  /** Gives stream and ring back. */
  release(): void;
}

/** The host's side of the HD Audio host DMA. */
export interface HostDma {
  /** Streams that the hardware has in a direction. */
  streamCount(direction: StreamDirection): number;
  /** @returns an unused stream, or null when all are taken */
  allocate(direction: StreamDirection): HostDmaStream | null;
}

/** Kinds of digital audio interfaces that a topology names (`SOF_TKN_DAI_TYPE`). */
export type DaiType = "HDA" | "SSP" | "DMIC" | "ALH";

/** The end of a link that a back end needs. */
export interface LinkRequest {
  readonly type: DaiType;
  /** Port number of the topology: SSP port, DMIC interface; of no meaning for HDA and ALH. */
  readonly index: number;
  /** Name of the back-end link ("SDW0-Playback", "Analog"). */
  readonly link: string;
  readonly direction: StreamDirection;
  /** Which of several ends that work as one (SoundWire aggregation), from 0. */
  readonly endpoint: number;
  readonly format: StreamFormat;
}

/** A link stream that was set up for a back end. */
export interface LinkStream {
  /**
   * Stream tag of the HD Audio link DMA, 1.. ; null where the firmware drives the link by itself
   * (general-purpose DMA).
   */
  readonly tag: number | null;
  /** Stream id of a SoundWire link (the PDI that ALH knows), else null. */
  readonly alhId: number | null;
  start(): void;
  stop(): void;
  /** Link bytes moved since the start (the hardware's LLP), or null where the host cannot read them. */
  position(): number | null;
  release(): void;
}

/** The host's side of the links behind the DSP. */
export interface LinkControl {
  /** Sets a link end up, as the back end's `hw_params`. @returns null when there is none or it is taken */
  allocate(request: LinkRequest): LinkStream | null;
}
