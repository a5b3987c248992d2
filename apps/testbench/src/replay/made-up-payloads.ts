import {
  ALL_CHANNELS,
  type AudioFormat,
  BaseFwParam,
  baseModuleCfg,
  ChannelConfig,
  CopierParam,
  CurveType,
  dxState,
  encodeBaseModuleCfgExt,
  encodeCopierConfig,
  encodeCreatePipelinePayload,
  encodeExtendedInit,
  encodeGainConfig,
  encodePipelineIds,
  gainEntry,
  type Ipc4Message,
  logState,
  MAILBOX_BYTES,
  type MessageOfKind,
  positionChannelMap,
  sinkFormat,
  srcConfig,
  systemTime,
  VOLUME_UNITY,
  WireSampleType,
} from "@sof-ts/ipc4";
import { copierConfigOf, type CopierRole, type GatewayNumbers } from "./copier-role.js";

/** A payload and what of it was made up. */
export interface MadePayload {
  readonly bytes: Uint8Array;
  /** The rule by which missing bytes were made; null when all are the log's. */
  readonly rule: string | null;
}

/** What a made-up payload follows from, beside the message itself. */
export interface PayloadContext {
  /** Name in our manifest of the module that the message is for; null when our image has none. */
  readonly module: string | null;
  /** Bytes that the log states, or undefined. */
  readonly dataSize: number | undefined;
  /** What the log has of the payload. */
  readonly known: Uint8Array | undefined;
  /** Pipelines that a list without bytes is about, as our firmware has them. */
  readonly pipelines: readonly number[];
  /** When the message was logged, in microseconds; 0 where the log has no times. */
  readonly timeUs: number;
  readonly gateways: GatewayNumbers;
  /** What the copier of an INIT_INSTANCE is for. */
  role(): CopierRole;
  /** Init payload of the instance that the message is for, where it was made before. */
  readonly initPayload: Uint8Array | undefined;
}

/** 48 kHz stereo in 32 bits: what topologies run inside the DSP. */
const FORMAT: AudioFormat = {
  samplingFrequency: 48_000,
  depth: 32,
  chMap: positionChannelMap(2),
  chCfg: ChannelConfig.STEREO,
  interleavingStyle: 0,
  channelsCount: 2,
  validBitDepth: 32,
  sampleType: WireSampleType.LSB_INTEGER,
};
/** Bytes of a period of 1 ms in that format. */
const PERIOD_BYTES = 384;
const BASE = {
  cpc: 0,
  ibs: PERIOD_BYTES,
  obs: PERIOD_BYTES,
  isPages: 1,
  audioFmt: FORMAT,
};
/** 20 ms in units of 100 ns, the driver's ramp. */
const RAMP = 200_000n;
const VOLUME = {
  channelId: ALL_CHANNELS,
  targetVolume: VOLUME_UNITY,
  curveType: CurveType.WINDOWS_FADE,
  curveDuration: RAMP,
};
const NOTHING = new Uint8Array(0);
const BASE_BYTES = 40;
const PIN_HEADER_BYTES = 16;
const PIN_BYTES = 32;

/** The payload of a request: the log's bytes where it has them, and what a rule says in their place. */
export function payloadFor(message: Ipc4Message, context: PayloadContext): MadePayload {
  const { known } = context;
  const size = Math.min(MAILBOX_BYTES, sizeOf(message, context));
  if (known !== undefined && known.length >= size) return { bytes: known, rule: null };
  const made = makeUp(message, size, context);
  if (made === null) return { bytes: known ?? NOTHING, rule: null };
  if (known === undefined || known.length === 0) return made;
  const bytes = made.bytes.slice();
  bytes.set(known.subarray(0, bytes.length));
  return { bytes, rule: `first ${known.length} bytes from the log, then ${made.rule}` };
}

/** Bytes that a message says it has, or the log says of it. */
function sizeOf(message: Ipc4Message, { dataSize, pipelines }: PayloadContext): number {
  if (dataSize !== undefined) return dataSize;
  switch (message.kind) {
    case "init-instance":
      return message.paramBlockWords * 4;
    case "large-config-set":
      return message.initBlock ? message.dataOffSize : 0;
    case "set-pipeline-state":
      return message.multiPipeline ? 4 + 4 * pipelines.length : 0;
    case "create-pipeline":
      return message.hasPayload ? 12 : 0;
    case "set-dx":
      return dxState.size;
    default:
      return 0;
  }
}

function makeUp(message: Ipc4Message, size: number, context: PayloadContext): MadePayload | null {
  switch (message.kind) {
    case "create-pipeline":
      if (!message.hasPayload) return null;
      return {
        bytes: padded(encodeCreatePipelinePayload({ objects: [] }), size),
        rule: "no data objects",
      };
    case "set-pipeline-state": {
      if (!message.multiPipeline) return null;
      const ids = context.pipelines.slice(0, Math.max(0, size / 4 - 1));
      return { bytes: padded(encodePipelineIds(ids), size), rule: `pipelines ${ids.join(", ")}` };
    }
    case "set-dx":
      return { bytes: dxState.encode({ coreMask: 1, dxMask: 0 }), rule: "core 0 off" };
    case "init-instance":
      return initPayload(message, size, context);
    case "large-config-set":
      return size === 0 ? null : parameter(message, size, context);
    default:
      return size === 0 ? null : { bytes: new Uint8Array(size), rule: "zeros" };
  }
}

