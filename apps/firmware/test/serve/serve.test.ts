import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SocketLink } from "@sof-ts/host";
import * as fc from "fast-check";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { connectSocket, FirmwareServer } from "../../src/index.js";
import { find, noise, ServedHost } from "./served-streams.js";

const folder = mkdtempSync(join(tmpdir(), "sof-serve-"));
afterAll(() => rmSync(folder, { recursive: true }));

const log: string[] = [];
const servers: FirmwareServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  log.length = 0;
});

let sockets = 0;

/** A server on a socket of its own. */
async function serve(
  maxConnections = 8,
  idleMs = 0,
): Promise<{ server: FirmwareServer; path: string }> {
  const server = new FirmwareServer({
    platform: "mtl",
    maxConnections,
    idleMs,
    log: (line) => log.push(line),
  });
  const path = join(folder, `${sockets++}.sock`);
  servers.push(server);
  await server.listen({ path });
  return { server, path };
}

/** A bare client; what it gets is kept, errors are its own business. */
function raw(path: string): { socket: Socket; received: () => Buffer; ended: Promise<void> } {
  const parts: Buffer[] = [];
  const socket = connect(path);
  socket.on("data", (bytes: Buffer) => parts.push(bytes));
  socket.on("error", () => {});
  const ended = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  return { socket, received: () => Buffer.concat(parts), ended };
}

const u32 = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => bytes.writeUInt32LE(value >>> 0, 4 * i));
  return bytes;
};

/** A message with restated layout: length behind itself, type, zero, sequence, body. */
function message(type: number, sequence: number, ...body: Buffer[]): Buffer {
  const content = Buffer.concat(body);
  const head = u32(8 + content.length, type, sequence);
  return Buffer.concat([head, content]);
}

const hello = (sequence = 0): Buffer => message(1, sequence, u32(0x6846_4f53, 1), Buffer.alloc(8));

const expectSoon = async (condition: () => boolean): Promise<void> => {
  for (let i = 0; i < 2000 && !condition(); i++)
    await new Promise((resolve) => setTimeout(resolve, 1));
  expect(condition()).toBe(true);
};

describe("a host behind a socket", () => {
  it("plays and records bit for bit", async () => {
    const { path } = await serve();
    const voice = noise(9600, 99);
    const host = await ServedHost.boot(await connectSocket({ path }), voice);
    const input = noise(4800);
    await host.play(input);
    expect(find(host.output, input) % 8).toBe(0);
    const recorded = await host.record(4800 * 8);
    const from = recorded.findIndex((byte) => byte !== 0) & ~7;
    expect(from).toBeLessThan(recorded.length / 2);
    expect(find(voice, recorded.subarray(from)) % 8).toBe(0);
    expect(host.driver.resourceEvents).toEqual([]);
    expect([host.link.dma.inUse, host.link.links.inUse]).toEqual([0, 0]);
    await host.link.close();
  });

  it("sets an HD Audio link stream apart for each link where those carry all", async () => {
    const { path } = await serve();
    const tagsOn = async (platform: string) => {
      const link = await SocketLink.connect(await connectSocket({ path }), { platform });
      const format = { rate: 48_000, channels: 2, containerBits: 32, validBits: 32 };
      const request = {
        index: 0,
        link: "link",
        direction: "playback",
        endpoint: 0,
        format,
      } as const;
      const types = ["SSP", "HDA", "ALH", "HDA"] as const;
      const streams = types.map((type) => link.links.allocate({ ...request, type }));
      const tags = streams.map((stream) => stream?.tag);
      for (const stream of streams) stream?.release();
      const again = link.links.allocate({ ...request, type: "SSP" });
      expect(again?.tag).toBe(tags[0]);
      again?.release();
      const { linkDma } = link.machine;
      await link.close();
      return { linkDma, tags };
    };
    expect(await tagsOn("lnl")).toEqual({ linkDma: "hdaLink", tags: [1, 2, 3, 4] });
    expect(await tagsOn("mtl")).toEqual({ linkDma: "gpdma", tags: [null, 1, null, 2] });
  });

  it("works over TCP on loopback", async () => {
    const server = new FirmwareServer({ platform: "tgl", maxConnections: 1, log: () => {} });
    servers.push(server);
    const address = await server.listen({ port: 0 });
    expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
    const port = Number(address.split(":")[1]);
    const host = await ServedHost.boot(await connectSocket({ port }));
    const input = noise(960);
    await host.play(input);
    expect(find(host.output, input)).toBeGreaterThanOrEqual(0);
    await host.link.close();
  });

  it("hears from the error when the server goes away", async () => {
    const { server, path } = await serve();
    const host = await ServedHost.boot(await connectSocket({ path }));
    await server.close();
    servers.length = 0;
    await expect(host.run(host.driver.wait(1000))).rejects.toThrow(/connection .* ended/);
  });
});

