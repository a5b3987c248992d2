import { parseUuid } from "@sof-ts/kit";
import { type DapmType, dapmTypeId, NodeType } from "../abi.js";
import { type AudioFormat, periodBytes } from "../audio-format.js";
import { rawText } from "../container/codec.js";
import type { VendorArray, WidgetRecord } from "../container/records.js";
import { moduleUuid } from "../module-uuids.js";
import { Token } from "../tuples/tokens.js";
import { bools, buildError, flag, nameField, string, words } from "./fields.js";
import type {
  DaiCopierOptions,
  FormatOption,
  ModuleOptions,
  PipelineOptions,
} from "./module-options.js";

/** A widget without tokens and controls, with the flags that every widget of the field has. */
export function plainWidget(type: DapmType, name: string, streamName = ""): WidgetRecord {
  return {
    id: dapmTypeId(type),
    name: nameField(name, "widget name"),
    streamName: nameField(streamName, "stream name"),
    reg: 0xffffffff,
    shift: 0,
    mask: 0,
    subsequence: 0,
    invert: 0,
    ignoreSuspend: 0,
    eventFlags: 0,
    eventType: 0,
    tuples: [],
    controls: [],
  };
}

/** What a kind of module brings besides the caller's options. */
export interface ModuleTraits {
  readonly type: DapmType;
  readonly name: string;
  readonly streamName?: string;
  /** Registered name or UUID. */
  readonly module: string;
  /** Pins that are written; undefined for a side that does not exist. */
  readonly inputPins: number | undefined;
  readonly outputPins: number | undefined;
  readonly cpc?: number;
  readonly isPages?: number;
  /** Tokens in front of the common ones and behind the UUID. */
  readonly before?: readonly VendorArray[];
  readonly after?: readonly VendorArray[];
}

/** Makes the widget of a module: its own tokens, the common ones, then one array for each format. */
export function moduleWidget(traits: ModuleTraits, options: ModuleOptions): WidgetRecord {
  const { domain = {} } = options;
  const both = options.format === undefined ? [] : [options.format];
  const inputs = options.inputs ?? both;
  const outputs = options.outputs ?? both;
  if (inputs.length === 0 || outputs.length === 0) {
    throw buildError(
      `module "${traits.name}" has ${inputs.length} input and ${outputs.length} output formats`,
      "Give at least one of each, or `format` for both",
    );
  }
  const common = words(
    [Token.COMP_IS_PAGES, options.isPages ?? traits.isPages],
    [Token.COMP_CPC, options.cpc ?? traits.cpc],
    [Token.COMP_NUM_OUTPUT_AUDIO_FORMATS, outputs.length],
    [Token.COMP_NUM_INPUT_AUDIO_FORMATS, inputs.length],
    [Token.COMP_NUM_OUTPUT_PINS, options.outputPins ?? traits.outputPins],
    [Token.COMP_NUM_INPUT_PINS, options.inputPins ?? traits.inputPins],
    [Token.COMP_CORE_ID, options.core],
  );
  const bindings = (token: number, names: readonly string[] | undefined) =>
    (names ?? []).flatMap((name) => string(token, name, "pin binding"));
  return {
    ...plainWidget(traits.type, traits.name, traits.streamName),
    tuples: [
      ...(traits.before ?? []),
      ...common,
      ...bools([Token.COMP_NO_WNAME_IN_KCONTROL_NAME, 1]),
      uuidArray(traits.module),
      ...(traits.after ?? []),
      ...bindings(Token.COMP_INPUT_PIN_BINDING_WNAME, options.inputBindings),
      ...bindings(Token.COMP_OUTPUT_PIN_BINDING_WNAME, options.outputBindings),
      ...string(Token.COMP_SCHED_DOMAIN, domain.scheduling, "scheduling domain"),
      ...words(
        [Token.COMP_DOMAIN_ID, domain.memoryDomain],
        [Token.COMP_STACK_BYTES_REQUIREMENT, domain.stackBytes],
        [Token.COMP_HEAP_BYTES_REQUIREMENT, domain.heapBytes],
      ),
      ...(options.tuples ?? []),
      ...inputs.map((option) => formatArray(option, "input")),
      ...outputs.map((option) => formatArray(option, "output")),
    ],
    controls: options.controls ?? [],
  };
}