function initPayload(
  message: MessageOfKind<"init-instance">,
  size: number,
  context: PayloadContext,
): MadePayload {
  if (!message.extendedInit) return ordinaryInit(size, context);
  const empty = { rtosDomain: false, gnaUsed: false, objects: [], init: NOTHING };
  const headBytes = encodeExtendedInit(empty).length;
  const own = ordinaryInit(Math.max(0, size - headBytes), context);
  return {
    bytes: encodeExtendedInit({ ...empty, init: own.bytes }),
    rule: `extended header without objects, ${own.rule}`,
  };
}

function ordinaryInit(size: number, context: PayloadContext): MadePayload {
  const { module } = context;
  const format = "48 kHz stereo 32 bit";
  if (module === "COPIER" && size >= 84) {
    const role = context.role();
    const gateway = context.gateways.make(role, size, 2 * PERIOD_BYTES);
    const bytes = encodeCopierConfig({ base: BASE, outFmt: FORMAT, featureMask: 0, gateway });
    const rule = role.end === "none" ? "no gateway" : `${role.end} ${role.direction}`;
    return { bytes: padded(bytes, size), rule: `${format}, ${rule}` };
  }
  if ((module === "GAIN" || module === "PEAKVOL") && size >= 64) {
    const bytes = encodeGainConfig({ base: BASE, entries: [VOLUME] });
    return { bytes: padded(bytes, size), rule: `${format}, 0 dB` };
  }
  if ((module === "SRC" || module === "SRC_LITE") && size === srcConfig.size) {
    const bytes = srcConfig.encode({ base: BASE, sinkRate: FORMAT.samplingFrequency });
    return { bytes, rule: `${format} in and out` };
  }
  const pins = (size - BASE_BYTES - PIN_HEADER_BYTES) / PIN_BYTES;
  if (Number.isInteger(pins) && pins >= 2 && pins <= 9) {
    const pin = (pinIndex: number) => ({ pinIndex, audioFmt: FORMAT });
    const bytes = encodeBaseModuleCfgExt({
      base: BASE,
      inputPins: [{ ...pin(0), ibs: PERIOD_BYTES }],
      outputPins: Array.from({ length: pins - 1 }, (_, i) => ({ ...pin(i), obs: PERIOD_BYTES })),
    });
    return { bytes, rule: `${format}, 1 input and ${pins - 1} output pins` };
  }
  const rest = size > BASE_BYTES ? " then zeros" : "";
  return { bytes: padded(baseModuleCfg.encode(BASE), size), rule: `${format}${rest}` };
}

function parameter(
  message: MessageOfKind<"large-config-set">,
  size: number,
  { module, timeUs, initPayload }: PayloadContext,
): MadePayload {
  const { moduleId, paramId } = message;
  if (moduleId === 0 && paramId === BaseFwParam.SYSTEM_TIME) {
    const bytes = systemTime.encode({ timeUs: BigInt(Math.trunc(timeUs)) });
    return { bytes: padded(bytes, size), rule: "time of the log" };
  }
  if (moduleId === 0 && paramId === BaseFwParam.ENABLE_LOGS) {
    const bytes = logState.encode({
      agingTimerPeriodMs: 256,
      fifoFullTimerPeriodMs: 4096,
      enable: 1,
      logsPrioritiesMask: Array.from({ length: 16 }, (_, i) => (i === 0 ? 0x1ef : 0)),
    });
    return { bytes: padded(bytes, size), rule: "logs on, as the driver sets them" };
  }
  if ((module === "GAIN" || module === "PEAKVOL") && paramId === 0)
    return { bytes: padded(gainEntry.encode(VOLUME), size), rule: "all channels 0 dB" };
  if (module === "COPIER" && paramId === CopierParam.SET_SINK_FORMAT)
    return { bytes: padded(sinkFormatOf(1, initPayload), size), rule: "the copier's own format" };
  return { bytes: new Uint8Array(size), rule: "zeros" };
}

/**
 * Parameter SET_SINK_FORMAT for an output pin: the copier's own formats, as the driver sends them.
 *
 * @param initPayload what the copier was made with
 */
export function sinkFormatOf(sinkId: number, initPayload: Uint8Array | undefined): Uint8Array {
  const config = initPayload === undefined ? null : copierConfigOf(initPayload);
  const sourceFmt = config?.base.audioFmt ?? FORMAT;
  return sinkFormat.encode({ sinkId, sourceFmt, sinkFmt: config?.outFmt ?? FORMAT });
}

function padded(bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length >= size) return bytes;
  const out = new Uint8Array(size);
  out.set(bytes);
  return out;
}
