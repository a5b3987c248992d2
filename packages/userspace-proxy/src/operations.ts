import { EINVAL, EIO, ENOSYS } from "@sof-ts/kit";
import type {
  AudioModule,
  AudioStream,
  BindInfo,
  FragmentPosition,
  ModuleDriver,
  ModuleServices,
  Trigger,
} from "@sof-ts/module-api";
import type { ProxiedModule } from "./proxied-module.js";

/** Everything that a module is asked to do. */
export type Operation =
  | "init"
  | "prepare"
  | "process"
  | "reset"
  | "free"
  | "set configuration"
  | "get configuration"
  | "set param"
  | "get param"
  | "bind"
  | "unbind"
  | "trigger"
  | "set mode"
  | "get mode";

/** What an operation needs and may return. */
interface OperationFacts {
  /** The host's message is its input: the mailbox is mapped while it runs. */
  readonly mailbox: boolean;
  /** Whether it may return more than 0. */
  readonly value: boolean;
}

const plain: OperationFacts = { mailbox: false, value: false };

export const operationFacts: Readonly<Record<Operation, OperationFacts>> = {
  init: { mailbox: true, value: false },
  prepare: plain,
  process: plain,
  reset: plain,
  free: plain,
  "set configuration": { mailbox: true, value: false },
  "get configuration": { mailbox: true, value: true },
  "set param": plain,
  "get param": { mailbox: false, value: true },
  bind: plain,
  unbind: plain,
  trigger: plain,
  "set mode": plain,
  "get mode": { mailbox: false, value: true },
};

const noBytes = new Uint8Array(0);
const noStreams: readonly AudioStream[] = [];

/** What one operation is asked to do. Each request has its own, so that a lost one shares nothing with the next. */
export class OperationParams {
  readonly operation: Operation;
  /** Of init. */
  driver: ModuleDriver | null = null;
  services: ModuleServices | null = null;
  sources: readonly AudioStream[] = noStreams;
  sinks: readonly AudioStream[] = noStreams;
  /** Payload of init, fragment of a configuration, buffer for one. */
  bytes: Uint8Array = noBytes;
  paramId = 0;
  position: FragmentPosition = "single";
  /** Size or offset of a fragment, value of a parameter, mode. */
  value = 0;
  info: BindInfo | null = null;
  command: Trigger = "stop";

  constructor(operation: Operation) {
    this.operation = operation;
  }
}

/**
 * Carries an operation other than init out. Calling context: the thread that runs the module, in user mode.
 *
 * @returns the module's result
 */
export function carryOut(module: ProxiedModule, params: OperationParams): number {
  const { operation, paramId, value, bytes, info } = params;
  switch (operation) {
    case "prepare":
      return module.prepare(params.sources, params.sinks);
    case "process":
      return module.process(params.sources, params.sinks);
    case "reset":
      return module.reset();
    case "free":
      module.free();
      return 0;
    case "set configuration":
      return module.setConfiguration?.(paramId, params.position, value, bytes) ?? -EINVAL;
    case "get configuration":
      return module.getConfiguration?.(paramId, bytes) ?? -EINVAL;
    case "set param":
      return module.setConfigParam?.(paramId, value) ?? -ENOSYS;
    case "get param":
      return module.getConfigParam?.(paramId) ?? -ENOSYS;
    case "bind":
      return info === null ? -EINVAL : (module.bind?.(info) ?? 0);
    case "unbind":
      return info === null ? -EINVAL : (module.unbind?.(info) ?? 0);
    case "trigger":
      return module.trigger?.(params.command) ?? 0;
    case "set mode":
      return module.setProcessingMode?.(value) ?? -ENOSYS;
    case "get mode":
      return module.getProcessingMode?.() ?? -ENOSYS;
    case "init":
      return -EINVAL;
  }
}

/** Makes an instance. Calling context as {@link carryOut}. */
export function carryOutInit(params: OperationParams): AudioModule | number {
  const { driver, services, bytes } = params;
  return driver === null || services === null ? -EINVAL : driver.create(services, bytes);
}

/**
 * What a result in a work item counts for. The item lies in memory that the module can write, so it may hold
 * anything.
 *
 * @returns the result; -EIO for what the operation cannot return
 */
export function trustedResult({ operation, bytes }: OperationParams, result: number): number {
  if (!Number.isInteger(result) || result < -4095) return -EIO;
  if (result <= 0) return result;
  const most = operation === "get configuration" ? bytes.length : 0x7fff_ffff;
  return operationFacts[operation].value && result <= most ? result : -EIO;
}