describe("clients", () => {
  it("have machines of their own, which run alike", async () => {
    const { path } = await serve();
    const play = async (frames: number): Promise<Uint8Array> => {
      const host = await ServedHost.boot(await connectSocket({ path }));
      await host.play(noise(frames));
      await host.link.close();
      return host.output;
    };
    const [first, second, third] = await Promise.all([play(2400), play(960), play(2400)]);
    expect(Buffer.compare(first, third)).toBe(0);
    expect(find(second, noise(960))).toBeGreaterThanOrEqual(0);
  });

  it("are refused when there are too many, and told so", async () => {
    const { path } = await serve(1);
    const first = await ServedHost.boot(await connectSocket({ path }));
    await expect(ServedHost.boot(await connectSocket({ path }))).rejects.toThrow(
      /1 connections are served, no more/,
    );
    await first.link.close();
    await expectSoon(() => log.some((line) => line.includes("connection 1: ended")));
    await (await ServedHost.boot(await connectSocket({ path }))).link.close();
  });

  it("lose their place to a new one only when all are taken and they are idle", async () => {
    const { server, path } = await serve(2, 20);
    const idle = await ServedHost.boot(await connectSocket({ path }));
    const busy = await ServedHost.boot(await connectSocket({ path }));
    const boot = async (): Promise<ServedHost | null> => {
      try {
        return await ServedHost.boot(await connectSocket({ path }));
      } catch {
        return null;
      }
    };
    // One plays on while new clients knock, until the other has been quiet for long enough.
    let third: ServedHost | null = null;
    while (third === null) {
      await busy.play(noise(960));
      third = await boot();
    }
    expect(log).toContain("a connection that was idle makes room for another");
    expect(server.connections).toBe(2);
    await expect(idle.play(noise(960))).rejects.toThrow("the connection to the firmware ended");
    await busy.play(noise(960));
    await third.link.close();
    await busy.link.close();
  });

  it("that speak another protocol are told, and nothing is made for them", async () => {
    const { server, path } = await serve();
    for (const [bytes, reply] of [
      [Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), /^$/],
      [message(2, 0, u32(0)), /the first request must be HELLO/],
      [message(1, 0, u32(1, 1), Buffer.alloc(8)), /no SOF host speaks here/],
      [message(1, 0, u32(0x6846_4f53, 9), Buffer.alloc(8)), /protocol version 9/],
      [
        message(1, 0, u32(0x6846_4f53, 1), Buffer.from("pentium\0")),
        /platform "pentium" is none of tgl/,
      ],
      [Buffer.concat([hello(), hello(1)]), /a second HELLO/],
      [Buffer.concat([hello(), message(99, 1)]), /there is no such request/],
      [Buffer.concat([hello(), message(2, 1, u32(0, 0))]), /4 bytes too many/],
      [Buffer.concat([hello(), message(2, 1)]), /truncated: offset/],
    ] as const) {
      const client = raw(path);
      client.socket.write(bytes);
      await client.ended;
      expect(client.received().toString("latin1")).toMatch(reply);
    }
    await expectSoon(() => server.connections === 0);
  });

  it("that ask for what is not there are refused and may go on", async () => {
    const { path } = await serve();
    const client = raw(path);
    const requests = [
      message(2, 1, u32(0x7fff_fff0)),
      message(3, 2, u32(1, 0)),
      message(4, 3, u32(9, 0, 4)),
      message(4, 4, u32(0, 0x1fff, 4)),
      message(5, 5, u32(0, 0), Buffer.from("nope")),
      message(5, 6, u32(1, 0x1ffe), Buffer.from("nope")),
      message(7, 7, u32(1, 0xffff_ffff)),
      message(8, 8, u32(0, 77, 384, 384)),
      message(8, 9, u32(0, 1, 385, 384)),
      message(8, 10, u32(0, 1, 0x1000_0000, 384)),
      message(9, 11, u32(0, 2)),
      message(12, 12, u32(0, 1, 0), Buffer.alloc(8)),
      message(16, 13, Buffer.from([0, 0, 250, 0]), u32(48_000, 2, 32, 32)),
      message(16, 14, Buffer.from([0, 0, 0, 0]), u32(48_000, 200, 32, 32)),
      message(18, 15, Buffer.from([0, 1, 0, 0]), Buffer.alloc(8)),
      message(6, 16, u32(4)),
    ];
    client.socket.write(Buffer.concat([hello(), ...requests, message(7, 17, u32(1, 1000))]));
    const replies = (): { type: number; sequence: number; status: number }[] => {
      const bytes = client.received();
      const found = [];
      for (let at = 0; at + 16 <= bytes.length; at += 4 + bytes.readUInt32LE(at)) {
        const [type, sequence] = [bytes.readUInt16LE(at + 4), bytes.readUInt32LE(at + 8)];
        found.push({ type, sequence, status: bytes.readInt32LE(at + 12) });
      }
      return found;
    };
    await expectSoon(() => replies().length === 18);
    expect(replies()[0]).toEqual({ type: 0x8001, sequence: 0, status: 0 });
    expect(replies()[17]).toEqual({ type: 0x8007, sequence: 17, status: 0 });
    const refused = replies().slice(1, 17);
    expect(refused.map(({ sequence }) => sequence)).toEqual(requests.map((_, i) => i + 1));
    expect(refused.every(({ status }) => status < 0)).toBe(true);
    client.socket.destroy();
  });
});

