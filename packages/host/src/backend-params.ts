import { EINVAL } from "@sof-ts/kit";
import {
  findNhltBlob,
  type HwConfig,
  type Link,
  type NhltTable,
  type PinFormat,
  type Widget,
} from "@sof-ts/topology";
import { HostError } from "./host-error.js";
import type { StreamParams } from "./pcm-params.js";
import type { DaiType, StreamDirection } from "./ports.js";

/** What a link carries, and what configures its hardware. */
export interface BackEndParams {
  readonly params: StreamParams;
  /** Bits of a sample's container on the link. */
  readonly containerBits: number;
  /** Gateway blob of an SSP or DMIC link; null for links that need none. */
  readonly blob: Uint8Array | null;
}

/** Finds a blob for a link that no table covers. */
export type GatewayBlobSource = (request: GatewayBlobRequest) => Uint8Array | null;

/** The link end and format that a blob is needed for. */
export interface GatewayBlobRequest {
  readonly type: "SSP" | "DMIC";
  /** SSP port or DMIC interface. */
  readonly index: number;
  readonly direction: StreamDirection;
  readonly rate: number;
  readonly channels: number;
  /** Bits of a sample's container (of a slot). */
  readonly bitDepth: number;
}

/** Where blobs come from, in the order in which they are asked. */
export interface BlobSources {
  /** Link tables: the topology's own, then the platform's (ACPI). */
  readonly tables: readonly NhltTable[];
  /** Asked when no table has the blob. */
  readonly fallback: GatewayBlobSource | null;
}

/** The formats of a DAI copier's outer side. */
function linkSide(dai: Widget): readonly PinFormat[] {
  return dai.dai?.direction === "playback" ? dai.outputFormats.sets : dai.inputFormats.sets;
}

/**
 * Fixes what the application asked for up to what the link can carry (the driver's back-end fixup): where
 * the formats of the DAI copier's outer side agree, they decide; where they differ, the application's
 * value stands if one of them has it. An SSP or DMIC link then gets its blob, and a DMIC's blob can change
 * the bit depth.
 *
 * @throws HostError EINVAL for a widget without a DAI type or a link that no blob fits
 */
export function fixUpBackEnd(
  dai: Widget,
  link: Link | undefined,
  frontEnd: StreamParams,
  sources: BlobSources,
): BackEndParams {
  const type = daiTypeOf(dai);
  const formats = linkSide(dai).map(({ format }) => format);
  const settle = (values: readonly number[], wanted: number, other: number): number => {
    const first = values[0];
    if (first === undefined || values.includes(wanted)) return wanted;
    return values.every((value) => value === first) ? first : other;
  };
  const depths = formats.map((format) => format.validBits);
  const params: StreamParams = {
    rate: settle(
      formats.map((format) => format.rate),
      frontEnd.rate,
      frontEnd.rate,
    ),
    channels: settle(
      formats.map((format) => format.channels),
      frontEnd.channels,
      frontEnd.channels,
    ),
    validBits: settle(depths, frontEnd.validBits, Math.max(...depths)),
  };
  const containerBits = containerOf(params, formats);
  if (type === "HDA" || type === "ALH") return { params, containerBits, blob: null };
  if (type === "SSP") return sspParams(dai, link, params, containerBits, sources);
  const severalDepths = new Set(formats.map((format) => format.bitDepth)).size > 1;
  return dmicParams(dai, params, containerBits, severalDepths, sources);
}

/** What a link carries behind a DMA chain, which converts nothing: the application's own format. */
export function passThrough(frontEnd: StreamParams): BackEndParams {
  return { params: frontEnd, containerBits: containerOf(frontEnd, []), blob: null };
}

/** @returns the kind of link that a DAI copier belongs to */
export function daiTypeOf(dai: Widget): DaiType {
  const type = dai.dai?.type;
  if (type === "HDA" || type === "SSP" || type === "DMIC" || type === "ALH") return type;
  const reason =
    type == null ? "the topology gives no DAI type" : `DAI type ${type} is not supported`;
  throw new HostError(reason, { errno: EINVAL, widget: dai.name });
}

function containerOf(
  params: StreamParams,
  formats: readonly { readonly bitDepth: number; readonly validBits: number }[],
): number {
  const format = formats.find(({ validBits }) => validBits === params.validBits);
  return format?.bitDepth ?? (params.validBits > 16 ? 32 : params.validBits);
}

/** The serial port's hardware configuration, not the stream, says what to look for. */
function sspParams(
  dai: Widget,
  link: Link | undefined,
  params: StreamParams,
  containerBits: number,
  sources: BlobSources,
): BackEndParams {
  const hardware = link === undefined ? undefined : currentHwConfig(link, params);
  const request: GatewayBlobRequest = {
    type: "SSP",
    index: dai.dai?.index ?? 0,
    direction: dai.dai?.direction ?? "playback",
    rate: hardware?.fsyncRate ?? params.rate,
    channels: hardware?.tdmSlots ?? params.channels,
    bitDepth: hardware?.tdmSlotWidth ?? containerBits,
  };
  const blob = findBlob(request, sources);
  if (blob === null) throw noBlob(dai, request);
  return { params, containerBits, blob };
}

/** Of several hardware configurations the one of the stream's rate and channels, else the default one. */
function currentHwConfig(link: Link, params: StreamParams): HwConfig | undefined {
  const { hwConfigs } = link;
  return (
    hwConfigs.find(
      ({ fsyncRate, tdmSlots }) => fsyncRate === params.rate && tdmSlots === params.channels,
    ) ??
    hwConfigs.find(({ fsyncRate }) => fsyncRate === params.rate) ??
    hwConfigs.find(({ id }) => id === link.defaultHwConfigId) ??
    hwConfigs[0]
  );
}

/**
 * A DMIC that can do several depths is asked for 32 bits first when the stream has 16, and for 16 when its
 * 32 bits are not in the table; the stream then takes the depth that was found.
 */
function dmicParams(
  dai: Widget,
  params: StreamParams,
  containerBits: number,
  severalDepths: boolean,
  sources: BlobSources,
): BackEndParams {
  const depths = severalDepths ? [32, 16] : [containerBits];
  const request = (bitDepth: number): GatewayBlobRequest => ({
    type: "DMIC",
    index: dai.dai?.index ?? 0,
    direction: "capture",
    rate: params.rate,
    channels: params.channels,
    bitDepth,
  });
  for (const bitDepth of depths) {
    const blob = findBlob(request(bitDepth), { ...sources, fallback: null });
    if (blob === null) continue;
    const validBits = bitDepth === containerBits ? params.validBits : bitDepth;
    return { params: { ...params, validBits }, containerBits: bitDepth, blob };
  }
  const blob = sources.fallback?.(request(containerBits)) ?? null;
  if (blob === null) throw noBlob(dai, request(containerBits));
  return { params, containerBits, blob };
}

function findBlob(
  request: GatewayBlobRequest,
  { tables, fallback }: BlobSources,
): Uint8Array | null {
  for (const table of tables) {
    const blob = findNhltBlob(table, request);
    if (blob !== null) return blob;
  }
  return fallback?.(request) ?? null;
}

function noBlob(dai: Widget, request: GatewayBlobRequest): HostError {
  const { type, index, rate, channels, bitDepth } = request;
  return new HostError(
    `no gateway configuration (NHLT) for ${type}${index} at ${rate} Hz, ${channels} channels, ${bitDepth} bits`,
    { errno: EINVAL, widget: dai.name },
  );
}
