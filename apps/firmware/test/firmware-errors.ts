import { words } from "./payloads.js";
import type { Lab } from "./protocol/lab.js";
import { largeSet } from "./protocol/messages.js";

const WINDOW = 2;
const SLOT_BYTES = 4096;
/** Slot 0 is the table of slots, slot 1 the log: two pointers, then the text. */
const HOST_POINTER = SLOT_BYTES;
const TEXT = SLOT_BYTES + 8;
const TEXT_BYTES = SLOT_BYTES - 8;
const ENABLE_LOGS = 6;
const ERRORS = 1;

/** The errors that a firmware logs, read out of the debug window as the host's driver does. */
export class FirmwareErrors {
  private readonly lab: Lab;

  constructor(lab: Lab) {
    this.lab = lab;
    const state = new Uint8Array(76);
    state.set(words([1000, 1000, 1, ERRORS]));
    lab.ok(largeSet([0, 0], ENABLE_LOGS, state));
  }

  /** Takes the lines that are new, without time and level: "lib_manager: ...". */
  take(): readonly string[] {
    const { link } = this.lab.host;
    const pointers = new DataView(link.readWindow(WINDOW, HOST_POINTER, 8).buffer);
    const [from, to] = [pointers.getUint32(0, true), pointers.getUint32(4, true)];
    const text = link.readWindow(WINDOW, TEXT, TEXT_BYTES);
    const fresh = new Uint8Array((to - from + TEXT_BYTES) % TEXT_BYTES).map(
      (_, i) => text[(from + i) % TEXT_BYTES] as number,
    );
    link.writeWindow(WINDOW, HOST_POINTER, words([to]));
    return [...new TextDecoder().decode(fresh).matchAll(/<err> (.*)\n/g)].map(
      ([, line]) => line as string,
    );
  }
}
