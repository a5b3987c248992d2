import { ByteReader, ByteWriter, InputError } from "@sof-ts/kit";
import type { LinkDma } from "./options.js";
import type { DaiType, RegisterMap, StreamDirection, StreamFormat } from "./ports.js";

/** Version of the protocol; a server refuses a client of another one. */
const SOCKET_VERSION = 1;
/** "SOFh", little-endian: first word of a HELLO. */
const SOCKET_MAGIC = 0x6846_4f53;

/** Requests of a client. The reply has the same number with bit 15 set. */
export const SocketMessage = {
  HELLO: 1,
  READ32: 2,
  WRITE32: 3,
  READ_WINDOW: 4,
  WRITE_WINDOW: 5,
  SYNC_WINDOW: 6,
  ADVANCE: 7,
  STREAM_CONFIGURE: 8,
  STREAM_START: 9,
  STREAM_STOP: 10,
  STREAM_RELEASE: 11,
  STREAM_WRITE: 12,
  STREAM_READ: 13,
  STREAM_POSITION: 14,
  STREAM_LIMIT: 15,
  LINK_ALLOCATE: 16,
  LINK_RELEASE: 17,
  LINK_FEED: 18,
  LINK_HEAR: 19,
} as const;
export type SocketMessage = (typeof SocketMessage)[keyof typeof SocketMessage];

/** Longest time of one ADVANCE in microseconds: a client that goes away leaves no more work than this. */
export const MAX_ADVANCE_US = 10_000_000;
/** Largest ring of a host stream in bytes. */
export const MAX_RING_BYTES = 0x40_0000;
/** Bytes that the far end of a link holds for a client: to be played, or heard and not fetched. */
export const MAX_FAR_END_BYTES = 0x80_0000;
/** Most bytes that go in one message: what is left of a body stays for the fields in front of them. */
export const MAX_DATA_BYTES = 0xf_0000;

/** One end of a link, as the welcome lists it. */
export interface SocketLinkEnd {
  readonly type: DaiType;
  readonly direction: StreamDirection;
  readonly index: number;
  readonly maxChannels: number;
  /** Bytes that a sample's container may have. */
  readonly containerBytes: readonly number[];
}

/** What a server says of its machine. */
export interface SocketWelcome {
  /** "tgl", "mtl", "lnl", "ptl" */
  readonly platform: string;
  readonly coreCount: number;
  /** What serves SSP, DMIC and SoundWire links: give it to the driver as its `linkDma`. */
  readonly linkDma: LinkDma;
  readonly registers: RegisterMap;
  /** Bytes of each memory window; 0 for one that is not there. */
  readonly windows: readonly number[];
  /** Host streams in each direction. */
  readonly playbackStreams: number;
  readonly captureStreams: number;
  readonly links: readonly SocketLinkEnd[];
}

/** Which link end a message is about. */
export type LinkKey = Pick<SocketLinkEnd, "type" | "direction" | "index">;

/** Which host stream a message is about. */
export interface StreamKey {
  readonly direction: StreamDirection;
  readonly tag: number;
}

const directions: readonly StreamDirection[] = ["playback", "capture"];
const linkDmas: readonly LinkDma[] = ["gpdma", "hdaLink"];
const linkTypes: readonly DaiType[] = ["HDA", "SSP", "DMIC", "ALH"];
const NAME_BYTES = 8;
/** Registers in the order in which a welcome has them. */
const registerNames = ["tdr", "tda", "tdd", "idr", "ida", "idd", "ctl"] as const;

const text = new TextEncoder();
const fromText = new TextDecoder();

/** @returns the body of a HELLO. @param platform DSP to model; empty leaves it to the server */
export function encodeHello(platform: string): Uint8Array {
  const writer = new ByteWriter().u32(SOCKET_MAGIC).u32(SOCKET_VERSION);
  return name(writer, platform).finish();
}

/** @throws InputError for another protocol or version */
export function decodeHello(reader: ByteReader): { readonly platform: string } {
  if (reader.u32("magic") !== SOCKET_MAGIC) throw reader.error("no SOF host speaks here", 0);
  const version = reader.u32("version");
  if (version !== SOCKET_VERSION) {
    throw reader.error(`protocol version ${version}, this is ${SOCKET_VERSION}`, 4);
  }
  return { platform: readName(reader) };
}

/** @returns the body of the reply to HELLO, behind the status */
export function encodeWelcome(welcome: SocketWelcome, writer: ByteWriter): void {
  name(writer.u32(SOCKET_VERSION), welcome.platform).u32(welcome.coreCount);
  writer.u32(linkDmas.indexOf(welcome.linkDma));
  for (const register of registerNames) writer.u32(welcome.registers[register]);
  writer.u32(welcome.registers.completion === "setBit31" ? 1 : 0);
  writer.u32(welcome.windows.length);
  for (const size of welcome.windows) writer.u32(size);
  writer.u32(welcome.playbackStreams).u32(welcome.captureStreams).u32(welcome.links.length);
  for (const link of welcome.links) {
    writeLinkKey(writer, link).u8(link.maxChannels);
    writer.u32(link.containerBytes.reduce((mask, bytes) => mask | (1 << bytes), 0));
  }
}

