/** What an isolated module may use, enforced by the metering pass. */
export interface SandboxLimits {
  /** Size of the binary. */
  readonly binaryBytes: number;
  /** Pages of 64 KiB that the instance's memory may have. */
  readonly memoryPages: number;
  /** Entries that each of its tables may have. */
  readonly tableEntries: number;
  /** Bytes of stack that its calls may take: each frame's parameters, locals and operands. */
  readonly stackBytes: number;
}

/**
 * Limits that hold unless others are asked for: 1 MiB of code, 4 MiB of memory, and stack for a call depth
 * of about 2000 small functions, which the host's own stack has room for several times over.
 */
export const defaultLimits: SandboxLimits = {
  binaryBytes: 1 << 20,
  memoryPages: 64,
  tableEntries: 1 << 14,
  stackBytes: 1 << 17,
};

/** Bytes that the stack limit counts for a parameter, local or operand: the largest type's. */
const SLOT_BYTES = 16;
/** Bytes for the frame itself: return address, frame pointer, instance. */
const FRAME_BYTES = 48;

/** Bytes of stack that a function is charged for. */
export function frameBytes(slots: number): number {
  return FRAME_BYTES + SLOT_BYTES * slots;
}
