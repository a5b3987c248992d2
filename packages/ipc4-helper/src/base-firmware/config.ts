import type { AudioGraph } from "@sof-ts/pipeline";
import type { Notifier } from "../notifier.js";
import type { FirmwarePort, MachinePort, ModuleDirectory } from "../ports.js";
import type { FirmwareFacts } from "./facts.js";

/** What the base firmware knows of the rest of the firmware. */
export interface BaseFirmwareConfig {
  readonly facts: FirmwareFacts;
  readonly directory: ModuleDirectory;
  readonly graph: AudioGraph;
  readonly firmware: Pick<FirmwarePort, "options" | "coreCount" | "coreEnabled" | "libraries">;
  readonly machine: MachinePort;
  readonly notifier: Notifier;
  /** Scheduling period in microseconds. */
  readonly periodUs: number;
}
