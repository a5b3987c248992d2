import { describe, expect, it } from "vitest";
import { FakeServer, welcome } from "../test/fake-server.js";
import { SocketLink, SocketMessage, type SocketFarEnd } from "./index.js";

const time = (timeoutUs: number) => ({ kind: "time", timeoutUs }) as const;
const format = { rate: 48_000, channels: 2, containerBits: 32, validBits: 32 };
const link = (type: "HDA" | "SSP", direction: "playback" | "capture", index = 0) => ({
  type,
  index,
  link: "Link",
  direction,
  endpoint: 0,
  format,
});

async function connected(
  farEnd: SocketFarEnd | null = null,
): Promise<{ server: FakeServer; host: SocketLink }> {
  const server = new FakeServer();
  const host = await SocketLink.connect(server, { farEnds: () => farEnd });
  server.requests.length = 0;
  return { server, host };
}

describe("connecting", () => {
  it("learns what the machine has", async () => {
    const { host } = await connected();
    expect(host.machine).toEqual(welcome);
    expect(host.registers.tdr).toBe(0x200);
    expect(host.nowUs()).toBe(1000);
    expect([host.dma.streamCount("playback"), host.dma.streamCount("capture")]).toEqual([2, 1]);
  });

  it("says who is refused and why", async () => {
    const server = new FakeServer();
    server.answer = (_request, writer) => {
      writer.bytes(new TextEncoder().encode("no platform i386"));
      return -22;
    };
    await expect(SocketLink.connect(server, { platform: "i386" })).rejects.toThrow(
      /refused request 1: no platform i386 \(EINVAL\)/,
    );
    expect(Buffer.from(server.requests[0]?.body ?? []).toString("latin1")).toBe(
      "SOFh\x01\0\0\0i386\0\0\0\0",
    );
  });
});

describe("registers", () => {
  it("are as they were at the last wait, and written ones as they will be", async () => {
    const { server, host } = await connected();
    server.registers.set(0x200, 0x9b08_0000);
    server.registers.set(0x214, 0x8000_0000);
    expect(host.read32(0x200)).toBe(0);
    expect(await host.advanceAsync({ kind: "irq", timeoutUs: 500 })).toBe("irq");
    expect(host.read32(0x200)).toBe(0x9b08_0000);
    host.write32(0x200, 0x8000_0000);
    host.write32(0x204, 0);
    host.write32(0x214, 0x8000_0000);
    host.write32(0x210, 0x9100_0001);
    expect([0x200, 0x214, 0x210].map((offset) => host.read32(offset))).toEqual([
      0x1b08_0000, 0, 0x9100_0001,
    ]);
    server.requests.length = 0;
    await host.advanceAsync(time(0));
    const writes = server.requests.slice(0, 5);
    expect(writes.map(({ type }) => type)).toEqual([3, 3, 3, 3, SocketMessage.ADVANCE]);
    expect(writes.slice(0, 4).map(({ words }) => words)).toEqual([
      [0x200, 0x8000_0000],
      [0x204, 0],
      [0x214, 0x8000_0000],
      [0x210, 0x9100_0001],
    ]);
  });

  it("other than the doorbell's are a mistake", async () => {
    const { host } = await connected();
    expect(() => host.read32(4)).toThrow("0x4 is no doorbell register");
  });
});

