import type { HostLink } from "@sof-ts/host";
import {
  DEBUG_SLOT_BYTES,
  debugSlotOffset,
  debugSlotTable,
  DebugSlotType,
  logSlotType,
} from "@sof-ts/ipc4";

/** The debug window. */
const WINDOW = 2;
/** Offsets in a log's slot: where the host has read up to, where the DSP has written up to, the text. */
const HOST_POINTER = 0;
const DSP_POINTER = 4;
const DATA = 8;
const DATA_BYTES = DEBUG_SLOT_BYTES - DATA;
/** What is kept: a module that fails in each period says so each time, in other words never as many. */
const MOST_TEXTS = 20;

/** What the firmware logged once or more. */
export interface LoggedText {
  /** Without time and level: "wasm: module ... ended in process". */
  readonly text: string;
  readonly times: number;
}

/**
 * Reads the log of core 0 out of the debug window, as Linux's mtrace does. The driver has enabled it. Poll it
 * often enough: the slot holds 4 KiB.
 */
export class FirmwareLog {
  private readonly link: HostLink;
  private readonly errorTexts = new Map<string, number>();
  private readonly decoder = new TextDecoder();
  /** Bytes of a line that is not complete. */
  private rest = "";

  constructor(link: HostLink) {
    this.link = link;
  }

  /** Errors so far, in the order of their first time. */
  get errors(): readonly LoggedText[] {
    return [...this.errorTexts].map(([text, times]) => ({ text, times }));
  }

  /** Takes what is new. */
  poll(): void {
    const slot = this.slot();
    if (slot === null) return;
    const bytes = this.link.readWindow(WINDOW, slot, DEBUG_SLOT_BYTES);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const from = view.getUint32(HOST_POINTER, true) % DATA_BYTES;
    const to = view.getUint32(DSP_POINTER, true) % DATA_BYTES;
    if (from === to) return;
    const data = bytes.subarray(DATA);
    const first = data.subarray(from, to > from ? to : DATA_BYTES);
    this.take(this.decoder.decode(first, { stream: true }));
    if (to < from) this.take(this.decoder.decode(data.subarray(0, to), { stream: true }));
    const pointer = new Uint8Array(4);
    new DataView(pointer.buffer).setUint32(0, to, true);
    this.link.writeWindow(WINDOW, slot + HOST_POINTER, pointer);
  }

  /** Offset of the log's slot; null before the firmware has one. */
  private slot(): number | null {
    const table = this.link.readWindow(WINDOW, 0, 12 * 15);
    const { slots } = debugSlotTable.decode(table, 0);
    const wanted = logSlotType(DebugSlotType.MTRACE_LOG, 0);
    const index = slots.findIndex(({ type }) => type === wanted);
    return index < 0 ? null : debugSlotOffset(index + 1);
  }

  private take(text: string): void {
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) {
      const error = /^\[ *[\d.]+\] <err> (.*)$/.exec(line)?.[1];
      if (error === undefined) continue;
      const times = this.errorTexts.get(error);
      if (times !== undefined || this.errorTexts.size < MOST_TEXTS) {
        this.errorTexts.set(error, (times ?? 0) + 1);
      }
    }
  }
}
