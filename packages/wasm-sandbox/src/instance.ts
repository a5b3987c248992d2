import { assert } from "@sof-ts/kit";
import { ALIGN, LOG_BYTES, LOG_LINES, type ModuleExport } from "./abi.js";
import { classify, ModuleFault, SandboxStop } from "./fault.js";
import { LinkedInstances } from "./linked-instances.js";
import { metered } from "./metering/meter.js";
import { Notifications, type NotificationTaker } from "./notifications.js";
import type { IsolatedProgram } from "./program.js";

/** An export as the host calls it. Parameters that it does not have are ignored. */
export type Entry = (a?: number, b?: number, c?: number, d?: number) => number;

const nothing: Entry = () => 0;

/** What an instance reports to its host. */
export interface SandboxHost {
  readonly moduleId: number;
  readonly instanceId: number;
  /** Takes a line that the module logs. */
  readonly log: ((line: string) => void) | undefined;
  /** Takes a notification of the module for the host. */
  readonly notify: NotificationTaker | undefined;
  /** Takes the fault that ends the instance. */
  readonly report: ((fault: ModuleFault) => void) | undefined;
}

/**
 * One instance of an isolated module with its own memory: calls into it on a budget of fuel, and keeps why
 * it ended. Nothing that the module does throws at the caller.
 *
 * Calling context: any thread; does not block; an operation takes as long as its fuel lasts.
 */
export class SandboxInstance {
  readonly program: IsolatedProgram;
  /** Why the instance ended; null while it lives. */
  fault: ModuleFault | null = null;
  /** Fuel that the last operation used. */
  fuelUsed = 0;
  /** Views of the memory, made anew when it grows. */
  u8 = new Uint8Array(0);
  i32 = new Int32Array(0);
  private memory: WebAssembly.Memory | null = null;
  private readonly host: SandboxHost;
  private readonly entries = new Map<ModuleExport, Entry>();
  private refuel: (budget: number) => number = () => 0;
  private gauges: WebAssembly.Exports = {};
  private readonly libraries = new LinkedInstances();
  /** Fuel in the tank between operations. */
  private tank = 0;
  /** Lines that the present operation has logged. */
  private lines = 0;
  private readonly notifications: Notifications;
  /** The operation under way, and how many there have been. */
  private operation = "";
  private calls = 0;

  constructor(program: IsolatedProgram, host: SandboxHost) {
    this.program = program;
    this.host = host;
    this.notifications = new Notifications(host.notify);
  }

  /**
   * Makes the instance and runs the module's start function.
   *
   * @returns whether it lives
   */
  instantiate(budget: number): boolean {
    try {
      const { compiled, links } = this.program;
      const { imports, standIns } = this.libraries.addTo(this.imports(), links);
      const { exports } = new WebAssembly.Instance(compiled, imports);
      this.gauges = exports;
      this.memory = exports["memory"] as WebAssembly.Memory;
      this.refuel = exports[metered.refuel] as (budget: number) => number;
      this.libraries.connect(standIns, exports, this.imports(), this.memory);
    } catch (error) {
      // Segments that lie outside memory or tables end an instance before it has gauges.
      return this.end(error, "instantiate", budget);
    }
    this.look();
    const start = this.gauges[metered.start];
    if (typeof start === "function") this.call("start", start as Entry, budget);
    return this.fault === null;
  }

  /** An export of the module, looked up once; for an optional one that it lacks, a function that does nothing. */
  entry(name: ModuleExport): Entry {
    let entry = this.entries.get(name);
    if (entry === undefined) {
      const found = this.gauges[name];
      entry = typeof found === "function" ? (found as Entry) : nothing;
      this.entries.set(name, entry);
    }
    return entry;
  }

  /**
   * Runs one operation. The instance must live; whether it still does, {@link fault} tells.
   *
   * @param operation its name, for the fault
   * @param budget fuel that it may use
   * @returns what the module returned, 0 for nothing
   */
  call(operation: string, entry: Entry, budget: number, a = 0, b = 0, c = 0, d = 0): number {
    assert(this.fault === null, `operation ${operation} on an instance that has ended`);
    // The tank is filled again when an operation is over, so that the next of the same kind need not.
    if (this.tank !== budget) this.refuel(budget);
    // The tanks of libraries are empty but while they are called.
    if (this.libraries.count > 0) this.libraries.clear();
    this.lines = 0;
    this.operation = operation;
    this.calls++;
    let result: number;
    try {
      // An export without a result returns undefined.
      result = entry(a, b, c, d) | 0;
      this.fuelUsed = budget - this.refuel(budget);
      this.tank = budget;
      if (this.i32.length === 0) this.look();
    } catch (error) {
      this.end(error, operation, budget);
      return 0;
    }
    // Outside of the module's frames: what the host does with them is none of its faults.
    if (this.notifications.any) this.notifications.deliver();
    return result;
  }

