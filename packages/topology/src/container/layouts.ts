import { NAME_BYTES } from "../abi.js";
import { list, struct, text, trimmedList, u16, u32, u64, u8 } from "./codec.js";
import type {
  BytesFields,
  CapsRecord,
  ChannelRecord,
  ControlFields,
  EnumFields,
  GraphRecord,
  HwConfigRecord,
  LinkFields,
  ManifestFields,
  MixerFields,
  PcmFields,
  StreamRecord,
  TlvRecord,
  WidgetFields,
} from "./records.js";

/**
 * Field order of the ABI's structures, without the size word in front and the counts at the end that the
 * readers and writers handle themselves. The tests pin every size.
 */

const name = text(NAME_BYTES);

export const manifestLayout = struct<ManifestFields>({
  controls: u32,
  widgets: u32,
  graphElements: u32,
  pcms: u32,
  links: u32,
  dais: u32,
  reserved: list(u32, 20),
});

export const widgetLayout = struct<WidgetFields>({
  id: u32,
  name,
  streamName: name,
  reg: u32,
  shift: u32,
  mask: u32,
  subsequence: u32,
  invert: u32,
  ignoreSuspend: u32,
  eventFlags: u16,
  eventType: u16,
});

const tlvLayout = struct<TlvRecord>({ size: u32, type: u32, words: trimmedList(u32, 32, 0) });

export const controlLayout = struct<ControlFields>({
  name,
  access: u32,
  get: u32,
  put: u32,
  info: u32,
  tlv: tlvLayout,
});

const channelLayout = struct<ChannelRecord>({ size: u32, reg: u32, shift: u32, id: u32 });

export const mixerLayout = struct<MixerFields>({
  min: u32,
  max: u32,
  platformMax: u32,
  invert: u32,
  numChannels: u32,
  channels: list(channelLayout, 8),
});

export const enumLayout = struct<EnumFields>({
  numChannels: u32,
  channels: list(channelLayout, 8),
  items: u32,
  mask: u32,
  count: u32,
  texts: trimmedList(name, 16, ""),
  values: trimmedList(u32, 176, 0),
});

export const bytesLayout = struct<BytesFields>({
  max: u32,
  mask: u32,
  base: u32,
  numRegs: u32,
  extGet: u32,
  extPut: u32,
  extInfo: u32,
});

const streamLayout = struct<StreamRecord>({
  size: u32,
  name,
  format: u64,
  rate: u32,
  periodBytes: u32,
  bufferBytes: u32,
  channels: u32,
});

const capsLayout = struct<CapsRecord>({
  size: u32,
  name,
  formats: u64,
  rates: u32,
  rateMin: u32,
  rateMax: u32,
  channelsMin: u32,
  channelsMax: u32,
  periodsMin: u32,
  periodsMax: u32,
  periodSizeMin: u32,
  periodSizeMax: u32,
  bufferSizeMin: u32,
  bufferSizeMax: u32,
  significantBits: u32,
});

export const pcmLayout = struct<PcmFields>({
  name,
  daiName: name,
  pcmId: u32,
  daiId: u32,
  playback: u32,
  capture: u32,
  compress: u32,
  streams: list(streamLayout, 8),
  numStreams: u32,
  caps: list(capsLayout, 2),
  flagMask: u32,
  flags: u32,
});

const hwConfigLayout = struct<HwConfigRecord>({
  size: u32,
  id: u32,
  format: u32,
  clockGated: u8,
  invertBclk: u8,
  invertFsync: u8,
  bclkProvider: u8,
  fsyncProvider: u8,
  mclkDirection: u8,
  reserved: u16,
  mclkRate: u32,
  bclkRate: u32,
  fsyncRate: u32,
  tdmSlots: u32,
  tdmSlotWidth: u32,
  txSlots: u32,
  rxSlots: u32,
  txChannels: u32,
  txChannelMap: list(u32, 8),
  rxChannels: u32,
  rxChannelMap: list(u32, 8),
});

export const linkLayout = struct<LinkFields>({
  id: u32,
  name,
  streamName: name,
  streams: list(streamLayout, 8),
  numStreams: u32,
  hwConfigs: list(hwConfigLayout, 8),
  numHwConfigs: u32,
  defaultHwConfigId: u32,
  flagMask: u32,
  flags: u32,
});

export const graphLayout = struct<GraphRecord>({ sink: name, control: name, source: name });

/** Bytes of the fixed part of each record: what its size word says, and what comes before private data. */
export const RecordBytes = {
  manifest: 4 + manifestLayout.bytes + 4,
  widget: 4 + widgetLayout.bytes + 8,
  control: 8 + controlLayout.bytes,
  mixer: 8 + controlLayout.bytes + 4 + mixerLayout.bytes + 4,
  enum: 8 + controlLayout.bytes + 4 + enumLayout.bytes + 4,
  bytes: 8 + controlLayout.bytes + 4 + bytesLayout.bytes + 4,
  pcm: 4 + pcmLayout.bytes + 4,
  link: 4 + linkLayout.bytes + 4,
  graph: graphLayout.bytes,
} as const;