describe("windows", () => {
  it("take over what changed, and send what is written", async () => {
    const { server, host } = await connected();
    server.answer = ({ type, words }, writer) => {
      if (type === SocketMessage.SYNC_WINDOW && words[0] === 0)
        writer
          .u32(64)
          .u32(4)
          .bytes(Uint8Array.of(1, 2, 3, 4))
          .u32(252)
          .u32(1)
          .u8(7);
      return undefined;
    };
    host.writeWindow(1, 8, Uint8Array.of(5, 6));
    expect([...host.readWindow(1, 7, 4)]).toEqual([0, 5, 6, 0]);
    await host.advanceAsync(time(10));
    expect([...host.readWindow(0, 64, 5)]).toEqual([1, 2, 3, 4, 0]);
    expect(host.readWindow(0, 252, 1)).toEqual(Uint8Array.of(7));
    const [write] = server.take(SocketMessage.WRITE_WINDOW);
    expect([...(write?.body ?? [])]).toEqual([1, 0, 0, 0, 8, 0, 0, 0, 5, 6]);
  });

  it("do not let a server write beside them", async () => {
    const { server, host } = await connected();
    server.answer = ({ type }, writer) => {
      if (type === SocketMessage.SYNC_WINDOW) writer.u32(255).u32(2).u16(0);
      return undefined;
    };
    await expect(host.advanceAsync(time(0))).rejects.toThrow(
      /2 bytes at 255 are not in the window/,
    );
    expect(server.closed).toBe(true);
  });
});

describe("time", () => {
  it("passes in steps of a second, until an interrupt comes", async () => {
    const { server, host } = await connected();
    await host.advanceAsync(time(2_500_000));
    expect(server.take(SocketMessage.ADVANCE).map(({ words }) => words)).toEqual([
      [1, 1_000_000],
      [1, 1_000_000],
      [1, 500_000],
    ]);
    expect(host.nowUs()).toBe(501_000);
    await host.advanceAsync({ kind: "irq", timeoutUs: 2_500_000 });
    expect(server.take(SocketMessage.ADVANCE)).toHaveLength(1);
  });
});

describe("streams", () => {
  it("are numbered, and taken once", async () => {
    const { host } = await connected();
    const [first, second] = [host.dma.allocate("playback"), host.dma.allocate("playback")];
    expect([first?.tag, second?.tag, host.dma.allocate("playback")]).toEqual([1, 2, null]);
    first?.release();
    expect(host.dma.allocate("playback")?.tag).toBe(1);
  });

  it("refuse rings that a machine refuses", async () => {
    const { host } = await connected();
    const stream = host.dma.allocate("playback");
    expect(stream?.configure({ bufferBytes: 100, periodBytes: 30, format })).toBe(-22);
    expect(stream?.configure({ bufferBytes: 0x80_0000, periodBytes: 0x80_0000, format })).toBe(-12);
  });

  it("send what is written with its place", async () => {
    const { server, host } = await connected();
    const stream = host.dma.allocate("playback");
    stream?.configure({ bufferBytes: 768, periodBytes: 384, format });
    stream?.write(384, Uint8Array.of(1, 2, 3, 4));
    stream?.setApplicationPosition(388);
    stream?.start();
    await host.advanceAsync(time(0));
    expect(server.requests.slice(0, 4).map(({ type, words }) => [type, ...words])).toEqual([
      [8, 0, 1, 768, 384],
      [12, 0, 1, 384, 0x0403_0201],
      [15, 0, 1, 388, 0],
      [9, 0, 1],
    ]);
  });

  it("fetch what was captured, across the end of the ring and never more than it holds", async () => {
    const { server, host } = await connected();
    const stream = host.dma.allocate("capture");
    stream?.configure({ bufferBytes: 64, periodBytes: 32, format });
    let position = 48n;
    server.answer = ({ type, words }, writer) => {
      if (type === SocketMessage.STREAM_POSITION) writer.u64(position);
      if (type === SocketMessage.STREAM_READ)
        writer.bytes(new Uint8Array(words[3] ?? 0).fill(words[2] === 0 ? 2 : 1));
      return undefined;
    };
    const reads = async (): Promise<(readonly number[])[]> => {
      server.requests.length = 0;
      await host.advanceAsync(time(0));
      return server.take(SocketMessage.STREAM_READ).map(({ words }) => words.slice(2));
    };
    expect(await reads()).toEqual([[0, 48]]);
    position = 80n;
    expect(await reads()).toEqual([
      [48, 16],
      [0, 16],
    ]);
    position = 1000n;
    expect((await reads()).reduce((sum, [, length = 0]) => sum + length, 0)).toBe(64);
    expect(stream?.position()).toBe(1000);
    const bytes = new Uint8Array(2);
    stream?.read(63, bytes.subarray(0, 1));
    expect(bytes[0]).toBe(1);
  });
});

