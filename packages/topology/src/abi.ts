/**
 * Numbers of the ALSA topology ABI, version 5 (Linux `include/uapi/sound/asoc.h`) and of SOF's use of it
 * (`include/uapi/sound/sof/tokens.h`). Nothing here has behaviour.
 */

/** First four bytes of every block: "CoSA", little-endian 0x41536f43. */
export const TPLG_MAGIC = 0x41536f43;
/** The only ABI version that current tools write and that the readers of the kernel take as it is. */
export const TPLG_ABI_VERSION = 5;
/** Bytes of a name field (`SNDRV_CTL_ELEM_ID_NAME_MAXLEN`), with its terminating NUL. */
export const NAME_BYTES = 44;
/** Bytes of a block header (`snd_soc_tplg_hdr`). */
export const HEADER_BYTES = 36;
/** Most channels of one control, hardware configurations of a link and streams of a PCM. */
export const MAX_ELEMENTS = 8;
/** Most pins of one side of a module that the Linux driver accepts. */
export const MAX_PINS = 8;

/** Block types (`SND_SOC_TPLG_TYPE_*`) that SOF's topologies hold. */
export const BlockType = {
  DAPM_GRAPH: 4,
  DAPM_WIDGET: 5,
  PCM: 7,
  MANIFEST: 8,
  BACKEND_LINK: 10,
} as const;

/** Kinds of a control record (`snd_soc_tplg_ctl_hdr.type`). */
export const ControlType = { MIXER: 1, BYTES: 2, ENUM: 3 } as const;

/** Widget types of the ABI (`SND_SOC_TPLG_DAPM_*`), by their number. */
const dapmTypes = [
  "input",
  "output",
  "mux",
  "mixer",
  "pga",
  "out_drv",
  "adc",
  "dac",
  "switch",
  "pre",
  "post",
  "aif_in",
  "aif_out",
  "dai_in",
  "dai_out",
  "dai_link",
  "buffer",
  "scheduler",
  "effect",
  "siggen",
  "src",
  "asrc",
  "encoder",
  "decoder",
] as const;

/** Name of a widget type, as topology sources write it; `"unknown"` for a number the ABI does not have. */
export type DapmType = (typeof dapmTypes)[number] | "unknown";

/** @returns the name of DAPM widget type `id` */
export function dapmTypeName(id: number): DapmType {
  return dapmTypes[id] ?? "unknown";
}

/** @returns the number of a DAPM widget type, -1 for `"unknown"` */
export function dapmTypeId(type: DapmType): number {
  return type === "unknown" ? -1 : dapmTypes.indexOf(type);
}

/** Control operations: the kernel's own (`SND_SOC_TPLG_CTL_*`) and SOF's (`SOF_TPLG_KCTL_*`). */
export const ControlOps = {
  VOLSW: 1,
  ENUM: 4,
  BYTES: 5,
  SOF_VOLUME: 256,
  SOF_ENUM: 257,
  SOF_BYTES: 258,
  SOF_SWITCH: 259,
  SOF_BYTES_VOLATILE_RO: 260,
  SOF_BYTES_VOLATILE_RW: 261,
  SOF_BYTES_WRITE_ONLY: 262,
} as const;

/** Access bits of a control (`SNDRV_CTL_ELEM_ACCESS_*`). */
export const ControlAccess = {
  READ: 1 << 0,
  WRITE: 1 << 1,
  VOLATILE: 1 << 2,
  TLV_READ: 1 << 4,
  TLV_WRITE: 1 << 5,
  TLV_COMMAND: 1 << 6,
  INACTIVE: 1 << 8,
  TLV_CALLBACK: 1 << 28,
} as const;

/** Type of a TLV with minimum, step and mute flag in hundredths of a decibel (`SNDRV_CTL_TLVT_DB_SCALE`). */
export const TLV_DB_SCALE = 1;

/** Gateway node types of a copier (IPC4 `node_id`, `enum ipc4_dma_type` in SOF's `ipc4/gateway.h`). */
export const NodeType = {
  HDA_HOST_OUTPUT: 0,
  HDA_HOST_INPUT: 1,
  HDA_LINK_OUTPUT: 8,
  HDA_LINK_INPUT: 9,
  DMIC_LINK_INPUT: 11,
  I2S_LINK_OUTPUT: 12,
  I2S_LINK_INPUT: 13,
  ALH_LINK_OUTPUT: 16,
  ALH_LINK_INPUT: 17,
} as const;

/** Direction of a stream as ALSA sees it. */
export type Direction = "playback" | "capture";
