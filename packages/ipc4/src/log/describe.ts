import { messageName } from "../message/types.js";
import { decodeWords } from "../message/message.js";
import type { Ipc4Notification } from "../message/notification.js";
import type { Ipc4Reply } from "../message/reply.js";
import type { Ipc4Message } from "../message/request.js";
import { statusName } from "../message/status.js";
import { NO_PIPELINE, pipelineStateName, ProcDomain } from "../message/types.js";
import type { Words } from "../message/word-layout.js";
import { namesOf } from "../names.js";
import { BaseFwParam } from "../payload/base-fw-params.js";
import { ControlParam } from "../payload/control.js";
import { GenericParam } from "../payload/module-params.js";
import { describePayload } from "./describe-payload.js";

const baseFwNames = namesOf(BaseFwParam);
const controlNames = namesOf(ControlParam);
const genericNames = namesOf(GenericParam);

/**
 * Says in one line what a message means, and on indented lines below it what its payload holds. Plain
 * function; never throws on what comes from outside.
 *
 * @param words any two words: request, reply or notification, told apart by their own bits
 * @param payload what is known of the payload; it may be cut
 */
export function describe(words: Words, payload?: Uint8Array): string {
  const any = decodeWords(words.primary, words.extension);
  switch (any.type) {
    case "request": {
      const lines = payload === undefined ? [] : describePayload(any.message, payload);
      return [describeRequest(any.message, words), ...lines.map((line) => `  ${line}`)].join("\n");
    }
    case "reply":
      return describeReply(any.message, words);
    case "notification": {
      const lines = payload === undefined ? [] : describePayload(any.message, payload);
      const head = describeNotification(any.message, words);
      return [head, ...lines.map((line) => `  ${line}`)].join("\n");
    }
  }
}

/** Names a large parameter where the protocol does: those of the base firmware, controls, generic ones. */
export function largeParamName(moduleId: number, paramId: number): string {
  const name =
    (moduleId === 0 ? baseFwNames(paramId) : undefined) ??
    genericNames(paramId) ??
    controlNames(paramId);
  return name === undefined ? `parameter ${paramId}` : `${name} (${paramId})`;
}

const instanceName = (module: number, instance: number): string =>
  module === 0 && instance === 0 ? "base firmware" : `module ${module} instance ${instance}`;

const list = (...parts: (string | false)[]): string =>
  parts.filter((part) => part !== false && part !== "").join(", ");

function describeRequest(message: Ipc4Message, words: Words): string {
  switch (message.kind) {
    case "create-pipeline":
      return `create pipeline ${message.pipelineId}: ${list(
        `${message.memPages} pages`,
        `priority ${message.priority}`,
        `core ${message.coreId}`,
        message.lowPower && "low power",
        message.attributes !== 0 && `attributes ${message.attributes}`,
        message.hasPayload && "with payload",
      )}`;
    case "delete-pipeline":
      return `delete pipeline ${message.pipelineId}`;
    case "set-pipeline-state": {
      const which = message.multiPipeline ? "listed pipelines" : `pipeline ${message.pipelineId}`;
      return `set ${which} to ${pipelineStateName(message.state)}`;
    }
    case "get-pipeline-state":
      return `get state of pipeline ${message.pipelineId}`;
    case "chain-dma":
      return `chain DMA host ${message.hostDmaId} and link ${message.linkDmaId}: ${list(
        message.allocate ? "allocate" : "free",
        message.enable ? "enable" : "disable",
        message.scs ? "2-byte samples" : "4-byte samples",
        `FIFO ${message.fifoSize} bytes`,
      )}`;
    case "load-library":
      return `load library ${message.libId} from DMA ${message.dmaId}`;
    case "load-library-prepare":
      return `prepare DMA ${message.dmaId} to load a library`;
    case "init-instance":
      return `create ${instanceName(message.moduleId, message.instanceId)}: ${list(
        message.pipelineId === NO_PIPELINE ? "no pipeline" : `pipeline ${message.pipelineId}`,
        `core ${message.coreId}`,
        message.procDomain === ProcDomain.LOW_LATENCY ? "LL" : "DP",
        `${message.paramBlockWords * 4} bytes`,
        message.extendedInit && "extended init",
      )}`;
    case "bind":
    case "unbind":
      return (
        `${message.kind} ${instanceName(message.moduleId, message.instanceId)} queue ` +
        `${message.srcQueue} to ${instanceName(message.dstModuleId, message.dstInstanceId)} queue ` +
        `${message.dstQueue}`
      );
    case "config-get":
    case "config-set":
      return (
        `${message.kind === "config-get" ? "get" : "set"} small parameter ${message.paramId} of ` +
        `${instanceName(message.moduleId, message.instanceId)}: ${message.data}`
      );
    case "large-config-get":
    case "large-config-set":
      return (
        `${message.kind === "large-config-get" ? "get" : "set"} ` +
        `${largeParamName(message.moduleId, message.paramId)} of ` +
        `${instanceName(message.moduleId, message.instanceId)}: ${fragmentText(message)}`
      );
    case "delete-instance":
      return `delete ${instanceName(message.moduleId, message.instanceId)}`;
    case "set-dx":
      return "switch cores on and off";
    case "set-d0ix":
      return `set D0ix: ${list(
        message.preventPowerGating ? "prevent power gating" : "allow power gating",
        message.preventLocalClockGating && "prevent local clock gating",
        message.streaming && "streaming",
        message.wake && "wake",
      )}`;
    default:
      return otherFields(messageName(words.primary), message);
  }
}

interface Fragment {
  readonly initBlock: boolean;
  readonly finalBlock: boolean;
  readonly dataOffSize: number;
}

function fragmentText({ initBlock, finalBlock, dataOffSize }: Fragment): string {
  if (!initBlock) return `${finalBlock ? "last" : "next"} block at ${dataOffSize}`;
  return `${finalBlock ? "" : "first block of "}${dataOffSize} bytes`;
}

function describeReply(reply: Ipc4Reply, words: Words): string {
  const { status } = reply;
  const name = statusName(status);
  const text = name === String(status) ? `status ${status}` : `${name} (${status})`;
  const head = `reply to ${messageName(words.primary)}: ${status === 0 ? "success" : text}`;
  if (status !== 0) return head;
  if (reply.kind === "large-config-get") return `${head}, ${fragmentText(reply)}`;
  if (reply.kind === "config-get") return `${head}, ${reply.data}`;
  return head;
}

function describeNotification(notification: Ipc4Notification, words: Words): string {
  switch (notification.kind) {
    case "fw-ready":
      return `firmware is ready${notification.librariesRestored ? ", libraries restored" : ""}`;
    case "exception-caught":
      return `exception on core ${notification.coreId}`;
    case "log-buffer-status":
      return `log of core ${notification.coreId} has new entries`;
    case "phrase-detected":
      return `phrase ${notification.wordId} detected, score ${notification.score}`;
    case "watchdog-timeout":
      return `watchdog time-out on core ${notification.coreId}`;
    default:
      return otherFields(messageName(words.primary), notification);
  }
}

/** Lists the fields of a message that has no sentence of its own. */
function otherFields(name: string, message: object): string {
  const fields = Object.entries(message)
    .filter(([key, value]) => key !== "kind" && value !== 0 && value !== false)
    .map(([key, value]) => `${key} ${String(value)}`);
  return fields.length === 0 ? name : `${name}: ${fields.join(", ")}`;
}
