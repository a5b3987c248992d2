import { InputError } from "@sof-ts/kit";
import type { AudioFormat } from "../audio-format.js";
import type { BaseModuleCfg } from "../base-module-cfg.js";
import type { Ipc4Notification } from "../message/notification.js";
import type { Ipc4Message, MessageOfKind } from "../message/request.js";
import { statusName } from "../message/status.js";
import { hex } from "../names.js";
import { BaseFwParam, dxState, logState, systemTime } from "../payload/base-fw-params.js";
import { ControlParam, decodeBytesControl, decodeChannelControl } from "../payload/control.js";
import type { DataObject } from "../payload/data-objects.js";
import { decodeExtendedInit } from "../payload/extended-init.js";
import { type GainEntry, gainEntry, GainParam, rampMs } from "../payload/gain.js";
import { describeNodeId } from "../payload/node-id.js";
import {
  decodeModuleNotification,
  processDataError,
  resourceEvent,
  resourceEventName,
  ResourceEventType,
  resourceTypeName,
} from "../payload/notification-payloads.js";
import { decodeCreatePipelinePayload, decodePipelineIds } from "../payload/pipeline-payloads.js";
import { guessInitPayload } from "./init-guess.js";

/**
 * Says what the payload of a request or notification holds.
 *
 * @returns lines; bytes that cannot be read as what they should be are shown as they are, with the reason
 */
export function describePayload(
  message: Ipc4Message | Ipc4Notification,
  payload: Uint8Array,
): string[] {
  try {
    return linesOf(message, payload) ?? dump(payload);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return [`payload is not readable: ${error.message}`, ...dump(payload)];
  }
}

function linesOf(
  message: Ipc4Message | Ipc4Notification,
  payload: Uint8Array,
): string[] | undefined {
  switch (message.kind) {
    case "create-pipeline":
      return message.hasPayload
        ? decodeCreatePipelinePayload(payload).objects.map((object) => describeObject(object))
        : undefined;
    case "set-pipeline-state":
      return message.multiPipeline
        ? [`pipelines ${decodePipelineIds(payload).join(", ")}`]
        : undefined;
    case "set-dx": {
      const { coreMask, dxMask } = dxState.decode(payload);
      return [`cores ${hex(coreMask)}, on ${hex(dxMask)}`];
    }
    case "init-instance":
      return describeInit(message, payload);
    case "large-config-set":
      return message.initBlock && message.finalBlock
        ? describeParameter(message, payload)
        : undefined;
    case "resource-event":
      return describeResourceEvent(payload);
    case "module-notification": {
      const { moduleId, instanceId, eventId, data } = decodeModuleNotification(payload);
      return [`module ${moduleId} instance ${instanceId}, event ${hex(eventId)}`, ...dump(data)];
    }
    default:
      return undefined;
  }
}

const describeObject = ({ id, data }: DataObject): string => `object ${id}: ${data.length} bytes`;

/** "48000 Hz, 2 channels, 16 bits in 32" */
function formatText(format: AudioFormat): string {
  const { samplingFrequency, channelsCount, validBitDepth, depth } = format;
  const bits = validBitDepth === depth ? `${depth} bits` : `${validBitDepth} bits in ${depth}`;
  return `${samplingFrequency} Hz, ${channelsCount} channels, ${bits}, map ${hex(format.chMap)}`;
}

const baseText = ({ ibs, obs, cpc, audioFmt }: BaseModuleCfg): string =>
  `in ${formatText(audioFmt)}; ibs ${ibs}, obs ${obs}, cpc ${cpc}`;

