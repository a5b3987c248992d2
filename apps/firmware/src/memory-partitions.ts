import { MemAttr, type MemPartition } from "@sof-ts/kernel";
import { AudioMemory } from "@sof-ts/module-api";
import type { Soc } from "@sof-ts/soc";
import type { Mailbox } from "@sof-ts/userspace-proxy";
import { type LlHeap, UNCACHED_OFFSET } from "./ll-heap.js";

/** Bytes of the mailbox that the host's requests lie in. */
const HOSTBOX_BYTES = 0x1000;

/** The LL user heap as its memory domain has it: through the caches, and through the uncached alias. */
export function llHeapPartitions({ memory }: LlHeap): MemPartition[] {
  const start = AudioMemory.RESERVED_BYTES;
  const size = memory.byteLength - start;
  const rights = MemAttr.P_RW_U_RW;
  return [
    { start, size, attr: rights | MemAttr.CACHED_WB },
    { start: start + UNCACHED_OFFSET, size, attr: rights | MemAttr.UNCACHED },
  ];
}

/** The mailbox of the host's requests as isolated modules see it: for reading, through the uncached alias. */
export function hostMailbox({ windows }: Soc): Mailbox {
  const [, downlink] = windows.all;
  const address = downlink?.dspAddress ?? 0;
  return {
    bytes: windows.downlink.subarray(0, HOSTBOX_BYTES),
    address,
    partitions: [
      { start: address, size: HOSTBOX_BYTES, attr: MemAttr.P_RO_U_RO | MemAttr.UNCACHED },
    ],
  };
}

/**
 * The system user partition (`sysuser_partition`): static data that user threads of LL and IPC share, in memory
 * that no core caches. It holds the table of pipeline positions.
 */
export const sysuserPartition = {
  start: 0x5000_0000,
  size: 0x1000,
  attr: MemAttr.P_RW_U_RW | MemAttr.UNCACHED,
} as const satisfies MemPartition;