describe("links", () => {
  it("are chosen as the machine chooses: placed ones where they are, others as they are free", async () => {
    const { server, host } = await connected();
    const first = host.links.allocate(link("HDA", "playback", 5));
    const second = host.links.allocate(link("HDA", "playback", 5));
    expect([first?.tag, second?.tag, first?.alhId]).toEqual([1, 2, null]);
    expect(host.links.allocate(link("HDA", "playback"))).toBeNull();
    expect(host.links.allocate(link("SSP", "capture", 0))).toBeNull();
    expect(host.links.allocate(link("SSP", "capture", 2))?.tag).toBeNull();
    second?.release();
    await host.advanceAsync(time(0));
    const sent = server.requests.filter(({ type }) => type === 16 || type === 17);
    expect(sent.map(({ type, words }) => [type, ...words])).toEqual([
      [16, 0x0000_0000, 48_000, 2, 32, 32],
      [16, 0x0001_0000, 48_000, 2, 32, 32],
      [16, 0x0002_0101, 48_000, 2, 32, 32],
      [17, 0x0001_0000],
    ]);
  });

  it("refuse a format that the link cannot have", async () => {
    const { host } = await connected();
    const ssp = link("SSP", "capture", 2);
    expect(host.links.allocate({ ...ssp, format: { ...format, containerBits: 16 } })).toBeNull();
    expect(host.links.allocate({ ...ssp, format: { ...format, channels: 4 } })).toBeNull();
  });

  it("hand on all that was heard", async () => {
    const heard: number[] = [];
    const { server, host } = await connected({ hear: (bytes) => heard.push(...bytes) });
    host.links.allocate(link("HDA", "playback"));
    let left = 3;
    server.answer = ({ type }, writer) => {
      if (type === SocketMessage.LINK_HEAR) writer.u32(--left).u8(left);
      return undefined;
    };
    await host.advanceAsync(time(0));
    expect(heard).toEqual([2, 1, 0]);
  });

  it("are fed with what a wait can need, less what they have", async () => {
    const asked: number[] = [];
    const { server, host } = await connected({
      feed: (length) => {
        asked.push(length);
        return new Uint8Array(length);
      },
    });
    host.links.allocate(link("SSP", "capture", 2));
    server.answer = ({ type }, writer) => {
      if (type === SocketMessage.LINK_FEED) writer.u32(384);
      return undefined;
    };
    await host.advanceAsync(time(5000));
    await host.advanceAsync(time(5000));
    // 5 ms and a margin of 10 ms, at 384 bytes a millisecond
    expect(asked).toEqual([15 * 384, 14 * 384]);
  });

  it("pass on what a far end throws", async () => {
    const { server, host } = await connected({
      hear: () => {
        throw new Error("disk full");
      },
    });
    host.links.allocate(link("HDA", "playback"));
    server.answer = ({ type }, writer) => {
      if (type === SocketMessage.LINK_HEAR) writer.u32(0).u8(1);
      return undefined;
    };
    await expect(host.advanceAsync(time(0))).rejects.toThrow("disk full");
  });
});

describe("a connection that ends", () => {
  it("fails the wait that is under way, and each that comes", async () => {
    const { server, host } = await connected();
    server.send = () => queueMicrotask(() => server.onClose?.(new Error("reset by peer")));
    await expect(host.advanceAsync(time(0))).rejects.toThrow(
      /the connection to the firmware ended: reset by peer \(ENOTCONN\)/,
    );
    await expect(host.advanceAsync(time(0))).rejects.toThrow(/ended/);
  });

  it("is ended by a reply to nothing", async () => {
    const { server, host } = await connected();
    server.onBytes?.(Uint8Array.of(12, 0, 0, 0, 7, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    await expect(host.advanceAsync(time(0))).rejects.toThrow(/was not asked for/);
    expect(server.closed).toBe(true);
  });
});
