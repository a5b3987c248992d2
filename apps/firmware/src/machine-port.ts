import type { MachinePort } from "@sof-ts/ipc4-helper";
import { MemoryStateType, NodeType, unpackNodeId } from "@sof-ts/ipc4";
import type { Kernel } from "@sof-ts/kernel";
import type { Soc } from "@sof-ts/soc";
import type { LlHeap } from "./ll-heap.js";
import type { Microphones } from "./microphones.js";
import type { Mtrace } from "./mtrace.js";

const BANK_BYTES = 0x2_0000;
const PAGE_BYTES = 4096;
/** What the reference puts where a list of allocated pages could be. */
const NO_PAGE_LIST = [0xfff];

/** What stands behind the machine's port. */
export interface MachineParts {
  readonly soc: Soc;
  readonly kernel: Kernel;
  readonly heap: LlHeap;
  readonly microphones: Microphones;
  readonly mtrace: Mtrace | null;
}

/** The machine as the base firmware asks about it. */
export function makeMachinePort(parts: MachineParts): MachinePort {
  const { soc, kernel, heap, microphones, mtrace } = parts;
  const { memory, coreClockHz, micPrivacyVersion } = soc.platform;
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
    controlLink: (nodeId, data) => {
      const { type, vIndex } = unpackNodeId(nodeId);
      if (type === NodeType.DMIC_LINK_INPUT) return microphones.setGains(nodeId, data);
      const link = i2sDirections.get(type);
      if (link === undefined || soc.gateways.find("ssp", vIndex >> 4, link) === null)
        return "no-device";
      // The model's ports have no registers of their own; a block without any is still refused.
      return data.length === 0 ? "failed" : "done";
    },
    log: mtrace,
    micPrivacy: micPrivacyVersion > 0 ? microphones : null,
    // The model's host memory is always at hand: there is no link state to leave.
    forceDmiL1Exit: () => {},
  };
}

const i2sDirections = new Map<number, "playback" | "capture">([
  [NodeType.I2S_LINK_OUTPUT, "playback"],
  [NodeType.I2S_LINK_INPUT, "capture"],
]);
