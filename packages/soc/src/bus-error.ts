/** Why an access to a device or to memory could not be carried out. */
export type BusFault = "unmapped" | "unaligned" | "readOnly";

/**
 * An access that no device answers. On hardware it ends as an exception of the core (or as all ones on the
 * host's bus); the model throws, and the caller that stands for the bus master turns it into its own fault.
 */
export class BusError extends Error {
  override readonly name = "BusError";
  readonly fault: BusFault;
  /** Byte offset in the register file, or address. */
  readonly offset: number;
  readonly access: "read" | "write";
  /** Register file or memory region that was addressed. */
  readonly device: string;

  constructor(device: string, fault: BusFault, access: "read" | "write", offset: number) {
    super(`${device}: ${fault} ${access} at 0x${offset.toString(16)}`);
    this.device = device;
    this.fault = fault;
    this.access = access;
    this.offset = offset;
  }
}