/** Plays through one client while others misbehave. */
async function expectPlayedBeside(path: string, misbehave: () => Promise<void>): Promise<void> {
  const host = await ServedHost.boot(await connectSocket({ path }));
  const input = noise(4800);
  await Promise.all([host.play(input), misbehave()]);
  expect(find(host.output, input)).toBeGreaterThanOrEqual(0);
  expect(host.driver.resourceEvents).toEqual([]);
  await host.link.close();
}

describe("a client that misbehaves harms no other", () => {
  it("by leaving in the middle of a message", async () => {
    const { server, path } = await serve();
    await expectPlayedBeside(path, async () => {
      for (const length of [1, 5, 11, 14, 20]) {
        const client = raw(path);
        await new Promise<void>((resolve) =>
          client.socket.end(hello().subarray(0, length), () => resolve()),
        );
        await client.ended;
      }
    });
    await expectSoon(() => server.connections === 0);
    expect(log.filter((line) => line.includes("in the middle of a message"))).toHaveLength(5);
  });

  it("by leaving while its machine runs", async () => {
    const { server, path } = await serve();
    await expectPlayedBeside(path, async () => {
      const client = raw(path);
      client.socket.write(Buffer.concat([hello(), message(7, 1, u32(1, 10_000_000))]));
      await expectSoon(() => client.received().length > 0);
      client.socket.destroy();
      await client.ended;
    });
    await expectSoon(() => server.connections === 0);
  });

  it("by flooding with requests whose answers it does not take", async () => {
    const { server, path } = await serve();
    const client = raw(path);
    client.socket.pause();
    const flood = Buffer.concat(
      Array.from({ length: 500 }, (_, i) => message(4, i + 1, u32(2, 0, 0x1_0000))),
    );
    let most = 0;
    await expectPlayedBeside(path, async () => {
      client.socket.write(hello());
      for (let i = 0; i < 4; i++) client.socket.write(flood);
      for (let i = 0; i < 20; i++) {
        await new Promise((resolve) => setTimeout(resolve, 2));
        most = Math.max(most, server.pendingBytes);
      }
    });
    // 2000 answers of 64 KiB each would be 128 MiB; a batch of them waits, no more is read.
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(0x4_0000);
    client.socket.destroy();
    await expectSoon(() => server.connections === 0);
  });

  it("by sending garbage", async () => {
    const { server, path } = await serve();
    await expectPlayedBeside(path, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.boolean(),
          fc.array(
            fc.oneof(
              fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
              fc
                .tuple(
                  fc.integer({ min: 0, max: 20 }),
                  fc.array(fc.oneof(fc.integer({ min: 0, max: 16 }), fc.nat(0xffff_ffff)), {
                    maxLength: 6,
                  }),
                )
                .map(([type, words]) => message(type, 1, u32(...words))),
            ),
            { maxLength: 12 },
          ),
          async (greets, parts) => {
            const client = raw(path);
            client.socket.end(Buffer.concat([...(greets ? [hello()] : []), ...parts]));
            client.socket.resume();
            await client.ended;
          },
        ),
        { numRuns: 60, seed: 7 },
      );
    });
    await expectSoon(() => server.connections === 0);
    expect(log.filter((line) => line.includes("internal error"))).toEqual([]);
  });
});
