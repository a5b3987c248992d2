import type { HwConfigRecord, LinkRecord, VendorArray } from "../container/records.js";
import { type HwConfig, hwFormatId } from "../model/links.js";
import { Token } from "../tuples/tokens.js";
import { bools, buildError, nameField, shorts, string, words } from "./fields.js";
import { noStreams } from "./pcm-records.js";

/** A hardware configuration; what is left out is I2S, 48 kHz, two slots of 32 bits. */
export type HwConfigOptions = Partial<HwConfig>;

/** A back-end link. */
export interface LinkOptions {
  readonly id: number;
  /** Name that DAI copiers refer to. */
  readonly name: string;
  readonly type: "HDA" | "SSP" | "DMIC" | "ALH";
  /** Port number. */
  readonly index: number;
  /** 1..8 configurations of an SSP; one with the usual values when left out. */
  readonly hwConfigs?: readonly HwConfigOptions[];
  readonly defaultHwConfigId?: number;
  /** Rate and channels that ALH and DMIC links state; 48000 Hz and 2 when left out. */
  readonly rate?: number;
  readonly channels?: number;
  /** Direction that an ALH link states. */
  readonly direction?: "playback" | "capture";
  /** Bits of a sample on an SSP; 32 when left out. */
  readonly sampleBits?: number;
  /** Further tokens. */
  readonly tuples?: readonly VendorArray[];
}

const zeroHwConfig: HwConfigRecord = {
  size: 0,
  id: 0,
  format: 0,
  clockGated: 0,
  invertBclk: 0,
  invertFsync: 0,
  bclkProvider: 0,
  fsyncProvider: 0,
  mclkDirection: 0,
  reserved: 0,
  mclkRate: 0,
  bclkRate: 0,
  fsyncRate: 0,
  tdmSlots: 0,
  tdmSlotWidth: 0,
  txSlots: 0,
  rxSlots: 0,
  txChannels: 0,
  txChannelMap: [0, 0, 0, 0, 0, 0, 0, 0],
  rxChannels: 0,
  rxChannelMap: [0, 0, 0, 0, 0, 0, 0, 0],
};

/** Makes the record of a back-end link. */
export function linkRecord(options: LinkOptions): LinkRecord {
  const configs =
    options.type === "SSP"
      ? (options.hwConfigs ?? [{}]).map(sspConfig)
      : [{ ...zeroHwConfig, size: 120, id: options.id }];
  if (configs.length < 1 || configs.length > 8) {
    throw buildError(
      `link "${options.name}" has ${configs.length} hardware configurations`,
      "Use 1 to 8",
    );
  }
  return {
    id: options.id,
    name: nameField(options.name, "link name"),
    streamName: "",
    streams: noStreams,
    numStreams: 0,
    hwConfigs: Array.from({ length: 8 }, (_, i) => configs[i] ?? zeroHwConfig),
    numHwConfigs: configs.length,
    defaultHwConfigId: options.defaultHwConfigId ?? (configs[0]?.id as number),
    flagMask: 0,
    flags: 0,
    tuples: [...typeTuples(options), ...(options.tuples ?? [])],
  };
}

function sspConfig(options: HwConfigOptions, position: number): HwConfigRecord {
  const { fsyncRate = 48000, tdmSlots = 2, tdmSlotWidth = 32 } = options;
  const slots = 2 ** tdmSlots - 1;
  return {
    ...zeroHwConfig,
    size: 120,
    id: options.id ?? position,
    format: hwFormatId(options.format ?? "I2S"),
    clockGated: options.clockGated === true ? 1 : 0,
    invertBclk: options.invertBclk === true ? 1 : 0,
    invertFsync: options.invertFsync === true ? 1 : 0,
    bclkProvider: options.bclkProvider ?? 1,
    fsyncProvider: options.fsyncProvider ?? 1,
    mclkDirection: options.mclkDirection ?? 1,
    mclkRate: options.mclkRate ?? 24_576_000,
    bclkRate: options.bclkRate ?? fsyncRate * tdmSlots * tdmSlotWidth,
    fsyncRate,
    tdmSlots,
    tdmSlotWidth,
    txSlots: options.txSlots ?? slots,
    rxSlots: options.rxSlots ?? slots,
  };
}

function typeTuples(options: LinkOptions): VendorArray[] {
  const { type, index, rate = 48000, channels = 2, sampleBits = 32 } = options;
  const daiType = string(Token.DAI_TYPE, type, "DAI type");
  switch (type) {
    case "HDA":
      return [...daiType, ...words([Token.DAI_INDEX, index])];
    case "ALH":
      return [
        ...daiType,
        ...words(
          [Token.DAI_INDEX, index],
          [Token.DAI_DIRECTION, options.direction === "capture" ? 1 : 0],
        ),
        ...words([Token.INTEL_ALH_RATE, rate], [Token.INTEL_ALH_CH, channels]),
      ];
    case "SSP":
      return [
        ...shorts([Token.INTEL_SSP_MCLK_ID, 0]),
        ...bools([Token.INTEL_SSP_TDM_PADDING_PER_SLOT, 0]),
        ...words([Token.INTEL_SSP_BCLK_DELAY, 0], [Token.INTEL_SSP_SAMPLE_BITS, sampleBits]),
        ...daiType,
        ...words([Token.DAI_INDEX, index]),
      ];
    case "DMIC":
      return [
        ...words(
          [Token.INTEL_DMIC_FIFO_WORD_LENGTH, 32],
          [Token.INTEL_DMIC_DUTY_MAX, 60],
          [Token.INTEL_DMIC_DUTY_MIN, 40],
          [Token.INTEL_DMIC_DRIVER_VERSION, 3],
          [Token.INTEL_DMIC_SAMPLE_RATE, rate],
          [Token.INTEL_DMIC_CLK_MIN, 500_000],
          [Token.INTEL_DMIC_CLK_MAX, 4_800_000],
          [Token.INTEL_DMIC_UNMUTE_RAMP_TIME_MS, 200],
          [Token.INTEL_DMIC_NUM_PDM_ACTIVE, 2],
        ),
        ...daiType,
        ...words([Token.DAI_INDEX, index]),
        ...[0, 1].flatMap((pdm) => pdmTuples(pdm, channels > 2 * pdm)),
      ];
  }
}

function pdmTuples(controller: number, enabled: boolean): VendorArray[] {
  return shorts(
    [Token.INTEL_DMIC_PDM_SKEW, 0],
    [Token.INTEL_DMIC_PDM_CLK_EDGE, 0],
    [Token.INTEL_DMIC_PDM_POLARITY_B, 0],
    [Token.INTEL_DMIC_PDM_POLARITY_A, 0],
    [Token.INTEL_DMIC_PDM_MIC_A_ENABLE, enabled ? 1 : 0],
    [Token.INTEL_DMIC_PDM_MIC_B_ENABLE, enabled ? 1 : 0],
    [Token.INTEL_DMIC_PDM_CTRL_ID, controller],
  );
}
