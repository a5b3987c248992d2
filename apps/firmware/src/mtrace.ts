import {
  debugSlot,
  debugSlotOffset,
  DEBUG_SLOT_BYTES,
  DebugSlotType,
  type LogLevel,
  logLevelOf,
  logSlotType,
  type LogState,
} from "@sof-ts/ipc4";
import { type Cycles, type EventQueue, SimEvent } from "@sof-ts/kit";
import type { Kernel } from "@sof-ts/kernel";
import type { Soc } from "@sof-ts/soc";
import type { FirmwareConfig } from "./config.js";

/** The slot with the log; slot 0 is the table of slots. */
const SLOT = 1;
/** Offsets in the slot: where the host has read up to, where the DSP has written up to, the text. */
const HOST_POINTER = 0;
const DSP_POINTER = 4;
const DATA = 8;
const DATA_BYTES = DEBUG_SLOT_BYTES - DATA;
/** The host is told when less than this is free. */
const LOW_SPACE_BYTES = 2048;
const DEFAULT_AGING_MS = 1000;
const MIN_AGING_MS = 100;

const levels: readonly LogLevel[] = ["none", "error", "warning", "info", "debug"];
const tags: Readonly<Record<LogLevel, string>> = {
  none: "",
  error: "err",
  warning: "wrn",
  info: "inf",
  debug: "dbg",
};

/** What the log needs of the machine. */
export interface MtraceConfig {
  /** Window 2, as both sides see it. */
  readonly window: Uint8Array;
  readonly queue: EventQueue;
  readonly cyclesPerSecond: number;
  /** Tells the host that there is something to read. @returns false when that had no room */
  notify(core: number): boolean;
  /** Virtual time in core clock cycles. */
  now(): number;
}

/**
 * The firmware's log in a slot of the debug window (Zephyr's mtrace back end). Off until the host enables it. A
 * line that finds no room is lost. Calling context: kernel mode, any thread or ISR; never blocks.
 */
export class Mtrace {
  /** Lines that found no room. */
  lost = 0;
  private readonly config: MtraceConfig;
  private readonly view: DataView;
  private readonly data: Uint8Array;
  private readonly text = new TextEncoder();
  private readonly aging: SimEvent;
  private agingCycles: number;
  private level = 0;

  constructor(config: MtraceConfig) {
    this.config = config;
    const { window } = config;
    const start = debugSlotOffset(SLOT);
    this.view = new DataView(window.buffer, window.byteOffset + start, DEBUG_SLOT_BYTES);
    this.data = window.subarray(start + DATA, start + DEBUG_SLOT_BYTES);
    this.agingCycles = this.cyclesOf(DEFAULT_AGING_MS);
    this.aging = new SimEvent("log aging", () => {
      config.notify(0);
    });
  }

  /** Claims the slot. Calling context: boot. */
  claim(): void {
    const type = logSlotType(DebugSlotType.MTRACE_LOG, 0);
    debugSlot.encodeInto({ resourceId: 0, type, vma: 0 }, this.config.window, 0);
    this.view.setUint32(HOST_POINTER, 0, true);
    this.view.setUint32(DSP_POINTER, 0, true);
  }

  /** ENABLE_LOGS. */
  configure(state: LogState): void {
    const { agingTimerPeriodMs: period, enable, logsPrioritiesMask } = state;
    this.level = enable === 0 ? 0 : levels.indexOf(logLevelOf(logsPrioritiesMask[0] ?? 0));
    this.agingCycles = this.cyclesOf(
      period === 0 ? DEFAULT_AGING_MS : Math.max(period, MIN_AGING_MS),
    );
    if (this.level === 0) this.config.queue.cancel(this.aging);
  }

  /** Logs a line. */
  log(level: Exclude<LogLevel, "none">, module: string, message: string): void {
    if (levels.indexOf(level) > this.level) return;
    const { queue, notify, cyclesPerSecond } = this.config;
    const now = this.config.now();
    const seconds = (now / cyclesPerSecond).toFixed(6).padStart(12);
    const line = this.text.encode(`[${seconds}] <${tags[level]}> ${module}: ${message}\n`);
    const free = this.free;
    if (line.length > free) {
      this.lost++;
      return;
    }
    this.append(line);
    if (free - line.length < LOW_SPACE_BYTES) {
      // Without room for the notification the aging timer tries again.
      if (notify(0)) {
        queue.cancel(this.aging);
        return;
      }
    }
    if (!this.aging.scheduled) queue.schedule(this.aging, (now + this.agingCycles) as Cycles);
  }

  /** Bytes that can be written; one place stays empty to tell full from empty. */
  private get free(): number {
    const host = this.pointer(HOST_POINTER);
    const dsp = this.pointer(DSP_POINTER);
    return (host - dsp - 1 + DATA_BYTES) % DATA_BYTES;
  }

  /** A pointer in the slot; the host's is whatever the host wrote. */
  private pointer(offset: number): number {
    return this.view.getUint32(offset, true) % DATA_BYTES;
  }

  private append(line: Uint8Array): void {
    const at = this.pointer(DSP_POINTER);
    const first = Math.min(line.length, DATA_BYTES - at);
    this.data.set(line.subarray(0, first), at);
    this.data.set(line.subarray(first), 0);
    this.view.setUint32(DSP_POINTER, (at + line.length) % DATA_BYTES, true);
  }

  private cyclesOf(ms: number): number {
    return Math.round((ms * this.config.cyclesPerSecond) / 1000);
  }
}

/** Makes the log of a build. @returns null in one without */
export function makeMtrace(
  config: FirmwareConfig,
  soc: Soc,
  kernel: Kernel,
  notify: MtraceConfig["notify"],
): Mtrace | null {
  if (!config.CONFIG_LOG_BACKEND_ADSP_MTRACE) return null;
  return new Mtrace({
    window: soc.windows.debug,
    queue: kernel.events,
    cyclesPerSecond: soc.platform.coreClockHz,
    now: () => kernel.now,
    notify,
  });
}