/** @throws InputError when it is cut or speaks another version */
export function decodeWelcome(reader: ByteReader): SocketWelcome {
  const version = reader.u32("version");
  if (version !== SOCKET_VERSION) throw reader.error(`protocol version ${version}`);
  const platform = readName(reader);
  const coreCount = reader.u32("cores");
  const linkDma = linkDmas[reader.u32("link DMA")];
  if (linkDma === undefined) throw reader.error("no such link DMA");
  const offsets = registerNames.map((register) => [register, reader.u32(register)] as const);
  const completion = reader.u32("completion") === 1 ? "setBit31" : "clearBit31";
  const registers = { ...Object.fromEntries(offsets), completion } as unknown as RegisterMap;
  const windows = Array.from({ length: count(reader, 4) }, () => reader.u32("window size"));
  const playbackStreams = reader.u32("playback streams");
  const captureStreams = reader.u32("capture streams");
  const links = Array.from({ length: count(reader, 8) }, (): SocketLinkEnd => {
    const key = readLinkKey(reader);
    const maxChannels = reader.u8("channels");
    const mask = reader.u32("containers");
    const containerBytes = [1, 2, 4].filter((bytes) => (mask & (1 << bytes)) !== 0);
    return { ...key, maxChannels, containerBytes };
  });
  const machine = { platform, coreCount, linkDma, registers, windows };
  return { ...machine, playbackStreams, captureStreams, links };
}

/** Three bytes that name a link end. */
export function writeLinkKey(writer: ByteWriter, key: LinkKey): ByteWriter {
  const { type, direction, index } = key;
  return writer.u8(linkTypes.indexOf(type)).u8(directions.indexOf(direction)).u8(index);
}

/** @throws InputError for a type or direction that there is not */
export function readLinkKey(reader: ByteReader): LinkKey {
  const type = linkTypes[reader.u8("link type")];
  const direction = directions[reader.u8("direction")];
  if (type === undefined || direction === undefined) throw reader.error("no such link");
  return { type, direction, index: reader.u8("link index") };
}

/** Eight bytes that name a host stream. */
export function writeStreamKey(writer: ByteWriter, { direction, tag }: StreamKey): ByteWriter {
  return writer.u32(directions.indexOf(direction)).u32(tag);
}

/** @throws InputError for a direction that there is not */
export function readStreamKey(reader: ByteReader): StreamKey {
  const direction = directions[reader.u32("direction")];
  if (direction === undefined) throw reader.error("no such direction");
  return { direction, tag: reader.u32("stream tag") };
}

/** Sixteen bytes of a stream's format. */
export function writeFormat(writer: ByteWriter, format: StreamFormat): ByteWriter {
  const { rate, channels, containerBits, validBits } = format;
  return writer.u32(rate).u32(channels).u32(containerBits).u32(validBits);
}

/** Reads what `writeFormat` wrote; the numbers are not checked. */
export function readFormat(reader: ByteReader): StreamFormat {
  return {
    rate: reader.u32("rate"),
    channels: reader.u32("channels"),
    containerBits: reader.u32("container bits"),
    validBits: reader.u32("valid bits"),
  };
}

/** All ones: no limit of a stream's application position. */
const NO_LIMIT = 0xffff_ffff_ffff_ffffn;

/** Eight bytes of a total; infinite is all ones. */
export function writeTotal(writer: ByteWriter, total: number): ByteWriter {
  return writer.u64(total === Number.POSITIVE_INFINITY ? NO_LIMIT : BigInt(Math.max(0, total)));
}

/** Reads what {@link writeTotal} wrote. */
export function readTotal(reader: ByteReader): number {
  const total = reader.u64("total");
  return total === NO_LIMIT ? Number.POSITIVE_INFINITY : Number(total);
}

/** Text of at most eight bytes, filled up with zeros. */
function name(writer: ByteWriter, value: string): ByteWriter {
  const bytes = text.encode(value).subarray(0, NAME_BYTES);
  return writer.bytes(bytes).zeros(NAME_BYTES - bytes.length);
}

function readName(reader: ByteReader): string {
  const bytes = reader.take(NAME_BYTES, "platform");
  const end = bytes.indexOf(0);
  return fromText.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** A count of items that have to fit into what is left. */
function count(reader: ByteReader, itemBytes: number): number {
  const items = reader.u32("count");
  if (items * itemBytes > reader.remaining) throw reader.error(`${items} items`);
  return items;
}

/** @throws InputError when bytes are left over */
export function expectEnd(reader: ByteReader): void {
  if (reader.remaining > 0) {
    throw new InputError(`${reader.remaining} bytes too many`, {
      source: reader.source,
      offset: reader.position,
    });
  }
}