function uuidArray(module: string): VendorArray {
  const value = parseUuid(moduleUuid(module));
  return { type: "uuid", elements: [{ token: Token.COMP_UUID, value }] };
}

/** One array with one set, its tokens in the order that alsatplg gives them. */
function formatArray(option: FormatOption, side: "input" | "output"): VendorArray {
  const { format, pin, bufferBytes, periodMs } =
    "format" in option
      ? option
      : { format: option, pin: undefined, bufferBytes: undefined, periodMs: undefined };
  const bytes = bufferBytes ?? periodBytes(format, periodMs);
  const [first, buffer, pinIndex] =
    side === "input"
      ? [
          Token.CAVS_AUDIO_FORMAT_IN_RATE,
          Token.CAVS_AUDIO_FORMAT_IBS,
          Token.CAVS_AUDIO_FORMAT_INPUT_PIN_INDEX,
        ]
      : [
          Token.CAVS_AUDIO_FORMAT_OUT_RATE,
          Token.CAVS_AUDIO_FORMAT_OBS,
          Token.CAVS_AUDIO_FORMAT_OUTPUT_PIN_INDEX,
        ];
  const elements = [{ token: buffer, value: bytes }, ...formatElements(format, first)];
  if (pin !== undefined) elements.push({ token: pinIndex, value: pin });
  return { type: "word", elements };
}

function formatElements(format: AudioFormat, first: number) {
  return [
    { token: first + 8, value: format.sampleType },
    { token: first + 7, value: format.fmtCfg },
    { token: first + 6, value: format.interleaving },
    { token: first + 5, value: format.chCfg },
    { token: first + 4, value: format.chMap },
    { token: first + 3, value: format.channels },
    { token: first, value: format.rate },
    { token: first + 1, value: format.bitDepth },
    { token: first + 2, value: format.validBits },
  ];
}

/** Makes the scheduler widget of a pipeline. */
export function schedulerWidget(options: PipelineOptions): WidgetRecord {
  const {
    id,
    name = `pipeline.${id}`,
    priority = 0,
    dynamic = true,
    timeDomain = "timer",
  } = options;
  return {
    ...plainWidget("scheduler", name, options.streamName),
    tuples: [
      ...words(
        [Token.SCHED_KCPS, 0],
        [Token.SCHED_DYNAMIC_PIPELINE, flag(dynamic)],
        [Token.SCHED_TIME_DOMAIN, timeDomain === "dma" ? 0 : 1],
        [Token.SCHED_CORE, options.core],
        [Token.SCHED_PRIORITY, priority],
        [Token.SCHED_LP_MODE, flag(options.lpMode ?? false)],
        [
          Token.SCHED_DIRECTION,
          options.direction === undefined ? undefined : flag(options.direction === "capture"),
        ],
      ),
      ...bools([Token.SCHED_USE_CHAIN_DMA, flag(options.chainDma)]),
      ...bools([Token.SCHED_DIRECTION_VALID, options.direction === undefined ? undefined : 1]),
      ...bools([Token.COMP_NO_WNAME_IN_KCONTROL_NAME, 1]),
      ...words([Token.COMP_CORE_ID, options.core]),
    ],
  };
}

const linkNodes = {
  HDA: { playback: NodeType.HDA_LINK_OUTPUT, capture: NodeType.HDA_LINK_INPUT },
  SSP: { playback: NodeType.I2S_LINK_OUTPUT, capture: NodeType.I2S_LINK_INPUT },
  DMIC: { playback: undefined, capture: NodeType.DMIC_LINK_INPUT },
  ALH: { playback: NodeType.ALH_LINK_OUTPUT, capture: NodeType.ALH_LINK_INPUT },
} as const;

/**
 * The gateway node type of a DAI copier.
 *
 * @throws InputError for a DMIC that plays
 */
export function daiNodeType(options: DaiCopierOptions): number {
  const type = options.nodeType ?? linkNodes[options.type][options.direction];
  if (type === undefined) throw buildError("a DMIC copier for playback", "A DMIC only captures");
  return type;
}

/** The DAI type string of a DAI copier. */
export function daiTypeArray(type: string): VendorArray {
  return { type: "string", elements: [{ token: Token.DAI_TYPE, value: rawText(type) }] };
}
