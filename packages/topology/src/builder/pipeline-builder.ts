import { type DapmType, NodeType } from "../abi.js";
import { displayText } from "../container/codec.js";
import type { WidgetRecord } from "../container/records.js";
import { moduleName, moduleUuid } from "../module-uuids.js";
import { Token } from "../tuples/tokens.js";
import { words } from "./fields.js";
import type {
  AsrcOptions,
  DaiCopierOptions,
  GainOptions,
  HostCopierOptions,
  ModuleOptions,
  PipelineOptions,
  SrcOptions,
} from "./module-options.js";
import {
  daiNodeType,
  daiTypeArray,
  type ModuleTraits,
  moduleWidget,
  schedulerWidget,
} from "./widget-records.js";

/** A widget of a topology that is being built; ends of routes and hosts of PCMs. */
export interface WidgetRef {
  readonly name: string;
  readonly streamName: string;
  readonly pipelineId: number;
}

/** Usual widget names of modules whose registered name differs. */
const widgetNames: Readonly<Record<string, string>> = {
  eq_iir: "eqiir",
  eq_fir: "eqfir",
  selector4: "micsel",
  template: "template_comp",
  google_rtc_audio_processing: "google-rtc-aec",
};

const COPIER_CPC = 1647;

/**
 * Adds modules to one pipeline of a `TopologyBuilder`. Names, pin counts and tokens follow the topologies that
 * SOF ships; each can be overridden.
 */
export class PipelineBuilder {
  readonly id: number;
  private readonly options: PipelineOptions;
  private readonly widgets: WidgetRecord[] = [];
  private readonly numbers = new Map<string, number>();

  constructor(options: PipelineOptions) {
    this.id = options.id;
    this.options = options;
  }

  /** Adds the copier of a PCM's stream: first module of playback, last of capture. */
  hostCopier(options: HostCopierOptions): WidgetRef {
    const { direction, stream, pcm = 0 } = options;
    const playback = direction === "playback";
    return this.add(options, {
      type: playback ? "aif_in" : "aif_out",
      name: options.name ?? `host-copier.${pcm}.${direction}`,
      streamName: stream,
      module: "copier",
      inputPins: playback ? undefined : 1,
      outputPins: playback ? 1 : undefined,
      cpc: COPIER_CPC,
      isPages: 1,
      before: words(
        [Token.INTEL_COPIER_DEEP_BUFFER_DMA_MS, options.deepBufferMs],
        [
          Token.INTEL_COPIER_NODE_TYPE,
          playback ? NodeType.HDA_HOST_OUTPUT : NodeType.HDA_HOST_INPUT,
        ],
      ),
      after: words([Token.DAI_DIRECTION, playback ? 0 : 1]),
    });
  }

  /** Adds the copier of a DAI: last module of playback, first of capture. */
  daiCopier(options: DaiCopierOptions): WidgetRef {
    const { direction, type, link } = options;
    const playback = direction === "playback";
    const index = type === "HDA" ? options.index : (options.index ?? 0);
    const name =
      type === "ALH"
        ? `alh-copier.${link}.${this.nextNumber(`alh-copier.${link}`) - 1}`
        : `dai-copier.${type}.${link}.${direction}`;
    return this.add(options, {
      type: playback ? "dai_in" : "dai_out",
      name: options.name ?? name,
      streamName: link,
      module: "copier",
      inputPins: playback ? 1 : undefined,
      outputPins: playback ? undefined : 1,
      cpc: COPIER_CPC,
      isPages: 1,
      after: [
        ...words([Token.DAI_DIRECTION, playback ? 0 : 1], [Token.DAI_INDEX, index]),
        ...words([Token.INTEL_COPIER_NODE_TYPE, daiNodeType(options)]),
        daiTypeArray(type),
      ],
    });
  }

  /** Adds a copier between modules, with up to four outputs. */
  moduleCopier(options: ModuleOptions): WidgetRef {
    return this.add(options, {
      type: "buffer",
      name: this.defaultName(options, "module-copier"),
      module: "copier",
      inputPins: 1,
      outputPins: 4,
      cpc: COPIER_CPC,
      isPages: 1,
    });
  }

