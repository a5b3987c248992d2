import type { ModuleServices, Trigger } from "@sof-ts/module-api";

/** Slots in the firmware registers, one a host stream. */
export const PIPELINE_REGISTER_SLOTS = 16;

const NOT_STARTED = 0xffff_ffff_ffff_ffffn;

/**
 * Start and end offset of a host playback stream, in bytes of its link (IPC4 `pipeline_regs`): the host
 * subtracts them from the link's position and so knows how much of its own stream was heard.
 */
export class PipelineRegisters {
  private readonly services: ModuleServices;
  private readonly slot: number;
  private start = NOT_STARTED;
  private end = NOT_STARTED;

  constructor(services: ModuleServices, slot: number) {
    this.services = services;
    this.slot = slot;
    this.clear();
  }

  /** Back to "not started". */
  clear(): void {
    this.write(NOT_STARTED, NOT_STARTED);
  }

  trigger(command: Trigger): void {
    if (command !== "start" && command !== "pause" && command !== "release") return;
    const link = this.services.linkPosition?.() ?? null;
    if (link === null) {
      this.write(0n, 0n);
      return;
    }
    const latencyBytes = BigInt(link.latencyPeriods * link.periodBytes);
    if (command === "start") this.write(link.bytes + latencyBytes, 0n);
    else if (command === "pause") this.write(this.start, link.bytes);
    else this.write(this.start + link.bytes - this.end + latencyBytes, 0n);
  }

  private write(start: bigint, end: bigint): void {
    this.start = start;
    this.end = end;
    this.services.registers.writePipelineRegisters(this.slot, start, end);
  }
}
