import { dapmTypeName, type DapmType, type Direction } from "../abi.js";
import { displayText } from "../container/codec.js";
import type { WidgetRecord } from "../container/records.js";
import { moduleName } from "../module-uuids.js";
import { readPinFormats } from "../tuples/pin-formats.js";
import { Token } from "../tuples/tokens.js";
import { Tuples } from "../tuples/tuples.js";
import { makeControls } from "./controls.js";
import type {
  DaiSettings,
  GainSettings,
  Pipeline,
  RateSettings,
  Widget,
  WidgetKind,
} from "./types.js";

/** Makes a widget of its record and the index of its block. */
export function makeWidget(record: WidgetRecord, pipelineId: number): Widget {
  const tuples = new Tuples(record.tuples);
  const number = (token: number) => tuples.number(token) ?? 0;
  const orNull = (token: number) => tuples.number(token) ?? null;
  const dapmType = dapmTypeName(record.id);
  const uuid = tuples.string(Token.COMP_UUID) ?? null;
  const module = uuid === null ? null : (moduleName(uuid) ?? null);
  const kind = widgetKind(dapmType, module, tuples);
  return {
    name: displayText(record.name),
    streamName: displayText(record.streamName),
    dapmType,
    kind,
    pipelineId,
    uuid,
    module,
    core: number(Token.COMP_CORE_ID),
    inputPins: number(Token.COMP_NUM_INPUT_PINS),
    outputPins: number(Token.COMP_NUM_OUTPUT_PINS),
    inputBindings: tuples.strings(Token.COMP_INPUT_PIN_BINDING_WNAME),
    outputBindings: tuples.strings(Token.COMP_OUTPUT_PIN_BINDING_WNAME),
    inputFormats: readPinFormats(tuples, "input"),
    outputFormats: readPinFormats(tuples, "output"),
    isPages: number(Token.COMP_IS_PAGES),
    cpc: number(Token.COMP_CPC),
    domain: {
      scheduling: tuples.string(Token.COMP_SCHED_DOMAIN) ?? null,
      memoryDomain: orNull(Token.COMP_DOMAIN_ID),
      stackBytes: orNull(Token.COMP_STACK_BYTES_REQUIREMENT),
      heapBytes: orNull(Token.COMP_HEAP_BYTES_REQUIREMENT),
    },
    gain: kind === "gain" ? gainSettings(tuples) : null,
    dai: kind === "dai" ? daiSettings(tuples, dapmType) : null,
    rates: kind === "src" || kind === "asrc" ? rateSettings(tuples, kind) : null,
    nodeType: orNull(Token.INTEL_COPIER_NODE_TYPE),
    deepBufferMs: number(Token.INTEL_COPIER_DEEP_BUFFER_DMA_MS),
    controls: makeControls(record.controls),
    tuples,
  };
}

function widgetKind(type: DapmType, module: string | null, tuples: Tuples): WidgetKind {
  switch (type) {
    case "aif_in":
    case "aif_out":
      return "host";
    case "dai_in":
    case "dai_out":
      return "dai";
    case "buffer":
      return "copier";
    case "pga":
      return "gain";
    case "mixer":
      return mixerKind(module, tuples);
    case "src":
    case "asrc":
    case "scheduler":
      return type;
    case "effect":
      return "process";
    case "input":
    case "output":
    case "out_drv":
      return "virtual";
    default:
      return "other";
  }
}

/** Both mixers are one DAPM type; the UUID tells them apart, as in the driver. */
function mixerKind(module: string | null, tuples: Tuples): WidgetKind {
  if (module === "mixin" || module === "mixout") return module;
  if (module !== null) return "mixer";
  const type = tuples.number(Token.MIXER_TYPE);
  return type === 0 ? "mixin" : type === 1 ? "mixout" : "mixer";
}

function gainSettings(tuples: Tuples): GainSettings {
  return {
    rampType: tuples.number(Token.GAIN_RAMP_TYPE) ?? 0,
    rampDuration: tuples.number(Token.GAIN_RAMP_DURATION) ?? 0,
    initValue: tuples.number(Token.GAIN_VAL) ?? 0x7fffffff,
  };
}

function daiSettings(tuples: Tuples, type: DapmType): DaiSettings {
  return {
    type: tuples.string(Token.DAI_TYPE) ?? null,
    index: tuples.number(Token.DAI_INDEX) ?? 0,
    direction: type === "dai_in" ? "playback" : "capture",
  };
}

function rateSettings(tuples: Tuples, kind: "src" | "asrc"): RateSettings {
  const [rateIn, rateOut] =
    kind === "src"
      ? [Token.SRC_RATE_IN, Token.SRC_RATE_OUT]
      : [Token.ASRC_RATE_IN, Token.ASRC_RATE_OUT];
  return {
    rateIn: tuples.number(rateIn) ?? null,
    rateOut: tuples.number(rateOut) ?? null,
    operationMode: tuples.number(Token.ASRC_OPERATION_MODE) ?? null,
  };
}

/** Direction in which an endpoint widget moves audio; null for what is not an endpoint. */
export function endpointDirection(type: DapmType): Direction | null {
  if (type === "aif_in" || type === "dai_in") return "playback";
  if (type === "aif_out" || type === "dai_out") return "capture";
  return null;
}

/** Makes a pipeline of its scheduler and the other widgets of the same index. */
export function makePipeline(scheduler: Widget, members: readonly Widget[]): Pipeline {
  const { tuples } = scheduler;
  const number = (token: number) => tuples.number(token) ?? 0;
  const timeDomain = tuples.number(Token.SCHED_TIME_DOMAIN);
  return {
    id: scheduler.pipelineId,
    name: scheduler.name,
    streamName: scheduler.streamName,
    priority: number(Token.SCHED_PRIORITY),
    core: tuples.number(Token.SCHED_CORE) ?? scheduler.core,
    lpMode: number(Token.SCHED_LP_MODE) !== 0,
    dynamic: number(Token.SCHED_DYNAMIC_PIPELINE) !== 0,
    chainDma: number(Token.SCHED_USE_CHAIN_DMA) !== 0,
    timeDomain: timeDomain === undefined ? null : timeDomain === 0 ? "dma" : "timer",
    kcps: number(Token.SCHED_KCPS),
    direction: pipelineDirection(tuples, members),
    widgets: members.map((widget) => widget.name),
  };
}

function pipelineDirection(tuples: Tuples, members: readonly Widget[]): Direction | null {
  if ((tuples.number(Token.SCHED_DIRECTION_VALID) ?? 0) !== 0) {
    return tuples.number(Token.SCHED_DIRECTION) === 1 ? "capture" : "playback";
  }
  for (const widget of members) {
    const direction = endpointDirection(widget.dapmType);
    if (direction !== null) return direction;
  }
  return null;
}
