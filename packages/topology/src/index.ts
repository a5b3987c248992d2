export {
  BlockType,
  ControlAccess,
  ControlOps,
  ControlType,
  type DapmType,
  dapmTypeId,
  dapmTypeName,
  type Direction,
  MAX_PINS,
  NodeType,
  TPLG_ABI_VERSION,
  TPLG_MAGIC,
} from "./abi.js";
export {
  type AudioFormat,
  audioFormat,
  type AudioFormatOptions,
  type AudioFormatWords,
  formatText,
  makeAudioFormat,
  periodBytes,
  type SampleFormatName,
} from "./audio-format.js";
export {
  bytesControl,
  type BytesControlOptions,
  enumControl,
  type EnumControlOptions,
  type LedOption,
  switchControl,
  type SwitchControlOptions,
  volumeControl,
  type VolumeControlOptions,
  withAbiHeader,
} from "./builder/control-records.js";
export type { RangeOption } from "./builder/fields.js";
export type { HwConfigOptions, LinkOptions } from "./builder/link-records.js";
export {
  type NhltEndpointOptions,
  type NhltFormatOptions,
  nhltTable,
  type SofAbi,
} from "./builder/manifest-record.js";
export type {
  AsrcOptions,
  DaiCopierOptions,
  FormatOption,
  GainOptions,
  HostCopierOptions,
  ModuleOptions,
  PinFormatOptions,
  PipelineOptions,
  SrcOptions,
} from "./builder/module-options.js";
export type { PcmOptions, PcmStreamOptions } from "./builder/pcm-records.js";
export { PipelineBuilder, type VirtualType, type WidgetRef } from "./builder/pipeline-builder.js";
export { TopologyBuilder, type TopologyBuilderOptions } from "./builder/topology-builder.js";
export { displayText, rawText } from "./container/codec.js";
export { readTopology } from "./container/reader.js";
export type {
  Block,
  BytesRecord,
  CapsRecord,
  ChannelRecord,
  ControlRecord,
  EnumRecord,
  GraphBlock,
  GraphRecord,
  HwConfigRecord,
  LinkBlock,
  LinkRecord,
  ManifestBlock,
  ManifestRecord,
  MixerRecord,
  NumericTupleType,
  OpaqueBlock,
  PcmBlock,
  PcmRecord,
  StreamRecord,
  TlvRecord,
  TopologyFile,
  Tuple,
  TupleType,
  VendorArray,
  WidgetBlock,
  WidgetRecord,
} from "./container/records.js";
export { topologyBytes } from "./container/sizes.js";
export { writeTopology } from "./container/writer.js";
export { describeTopology } from "./inspect/describe.js";
export type {
  ControlDescription,
  DefectDescription,
  EndpointDescription,
  LinkDescription,
  PcmDescription,
  PipelineDescription,
  RouteDescription,
  StreamDescription,
  TopologyDescription,
  WidgetDescription,
} from "./inspect/description.js";
export { toDot } from "./inspect/dot.js";
export { type FormatName, formatMask, formatNames } from "./model/alsa-caps.js";
export {
  type BytesControl,
  type Control,
  type ControlAccessFlags,
  type ControlChannel,
  type DbScale,
  type EnumControl,
  SOF_ABI_HEADER_BYTES,
  SOF_ABI_MAGIC,
  type SwitchControl,
  type VolumeControl,
} from "./model/controls.js";
export type { Severity, Side, TopologyDefect } from "./model/defects.js";
export { type StreamPath, TopologyGraph } from "./model/graph.js";
export type { HwConfig, HwFormat, Link } from "./model/links.js";
export type { ManifestTlv, ManifestTotals, SofManifest } from "./model/manifest.js";
export {
  findNhltBlob,
  type NhltEndpoint,
  type NhltFormat,
  NhltLinkType,
  type NhltQuery,
  type NhltTable,
} from "./model/nhlt.js";
export { makeTopology, parseTopology } from "./model/parse.js";
export { type Pcm, type PcmStream, type Range, type RateCaps, supportsRate } from "./model/pcms.js";
export type {
  DaiSettings,
  DomainSettings,
  GainSettings,
  Pipeline,
  RateSettings,
  Route,
  Topology,
  Widget,
  WidgetKind,
} from "./model/types.js";
export { validateTopology } from "./model/validate.js";
export { countElements } from "./model/validate-file.js";
export { moduleName, moduleNames, moduleUuid } from "./module-uuids.js";
export type { PinFormat, PinFormats } from "./tuples/pin-formats.js";
export { tokenInfo, tokenName, tokens } from "./tuples/token-table.js";
export { Token, type TokenInfo } from "./tuples/tokens.js";
export { Tuples } from "./tuples/tuples.js";
export { UNITY_Q31, volumeDb, volumeQ31, volumeTable } from "./volume-table.js";
