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
/** An entry of the slot table, and its type in it. */
const ENTRY_BYTES = 12;
const ENTRY_TYPE = 4;
const LOG_SLOT = logSlotType(DebugSlotType.MTRACE_LOG, 0);
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
  /** The entry of the slot table that was the log's last time. */
  private entry = 0;

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
    const pointers = this.link.readWindow(WINDOW, slot, DATA);
    const from = word(pointers, HOST_POINTER) % DATA_BYTES;
    const to = word(pointers, DSP_POINTER) % DATA_BYTES;
    if (from === to) return;
    const data = this.link.readWindow(WINDOW, slot + DATA, DATA_BYTES);
    const first = data.subarray(from, to > from ? to : DATA_BYTES);
    this.take(this.decoder.decode(first, { stream: true }));
    if (to < from) this.take(this.decoder.decode(data.subarray(0, to), { stream: true }));
    const pointer = new Uint8Array(4);
    new DataView(pointer.buffer).setUint32(0, to, true);
    this.link.writeWindow(WINDOW, slot + HOST_POINTER, pointer);
  }

  /** Offset of the log's slot; null before the firmware has one. */
  private slot(): number | null {
    const entry = this.link.readWindow(WINDOW, this.entry * ENTRY_BYTES, ENTRY_BYTES);
    // Most times it is where it was, and the table need not be searched.
    if (word(entry, ENTRY_TYPE) !== LOG_SLOT) {
      const table = this.link.readWindow(WINDOW, 0, debugSlotTable.size);
      const index = debugSlotTable
        .decode(table, 0)
        .slots.findIndex(({ type }) => type === LOG_SLOT);
      if (index < 0) return null;
      this.entry = index;
    }
    return debugSlotOffset(this.entry + 1);
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

function word(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(offset, true);
}
