import type { Direction } from "../abi.js";
import { displayText } from "../container/codec.js";
import type { HwConfigRecord, LinkRecord } from "../container/records.js";
import { Token } from "../tuples/tokens.js";
import { Tuples } from "../tuples/tuples.js";

/** Formats of a hardware link (`SND_SOC_DAI_FORMAT_*`), by number. */
const hwFormats = ["none", "I2S", "RIGHT_J", "LEFT_J", "DSP_A", "DSP_B", "AC97", "PDM"] as const;
export type HwFormat = (typeof hwFormats)[number] | "unknown";

/** @returns the number of a hardware format */
export function hwFormatId(format: HwFormat): number {
  return format === "unknown" ? 0 : hwFormats.indexOf(format);
}

/** One hardware configuration of a link (`snd_soc_tplg_hw_config`); of weight for SSP only. */
export interface HwConfig {
  readonly id: number;
  readonly format: HwFormat;
  /** The bit clock stops between streams. */
  readonly clockGated: boolean;
  readonly invertBclk: boolean;
  readonly invertFsync: boolean;
  /** `SND_SOC_TPLG_BCLK_CP` 1: the codec gives the bit clock; 0: the codec takes it. */
  readonly bclkProvider: number;
  readonly fsyncProvider: number;
  readonly mclkDirection: number;
  /** Clock rates, Hz. */
  readonly mclkRate: number;
  readonly bclkRate: number;
  readonly fsyncRate: number;
  readonly tdmSlots: number;
  /** Bits. */
  readonly tdmSlotWidth: number;
  /** Masks of active slots. */
  readonly txSlots: number;
  readonly rxSlots: number;
}

/** A back-end link: what lies behind DAI copiers. */
export interface Link {
  readonly id: number;
  readonly name: string;
  readonly streamName: string;
  /** HDA, SSP, DMIC, ALH; null when the file does not say. */
  readonly daiType: string | null;
  readonly daiIndex: number;
  readonly hwConfigs: readonly HwConfig[];
  readonly defaultHwConfigId: number;
  /**
   * Names of the DAI copiers whose stream name is this link's name, in file order. Several of one direction
   * make a group that plays one stream (SoundWire aggregation).
   */
  readonly widgets: Readonly<Record<Direction, readonly string[]>>;
  readonly tuples: Tuples;
}

/** Finds the DAI copiers of a link by its name. */
export type DaiLookup = (linkName: string, direction: Direction) => readonly string[];

/** Makes a link of its record. */
export function makeLink(record: LinkRecord, findDais: DaiLookup): Link {
  const tuples = new Tuples(record.tuples);
  const name = displayText(record.name);
  return {
    id: record.id,
    name,
    streamName: displayText(record.streamName),
    daiType: tuples.string(Token.DAI_TYPE) ?? null,
    daiIndex: tuples.number(Token.DAI_INDEX) ?? 0,
    hwConfigs: record.hwConfigs.slice(0, record.numHwConfigs).map(makeHwConfig),
    defaultHwConfigId: record.defaultHwConfigId,
    widgets: { playback: findDais(name, "playback"), capture: findDais(name, "capture") },
    tuples,
  };
}

function makeHwConfig(record: HwConfigRecord): HwConfig {
  return {
    id: record.id,
    format: hwFormats[record.format] ?? "unknown",
    clockGated: record.clockGated !== 0,
    invertBclk: record.invertBclk !== 0,
    invertFsync: record.invertFsync !== 0,
    bclkProvider: record.bclkProvider,
    fsyncProvider: record.fsyncProvider,
    mclkDirection: record.mclkDirection,
    mclkRate: record.mclkRate,
    bclkRate: record.bclkRate,
    fsyncRate: record.fsyncRate,
    tdmSlots: record.tdmSlots,
    tdmSlotWidth: record.tdmSlotWidth,
    txSlots: record.txSlots,
    rxSlots: record.rxSlots,
  };
}
