import { EPIPE } from "@sof-ts/kit";
import {
  type AudioAllocator,
  AudioStream,
  containerBytes,
  type Direction,
  type Gateway,
  type GatewayKind,
  type StreamParams,
} from "@sof-ts/module-api";

/** One endpoint of a group: its own gateway and the channels of the stream that go through it. */
export interface GroupMember {
  readonly gateway: Gateway;
  /** Bit per channel of the copier's stream. */
  readonly channelMask: number;
}

/**
 * Several links that act as one (aggregated SoundWire devices, IPC4 node ids from 0x50 on): the copier sees one
 * ring; each period is dealt out to the members' rings by channel, or gathered from them.
 */
export class MultiGateway implements Gateway {
  readonly kind: GatewayKind = "alh";
  readonly nodeId: number;
  readonly direction: Direction;
  readonly stream: AudioStream;
  private readonly members: readonly GroupMember[];
  private readonly heap: AudioAllocator;
  /** For each member the stream's channels in the order of its own. */
  private channels: readonly (readonly number[])[] = [];
  private moved = 0;

  constructor(
    nodeId: number,
    direction: Direction,
    stream: AudioStream,
    heap: AudioAllocator,
    members: readonly GroupMember[],
  ) {
    this.nodeId = nodeId;
    this.direction = direction;
    this.stream = stream;
    this.heap = heap;
    this.members = members;
  }

  get totalBytes(): number {
    return this.moved;
  }

  prepare(params: StreamParams): number {
    this.moved = 0;
    this.stream.setParams(params);
    this.stream.reset();
    this.channels = this.members.map(({ channelMask }) => {
      const all = Array.from({ length: params.channels }, (_, channel) => channel);
      const chosen = all.filter((channel) => (channelMask & (1 << channel)) !== 0);
      return chosen.length === 0 ? all : chosen;
    });
    return this.each(({ gateway }, i) =>
      gateway.prepare({ ...params, channels: (this.channels[i] as readonly number[]).length }),
    );
  }

  start(): number {
    return this.each(({ gateway }) => gateway.start());
  }

  stop(): number {
    this.stream.reset();
    return this.each(({ gateway }) => gateway.stop());
  }

  pause(): number {
    return this.each(({ gateway }) => gateway.pause());
  }

  release(): number {
    return this.each(({ gateway }) => gateway.release());
  }

  reset(): number {
    this.moved = 0;
    this.stream.reset();
    return this.each(({ gateway }) => gateway.reset());
  }

  free(): void {
    for (const { gateway } of this.members) gateway.free();
    this.heap.free(this.stream.start);
  }

  status(): number {
    const { stream } = this;
    let rc = 0;
    let frames = Number.MAX_SAFE_INTEGER;
    for (const { gateway } of this.members) {
      if (gateway.status() === -EPIPE) rc = -EPIPE;
      const ring = gateway.stream;
      frames = Math.min(
        frames,
        this.direction === "playback" ? ring.freeFrames : ring.availableFrames,
      );
    }
    if (this.direction === "playback") {
      stream.available = stream.size - Math.min(stream.size, frames * stream.frameBytes);
      stream.readPtr = stream.wrap(stream.writePtr + stream.size - stream.available);
      return rc;
    }
    this.gather(Math.min(frames, stream.freeFrames));
    return rc;
  }

  reload(byteCount: number): number {
    this.moved += byteCount;
    if (this.direction === "capture") return 0;
    const { stream } = this;
    const frames = byteCount / stream.frameBytes;
    const from = stream.wrap(stream.writePtr + stream.size - byteCount);
    return this.each(({ gateway }, i) => {
      const ring = gateway.stream;
      copyChannels(
        stream,
        from,
        this.channels[i] as readonly number[],
        ring,
        ring.writePtr,
        frames,
        "deal",
      );
      ring.produce(frames * ring.frameBytes);
      return gateway.reload(frames * ring.frameBytes);
    });
  }

  private gather(frames: number): void {
    if (frames === 0) return;
    const { stream } = this;
    this.each(({ gateway }, i) => {
      const ring = gateway.stream;
      copyChannels(
        stream,
        stream.writePtr,
        this.channels[i] as readonly number[],
        ring,
        ring.readPtr,
        frames,
        "gather",
      );
      ring.consume(frames * ring.frameBytes);
      return gateway.reload(frames * ring.frameBytes);
    });
    stream.produce(frames * stream.frameBytes);
  }

  /** @returns the first negative result, 0 when there is none */
  private each(action: (member: GroupMember, index: number) => number): number {
    let rc = 0;
    this.members.forEach((member, index) => {
      const result = action(member, index);
      if (result < 0 && rc === 0) rc = result;
    });
    return rc;
  }
}

/** Copies a member's channels between the group's ring and its own, one way or the other. */
function copyChannels(
  group: AudioStream,
  groupAt: number,
  channels: readonly number[],
  member: AudioStream,
  memberAt: number,
  frames: number,
  way: "deal" | "gather",
): void {
  const bytes = containerBytes(group.frameFmt);
  const { u8 } = group.memory;
  let [a, b] = [groupAt, memberAt];
  for (let frame = 0; frame < frames; frame++) {
    for (let i = 0; i < channels.length; i++) {
      const inGroup = a + (channels[i] as number) * bytes;
      const inMember = b + i * bytes;
      if (way === "deal") u8.copyWithin(inMember, inGroup, inGroup + bytes);
      else u8.copyWithin(inGroup, inMember, inMember + bytes);
    }
    a = group.wrap(a + group.frameBytes);
    b = member.wrap(b + member.frameBytes);
  }
}
