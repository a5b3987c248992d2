/**
 * The records of a topology file, one type for each structure of the ALSA topology ABI, with every field in
 * it. Sizes and counts that follow from the content are left out; they are computed when a file is written.
 * Text is raw (see `displayText`): what is on disk, byte for byte.
 */

/** Value kinds of a vendor array (`SND_SOC_TPLG_TUPLE_TYPE_*`), by their number. */
export const tupleTypes = ["uuid", "string", "bool", "byte", "word", "short"] as const;
export type TupleType = (typeof tupleTypes)[number];
/** The tuple kinds whose value is a 32-bit number; readers treat them alike. */
export type NumericTupleType = Exclude<TupleType, "uuid" | "string">;

/** One token with its value. */
export interface Tuple<T> {
  readonly token: number;
  readonly value: T;
}

/** `snd_soc_tplg_vendor_array`: tokens with values of one kind. */
export type VendorArray =
  | { readonly type: "uuid"; readonly elements: readonly Tuple<Uint8Array>[] }
  | { readonly type: "string"; readonly elements: readonly Tuple<string>[] }
  | { readonly type: NumericTupleType; readonly elements: readonly Tuple<number>[] };

/** `snd_soc_tplg_manifest`: how many elements the file says that it has. */
export interface ManifestFields {
  readonly controls: number;
  readonly widgets: number;
  readonly graphElements: number;
  readonly pcms: number;
  readonly links: number;
  readonly dais: number;
  readonly reserved: readonly number[];
}

export interface ManifestRecord extends ManifestFields {
  /** SOF's own manifest (`sof_manifest`): ABI version and TLVs. */
  readonly privateData: Uint8Array;
  /** Where `privateData` was in the file; for error messages. */
  readonly privateOffset?: number;
}

/** `snd_soc_tplg_tlv` of a control; `words` without the zeros at its end. */
export interface TlvRecord {
  readonly size: number;
  readonly type: number;
  readonly words: readonly number[];
}

/** `snd_soc_tplg_ctl_hdr` without size and type. */
export interface ControlFields {
  readonly name: string;
  readonly access: number;
  readonly get: number;
  readonly put: number;
  readonly info: number;
  readonly tlv: TlvRecord;
}

/** `snd_soc_tplg_channel`. `size` is 0 and `reg` all ones in a slot that is not used. */
export interface ChannelRecord {
  readonly size: number;
  readonly reg: number;
  readonly shift: number;
  /** Speaker position, `SNDRV_CHMAP_*`. */
  readonly id: number;
}

/** `snd_soc_tplg_mixer_control` after its header. */
export interface MixerFields {
  readonly min: number;
  readonly max: number;
  readonly platformMax: number;
  readonly invert: number;
  readonly numChannels: number;
  readonly channels: readonly ChannelRecord[];
}

/** `snd_soc_tplg_enum_control` after its header; `texts` and `values` without the empty ones at the end. */
export interface EnumFields {
  readonly numChannels: number;
  readonly channels: readonly ChannelRecord[];
  readonly items: number;
  readonly mask: number;
  readonly count: number;
  readonly texts: readonly string[];
  readonly values: readonly number[];
}

/** `snd_soc_tplg_bytes_control` after its header. */
export interface BytesFields {
  readonly max: number;
  readonly mask: number;
  readonly base: number;
  readonly numRegs: number;
  readonly extGet: number;
  readonly extPut: number;
  readonly extInfo: number;
}

export interface MixerRecord extends ControlFields, MixerFields {
  readonly kind: "mixer";
  readonly tuples: readonly VendorArray[];
}
export interface EnumRecord extends ControlFields, EnumFields {
  readonly kind: "enum";
  readonly tuples: readonly VendorArray[];
}
export interface BytesRecord extends ControlFields, BytesFields {
  readonly kind: "bytes";
  /** `sof_abi_hdr` and the payload, or nothing. */
  readonly privateData: Uint8Array;
}
export type ControlRecord = MixerRecord | EnumRecord | BytesRecord;

/** `snd_soc_tplg_dapm_widget` without its counts. */
export interface WidgetFields {
  /** DAPM type. */
  readonly id: number;
  readonly name: string;
  /** Stream name: a PCM's stream for a host copier, a link's name for a DAI copier. */
  readonly streamName: string;
  readonly reg: number;
  readonly shift: number;
  readonly mask: number;
  readonly subsequence: number;
  readonly invert: number;
  readonly ignoreSuspend: number;
  readonly eventFlags: number;
  readonly eventType: number;
}