function describeInit(message: MessageOfKind<"init-instance">, payload: Uint8Array): string[] {
  const lines: string[] = [];
  let own = payload;
  if (message.extendedInit) {
    const extended = decodeExtendedInit(payload);
    lines.push(...extended.objects.map((object) => describeObject(object)));
    own = extended.init;
  }
  const cut = payload.length < message.paramBlockWords * 4;
  const guess = cut ? undefined : guessInitPayload(own);
  if (guess === undefined) {
    const size = `${payload.length} of ${message.paramBlockWords * 4} bytes`;
    return [...lines, ...(cut ? [`payload is cut: ${size}`] : []), ...dump(own)];
  }
  lines.push(`${guess.kind}: ${baseText(guess.base)}`);
  switch (guess.kind) {
    case "copier": {
      const { outFmt, featureMask, gateway } = guess.config;
      lines.push(
        `out ${formatText(outFmt)}`,
        `gateway ${describeNodeId(gateway.nodeId)}, DMA buffer ${gateway.dmaBufferSize} bytes, ` +
          `configuration ${gateway.configData.length} bytes` +
          (featureMask === 0 ? "" : `, features ${hex(featureMask)}`),
      );
      break;
    }
    case "gain":
      lines.push(...guess.config.entries.map((entry) => gainText(entry)));
      break;
    case "base-with-pins": {
      const { inputPins, outputPins } = guess.config;
      lines.push(`${inputPins.length} input pins, ${outputPins.length} output pins`);
      break;
    }
    case "src":
      lines.push(`out ${guess.config.sinkRate} Hz`);
      break;
    case "asrc":
      lines.push(`out ${guess.config.outFreq} Hz, mode ${guess.config.mode}`);
      break;
    case "base-with-data":
      lines.push(...dump(guess.data));
      break;
    case "base":
      break;
  }
  return lines;
}

function gainText({ channelId, targetVolume, curveType, curveDuration }: GainEntry): string {
  const channel = channelId === 0xffff_ffff ? "all channels" : `channel ${channelId}`;
  return `${channel}: volume ${hex(targetVolume)}, curve ${curveType} over ${rampMs(curveDuration)} ms`;
}

function describeParameter(
  message: MessageOfKind<"large-config-set">,
  payload: Uint8Array,
): string[] | undefined {
  const { moduleId, paramId } = message;
  if (moduleId === 0) {
    if (paramId === BaseFwParam.SYSTEM_TIME) {
      return [`${systemTime.decode(payload).timeUs} us`];
    }
    if (paramId === BaseFwParam.ENABLE_LOGS) {
      const { enable, agingTimerPeriodMs, logsPrioritiesMask } = logState.decode(payload);
      return [
        `logs ${enable === 0 ? "off" : "on"}, aging ${agingTimerPeriodMs} ms, ` +
          `priorities ${hex(logsPrioritiesMask[0] ?? 0)}`,
      ];
    }
    return undefined;
  }
  switch (paramId) {
    case ControlParam.SWITCH:
    case ControlParam.ENUM: {
      const { id, values } = decodeChannelControl(payload);
      const texts = values.map(({ channel, value }) => `channel ${channel} = ${value}`);
      return [`control ${id}: ${texts.join(", ")}`];
    }
    case ControlParam.BYTES: {
      const { id, data } = decodeBytesControl(payload);
      return [`control ${id}: ${data.length} bytes`, ...dump(data)];
    }
    case GainParam.VOLUME: {
      // Other modules have a parameter 0 too; a volume tells itself by its length and channel.
      if (payload.length !== gainEntry.size) return undefined;
      const entry = gainEntry.decode(payload);
      return entry.channelId < 8 || entry.channelId === 0xffff_ffff ? [gainText(entry)] : undefined;
    }
    default:
      return undefined;
  }
}

function describeResourceEvent(payload: Uint8Array): string[] {
  const { resourceType, resourceId, eventType, eventData } = resourceEvent.decode(payload);
  const what = `${resourceEventName(eventType)} of ${resourceTypeName(resourceType)} ${hex(resourceId)}`;
  if (eventType !== ResourceEventType.PROCESS_DATA_ERROR) return [what];
  const { errorCode } = processDataError.decode(eventData);
  return [`${what}: ${errorCode < 0 ? statusName(errorCode + 0x100_0000) : errorCode}`];
}

/** Bytes as hexadecimal, 16 to a line, eight lines at most. */
function dump(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  for (let offset = 0; offset < bytes.length && offset < 128; offset += 16) {
    const row = [...bytes.subarray(offset, offset + 16)];
    lines.push(row.map((byte) => byte.toString(16).padStart(2, "0")).join(" "));
  }
  if (bytes.length > 128) lines.push(`... ${bytes.length - 128} more bytes`);
  return lines;
}
