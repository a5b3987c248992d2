import { Status } from "@sof-ts/ipc4";
import { type FatalInfo, FatalReason } from "@sof-ts/kernel";
import { errnoName } from "@sof-ts/kit";
import type { LostOperation } from "@sof-ts/userspace-proxy";
import type { WindowRegisters } from "./firmware-registers.js";
import type { ThrownOperation } from "./instances/instance-factory.js";

/** Where it is written down. */
type Log = (level: "error", module: string, message: string) => void;

/**
 * Counts and logs what modules do wrong outside the LL tick. Calling context: any, the fatal error handler
 * included; does not block.
 */
export class ModuleFaults {
  /** How often a module threw: in an operation, which failed, or in a thread of its own, which ended. */
  count = 0;
  private readonly registers: WindowRegisters;
  private readonly log: Log;

  constructor(registers: WindowRegisters, log: Log) {
    this.registers = registers;
    this.log = log;
  }

  /** An operation of an isolated module did not end. */
  lost({ moduleId, instanceId, operation, error }: LostOperation): void {
    const who = nameOf(moduleId, instanceId);
    this.log("error", "proxy", `${who}: ${operation} was lost (${errnoName(error)})`);
  }

  /** A module threw in an operation. */
  thrown({ moduleId, instanceId, operation, error }: ThrownOperation): void {
    this.record(FatalReason.CPU_EXCEPTION);
    this.log(
      "error",
      "module",
      `${nameOf(moduleId, instanceId)}: ${operation} threw: ${String(error)}`,
    );
  }

  /** A thread that runs a single module ended. */
  threadEnded({ thread, reason, message }: FatalInfo): void {
    this.record(reason);
    this.log("error", "os", `thread ${thread.name} ended: ${message}`);
  }

  private record(reason: FatalReason): void {
    this.count++;
    this.registers.setLastError(Status.FAILURE, reason);
  }
}

const nameOf = (moduleId: number, instanceId: number): string =>
  `module ${moduleId.toString(16)} instance ${instanceId}`;