export interface WidgetRecord extends WidgetFields {
  readonly tuples: readonly VendorArray[];
  readonly controls: readonly ControlRecord[];
}

/** `snd_soc_tplg_stream`. */
export interface StreamRecord {
  readonly size: number;
  readonly name: string;
  readonly format: bigint;
  readonly rate: number;
  readonly periodBytes: number;
  readonly bufferBytes: number;
  readonly channels: number;
}

/** `snd_soc_tplg_stream_caps`. `size` is 0 for a direction that a PCM does not have. */
export interface CapsRecord {
  readonly size: number;
  readonly name: string;
  /** Mask over `SNDRV_PCM_FORMAT_*`. */
  readonly formats: bigint;
  /** Mask over `SNDRV_PCM_RATE_*`. */
  readonly rates: number;
  readonly rateMin: number;
  readonly rateMax: number;
  readonly channelsMin: number;
  readonly channelsMax: number;
  readonly periodsMin: number;
  readonly periodsMax: number;
  readonly periodSizeMin: number;
  readonly periodSizeMax: number;
  readonly bufferSizeMin: number;
  readonly bufferSizeMax: number;
  readonly significantBits: number;
}

/** `snd_soc_tplg_pcm` without its size. */
export interface PcmFields {
  readonly name: string;
  readonly daiName: string;
  readonly pcmId: number;
  readonly daiId: number;
  readonly playback: number;
  readonly capture: number;
  readonly compress: number;
  readonly streams: readonly StreamRecord[];
  readonly numStreams: number;
  /** Playback, then capture. */
  readonly caps: readonly CapsRecord[];
  readonly flagMask: number;
  readonly flags: number;
}
export interface PcmRecord extends PcmFields {
  readonly tuples: readonly VendorArray[];
}

/** `snd_soc_tplg_hw_config`. */
export interface HwConfigRecord {
  readonly size: number;
  readonly id: number;
  readonly format: number;
  readonly clockGated: number;
  readonly invertBclk: number;
  readonly invertFsync: number;
  readonly bclkProvider: number;
  readonly fsyncProvider: number;
  readonly mclkDirection: number;
  readonly reserved: number;
  readonly mclkRate: number;
  readonly bclkRate: number;
  readonly fsyncRate: number;
  readonly tdmSlots: number;
  readonly tdmSlotWidth: number;
  readonly txSlots: number;
  readonly rxSlots: number;
  readonly txChannels: number;
  readonly txChannelMap: readonly number[];
  readonly rxChannels: number;
  readonly rxChannelMap: readonly number[];
}

/** `snd_soc_tplg_link_config` without its size. */
export interface LinkFields {
  readonly id: number;
  readonly name: string;
  readonly streamName: string;
  readonly streams: readonly StreamRecord[];
  readonly numStreams: number;
  readonly hwConfigs: readonly HwConfigRecord[];
  readonly numHwConfigs: number;
  readonly defaultHwConfigId: number;
  readonly flagMask: number;
  readonly flags: number;
}
export interface LinkRecord extends LinkFields {
  readonly tuples: readonly VendorArray[];
}

/** `snd_soc_tplg_dapm_graph_elem`: a route. */
export interface GraphRecord {
  readonly sink: string;
  readonly control: string;
  readonly source: string;
}

/** What every block header holds besides sizes and counts. */
export interface BlockFields {
  readonly version: number;
  readonly vendorType: number;
  /** Pipeline id of a widget block. */
  readonly index: number;
}

interface RecordBlock<Kind extends string, T> extends BlockFields {
  readonly kind: Kind;
  readonly records: readonly T[];
}
export type ManifestBlock = RecordBlock<"manifest", ManifestRecord>;
export type WidgetBlock = RecordBlock<"widgets", WidgetRecord>;
export type PcmBlock = RecordBlock<"pcms", PcmRecord>;
export type LinkBlock = RecordBlock<"links", LinkRecord>;
export type GraphBlock = RecordBlock<"graph", GraphRecord>;
/** A block of a type that IPC4 topologies do not use; kept as it is. */
export interface OpaqueBlock extends BlockFields {
  readonly kind: "opaque";
  readonly type: number;
  readonly count: number;
  readonly payload: Uint8Array;
}
export type Block = ManifestBlock | WidgetBlock | PcmBlock | LinkBlock | GraphBlock | OpaqueBlock;

/** A topology file as it is on disk, with nothing left out. */
export interface TopologyFile {
  /** Name for messages. */
  readonly source: string;
  readonly blocks: readonly Block[];
}
