import { InvariantError } from "@sof-ts/kit";
import { BusError } from "./bus-error.js";
import { Register, type RegisterField } from "./register.js";

/** What a device adds to the access rules of one register. */
export interface RegisterHooks {
  /** Brings {@link Register.value} up to date before software reads it. */
  readonly onRead?: (register: Register) => void;
  /** Runs after the access rules were applied. `written` is the word as software wrote it. */
  readonly onWrite?: (register: Register, written: number, before: number) => void;
}

/**
 * The registers of one device as a bus sees them: 32-bit accesses at byte offsets. Callable from any
 * context; never blocks.
 */
export class RegisterFile {
  readonly name: string;
  /** Bytes that the file spans. */
  readonly size: number;
  private readonly slots: (Register | null)[];
  private readonly hooks: (RegisterHooks | null)[];
  private readonly takesWrite: ((register: Register) => boolean) | null;

  /** @param takesWrite tells whether the device takes a write at all now; one held in reset does not */
  constructor(
    name: string,
    size: number,
    takesWrite: ((register: Register) => boolean) | null = null,
  ) {
    this.name = name;
    this.size = size;
    this.takesWrite = takesWrite;
    this.slots = Array.from({ length: size / 4 }, () => null);
    this.hooks = Array.from({ length: size / 4 }, () => null);
  }

  /**
   * Adds a register.
   *
   * @throws InvariantError when its offset is taken or outside the file, or its bits are not claimed once
   */
  define(
    name: string,
    offset: number,
    fields: readonly RegisterField[],
    hooks: RegisterHooks = {},
  ): Register {
    const register = new Register(name, offset, fields);
    if (offset >= this.size)
      throw new InvariantError(`${this.name}: register ${name} lies outside the file`);
    if (this.slots[offset / 4] !== null) {
      throw new InvariantError(`${this.name}: two registers at 0x${offset.toString(16)}`);
    }
    this.slots[offset / 4] = register;
    this.hooks[offset / 4] = hooks;
    return register;
  }

  /** All registers, by offset: what the device declares, for tests and debuggers. */
  registers(): readonly Register[] {
    return this.slots.filter((register) => register !== null);
  }

  /**
   * Reads a register as software does; write-only and reserved bits read as 0.
   *
   * @throws BusError `unaligned`, or `unmapped` where there is no register
   */
  read32(offset: number): number {
    const register = this.find(offset, "read");
    this.hooks[offset >> 2]?.onRead?.(register);
    return (register.value & register.readable) >>> 0;
  }

  /**
   * Writes a register as software does.
   *
   * @throws BusError `unaligned`, or `unmapped` where there is no register
   */
  write32(offset: number, value: number): void {
    const register = this.find(offset, "write");
    if (this.takesWrite !== null && !this.takesWrite(register)) return;
    const before = register.value;
    register.store(value);
    this.hooks[offset >> 2]?.onWrite?.(register, value >>> 0, before);
  }

  /** Puts every register back to its reset value, without side effects. */
  reset(): void {
    for (const register of this.slots) {
      if (register !== null) register.value = register.resetValue;
    }
  }

  private find(offset: number, access: "read" | "write"): Register {
    if ((offset & 3) !== 0) throw new BusError(this.name, "unaligned", access, offset);
    const register = this.slots[offset >> 2];
    if (register === undefined || register === null)
      throw new BusError(this.name, "unmapped", access, offset);
    return register;
  }
}
