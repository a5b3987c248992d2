import type { MachinePort } from "@sof-ts/ipc4-helper";
import { MemoryStateType } from "@sof-ts/ipc4";
import type { Kernel } from "@sof-ts/kernel";
import type { Soc } from "@sof-ts/soc";
import type { LlHeap } from "./ll-heap.js";

const BANK_BYTES = 0x2_0000;
const PAGE_BYTES = 4096;
/** What the reference puts where a list of allocated pages could be. */
const NO_PAGE_LIST = [0xfff];

/** The machine as the base firmware asks about it. */
export function makeMachinePort(soc: Soc, kernel: Kernel, heap: LlHeap): MachinePort {
  const { memory, coreClockHz } = soc.platform;
  const stateOf = (type: number, bytes: number, usedBytes: number) => {
    const banks = Math.floor(bytes / BANK_BYTES);
    const words = Math.ceil(banks / 32);
    return {
      type,
      freePhysPages: Math.max(0, Math.floor((banks * BANK_BYTES - usedBytes) / PAGE_BYTES)),
      // Every bank has power while the firmware runs.
      ebbState: Array.from({ length: words }, (_, word) => {
        const left = Math.min(32, banks - 32 * word);
        return left === 32 ? 0xffff_ffff : 2 ** left - 1;
      }),
      pageAlloc: NO_PAGE_LIST,
    };
  };
  return {
    nowUs: () => Math.floor((kernel.now * 1e6) / coreClockHz),
    wallClock: () => BigInt(soc.wallClock.read()),
    memoryState: () => [
      stateOf(MemoryStateType.HPSRAM, memory.hpsram.size, heap.use.bytes),
      stateOf(MemoryStateType.LPSRAM, memory.lpsram.size, 0),
    ],
    controlLink: () => "no-device",
    log: null,
    micPrivacy: null,
    forceDmiL1Exit: () => {},
  };
}
