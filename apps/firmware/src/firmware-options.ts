import type { TrustedKeys } from "@sof-ts/firmware-image";
import type { LibraryLoader } from "@sof-ts/ipc4-helper";
import type { CheckerName } from "@sof-ts/explorer";
import type { Chooser, KernelTrace } from "@sof-ts/kernel";
import type { ModuleDriver } from "@sof-ts/module-api";
import type { FirmwareConfig } from "./config.js";

/** What a firmware is made of, beyond its defaults. */
export interface FirmwareOptions {
  readonly config?: Partial<FirmwareConfig>;
  /** Modules by module id, instead of the built-in table. */
  readonly modules?: ReadonlyMap<number, ModuleDriver>;
  /** Decides every order that hardware and RTOS leave open. */
  readonly chooser?: Chooser;
  /**
   * Cycles by which the cores' clocks may differ: what is due within so many cycles on different cores may happen
   * in any order, and the chooser decides. 0 unless given: only what is due at the same instant.
   */
  readonly skewCycles?: number;
  readonly trace?: KernelTrace;
  /**
   * Runs checked: all checkers of `@sof-ts/explorer`, or those named. What they find is in `firmware.checks`.
   * The run itself stays the same, cycle for cycle.
   */
  readonly checked?: boolean | readonly CheckerName[];
  /** Whose signatures the library manager takes; nobody's unless given. */
  readonly libraryKeys?: TrustedKeys;
  /** Loads libraries in place of the firmware's own library manager. */
  readonly libraries?: LibraryLoader;
  /** Runs when the DSP raises the host's interrupt. */
  readonly onHostInterrupt?: () => void;
}