  /** Adds a volume. */
  gain(options: GainOptions): WidgetRef {
    const {
      module = "gain",
      rampType = 2,
      rampDuration = 200_000,
      initValue = 0x7fffffff,
    } = options;
    return this.add(options, {
      type: "pga",
      name: this.defaultName(options, "gain"),
      module,
      inputPins: 1,
      outputPins: 1,
      before: words(
        [Token.GAIN_VAL, initValue],
        [Token.GAIN_RAMP_DURATION, rampDuration],
        [Token.GAIN_RAMP_TYPE, rampType],
      ),
    });
  }

  /** Adds the end of a pipeline that is mixed into others: one input, up to three outputs. */
  mixin(options: ModuleOptions): WidgetRef {
    return this.add(options, {
      type: "mixer",
      name: this.defaultName(options, "mixin"),
      module: "mixin",
      inputPins: 1,
      outputPins: 3,
      cpc: 910,
      after: words([Token.MIXER_TYPE, 0]),
    });
  }

  /** Adds the start of a pipeline that others are mixed into: up to eight inputs, one output. */
  mixout(options: ModuleOptions): WidgetRef {
    return this.add(options, {
      type: "mixer",
      name: this.defaultName(options, "mixout"),
      module: "mixout",
      inputPins: 8,
      outputPins: 1,
      cpc: 5000,
      after: words([Token.MIXER_TYPE, 1]),
    });
  }

  /** Adds a synchronous rate converter. */
  src(options: SrcOptions): WidgetRef {
    return this.add(options, {
      type: "src",
      name: this.defaultName(options, "src"),
      module: options.module ?? "src4",
      inputPins: 1,
      outputPins: 1,
      before: words([Token.SRC_RATE_IN, options.rateIn], [Token.SRC_RATE_OUT, options.rateOut]),
    });
  }

  /** Adds an asynchronous rate converter. */
  asrc(options: AsrcOptions): WidgetRef {
    return this.add(options, {
      type: "asrc",
      name: this.defaultName(options, "asrc"),
      module: options.module ?? "asrc4",
      inputPins: 1,
      outputPins: 1,
      before: words(
        [Token.ASRC_RATE_IN, options.rateIn],
        [Token.ASRC_RATE_OUT, options.rateOut],
        [Token.ASRC_OPERATION_MODE, options.operationMode ?? 1],
      ),
    });
  }

  /**
   * Adds any other processing module.
   *
   * @param module registered name ("eq_iir") or UUID
   */
  module(module: string, options: ModuleOptions): WidgetRef {
    const registered = moduleName(moduleUuid(module)) ?? "module";
    return this.add(options, {
      type: "effect",
      name: this.defaultName(options, widgetNames[registered] ?? registered),
      module,
      inputPins: 1,
      outputPins: 1,
    });
  }

  /** Adds a widget that is given as a record, for what the other methods do not make. */
  record(record: WidgetRecord): WidgetRef {
    this.widgets.push(record);
    return {
      name: displayText(record.name),
      streamName: displayText(record.streamName),
      pipelineId: this.id,
    };
  }

  /** @returns the widgets, the scheduler last */
  records(): WidgetRecord[] {
    return [...this.widgets, schedulerWidget(this.options)];
  }

  private add(options: ModuleOptions, traits: ModuleTraits): WidgetRef {
    this.widgets.push(moduleWidget(traits, options));
    return { name: traits.name, streamName: traits.streamName ?? "", pipelineId: this.id };
  }

  private defaultName(options: ModuleOptions, base: string): string {
    return options.name ?? `${base}.${this.id}.${this.nextNumber(base)}`;
  }

  private nextNumber(base: string): number {
    const number = (this.numbers.get(base) ?? 0) + 1;
    this.numbers.set(base, number);
    return number;
  }
}

/** Widget types that never reach the firmware. */
export type VirtualType = Extract<DapmType, "input" | "output" | "out_drv">;
