import { file as baseFirmwareGet } from "./cases/base-firmware-get.js";
import { file as baseFirmwareSet } from "./cases/base-firmware-set.js";
import { file as config } from "./cases/config.js";
import { file as connections } from "./cases/connections.js";
import { file as dmaChains } from "./cases/dma-chains.js";
import { file as dispatch } from "./cases/dispatch.js";
import { file as instances } from "./cases/instances.js";
import { file as ipcGateways } from "./cases/ipc-gateways.js";
import { file as libraries } from "./cases/libraries.js";
import { file as notifications } from "./cases/notifications.js";
import { file as pipelineState } from "./cases/pipeline-state.js";
import { file as pipelines } from "./cases/pipelines.js";
import { file as power } from "./cases/power.js";
import { file as registers } from "./cases/registers.js";
import { file as resourceEvents } from "./cases/resource-events.js";
import { file as vendorConfig } from "./cases/vendor-config.js";
import { conditions, type MessageName } from "./conditions.js";
import type { ProtocolCase, UnreachableCondition } from "./protocol-case.js";

const files = [
  baseFirmwareGet,
  baseFirmwareSet,
  config,
  connections,
  dispatch,
  dmaChains,
  instances,
  ipcGateways,
  libraries,
  notifications,
  pipelineState,
  pipelines,
  power,
  registers,
  resourceEvents,
  vendorConfig,
];

/** The cases of all files. */
export const cases: readonly ProtocolCase[] = files.flatMap((file) => file.cases);

/** The conditions that cannot happen. */
export const unreachable: readonly UnreachableCondition[] = files.flatMap(
  (file) => file.unreachable,
);

/** All cases by message, in the order of the table of conditions. */
export function casesByMessage(): readonly {
  readonly message: MessageName;
  readonly cases: readonly ProtocolCase[];
}[] {
  return (Object.keys(conditions) as MessageName[]).map((message) => ({
    message,
    cases: cases.filter((one) => one.message === message),
  }));
}