  /** Ends the instance for something that the host found out about it. */
  stop(stop: SandboxStop, operation: string): void {
    this.end(stop, operation, this.fuelUsed, this.fuelUsed);
  }

  /**
   * Has the module allocate memory for the host.
   *
   * @returns an aligned address of `bytes` bytes; 0 when the module has no room or ended
   */
  alloc(operation: string, bytes: number, budget: number): number {
    const result = this.call(operation, this.entry("sof_module_alloc"), budget, bytes, ALIGN);
    if (result === 0) return 0;
    const address = result >>> 0;
    if (address % ALIGN === 0 && address + bytes <= this.u8.length) return address;
    const where = `0x${address.toString(16)} for ${bytes} bytes`;
    this.stop(new SandboxStop("bad-address", `sof_module_alloc returned ${where}`), operation);
    return 0;
  }

  private end(error: unknown, operation: string, budget: number, used?: number): boolean {
    if (this.fault !== null) return false;
    const { libraries } = this;
    const fuel = libraries.gauge(metered.fuel, sum, gauge(this.gauges, metered.fuel, budget));
    const { reason, detail } = classify(error, {
      fuel,
      depth: libraries.gauge(metered.depth, Math.max, gauge(this.gauges, metered.depth, 0)),
      denied: libraries.gauge(metered.denied, Math.max, gauge(this.gauges, metered.denied, 0)),
      stackBytes: this.program.limits.stackBytes,
    });
    this.fuelUsed = used ?? budget - Math.max(0, fuel);
    this.notifications.drop();
    this.fault = new ModuleFault(reason, operation, this.host, detail, this.fuelUsed);
    this.host.report?.(this.fault);
    return false;
  }

  private look(): void {
    const { buffer } = this.memory as WebAssembly.Memory;
    this.u8 = new Uint8Array(buffer);
    this.i32 = new Int32Array(buffer);
  }

  private imports(): WebAssembly.Imports {
    return {
      sof: {
        log: (address: number, bytes: number) => this.log(address >>> 0, bytes >>> 0),
        notify: (eventId: number, address: number, bytes: number) =>
          this.notify(eventId >>> 0, address >>> 0, bytes >>> 0),
      },
      env: {
        abort: (message: number, _file: number, line: number, column: number) => {
          const text = this.scriptString(message >>> 0);
          throw new SandboxStop("abort", `${text} at ${line >>> 0}:${column >>> 0}`);
        },
      },
    };
  }

  private log(address: number, bytes: number): void {
    if (++this.lines > LOG_LINES) return;
    const u8 = this.present();
    if (address + bytes > u8.length) {
      throw new SandboxStop("bad-address", `log of ${bytes} bytes at 0x${address.toString(16)}`);
    }
    const shown = u8.subarray(address, address + Math.min(bytes, LOG_BYTES));
    this.host.log?.(printable(utf8.decode(shown)));
  }

  private notify(eventId: number, address: number, bytes: number): number {
    const { notifications } = this;
    const rc = notifications.admit(this.operation, this.calls, bytes);
    if (rc !== 0) return rc;
    const u8 = this.present();
    if (address + bytes > u8.length) {
      const where = `0x${address.toString(16)}`;
      throw new SandboxStop("bad-address", `notification of ${bytes} bytes at ${where}`);
    }
    notifications.add(eventId, u8.slice(address, address + bytes));
    return 0;
  }

  /** A string of AssemblyScript: UTF-16, its length in bytes in front of it. Whatever is no string is "". */
  private scriptString(address: number): string {
    const u8 = this.present();
    if (address < 4 || address % 2 !== 0 || address > u8.length) return "";
    const view = new DataView(u8.buffer);
    const bytes = Math.min(view.getUint32(address - 4, true), LOG_BYTES, u8.length - address);
    return printable(utf16.decode(u8.subarray(address, address + (bytes & ~1))));
  }

  /** The memory as it is in the middle of an operation, which may have grown it. */
  private present(): Uint8Array {
    if (this.memory === null) return this.u8;
    return new Uint8Array(this.memory.buffer);
  }
}

/** Fuel is in one tank at a time. */
const sum = (a: number, b: number): number => a + b;

const utf8 = new TextDecoder();
const utf16 = new TextDecoder("utf-16le");

/** Text of a stranger, fit for a log of one line each. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what goes
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "?");
}

function gauge(exports: WebAssembly.Exports, name: string, otherwise: number): number {
  const found = exports[name];
  return found instanceof WebAssembly.Global ? Number(found.value) : otherwise;
}
