import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Session } from "../../src/serve/session.js";
import { answer, decodeSession, framesOf, ReplayingStream } from "./recording.js";
import { find, noise, ServedHost } from "./served-streams.js";

const parts = decodeSession(readFileSync(new URL("playback.session.gz", import.meta.url)));
const LINK_HEAR = 19;

/** Status in the reply, and what was heard where that was asked for. */
function contentOf(body: Uint8Array): { readonly status: number; readonly heard: Uint8Array } {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  return { status: view.getInt32(0, true), heard: body.subarray(8) };
}

const heardIn = (frames: readonly { type: number; body: Uint8Array }[]): Uint8Array =>
  Buffer.concat(
    frames
      .filter(({ type }) => (type & 0x7fff) === LINK_HEAR)
      .map(({ body }) => contentOf(body).heard),
  );

describe("a recorded session", () => {
  it("begins with the greeting, byte for byte", () => {
    expect(Buffer.from(parts[0]?.bytes ?? []).toString("hex")).toBe(
      // length 24, type 1, sequence 0, "SOFh", version 1, "mtl"
      "180000000100000000000000534f4668010000006d746c0000000000",
    );
    const welcome = Buffer.from(parts[1]?.bytes ?? []);
    expect(welcome.subarray(4, 12).toString("hex")).toBe("0180000000000000");
    expect(welcome.readInt32LE(12)).toBe(0);
    expect(welcome.subarray(20, 28).toString("latin1")).toBe("mtl\0\0\0\0\0");
  });

  it("is what the host sends to such a server", async () => {
    const stream = new ReplayingStream(parts);
    const host = await ServedHost.boot(stream, noise(4800, 99));
    await host.play(noise(480));
    await host.record(240 * 8);
    await host.link.close();
    expect(stream.isOver).toBe(true);
    expect(find(host.output, noise(480))).toBeGreaterThanOrEqual(0);
  });

  it("is answered by the firmware of today with the same audio", () => {
    const session = new Session("mtl");
    const requests = framesOf(parts, "client");
    const recorded = framesOf(parts, "server");
    const replies = framesOf(
      requests.map((frame) => ({ from: "server" as const, bytes: answer(session, frame) })),
      "server",
    );
    const outline = (frames: typeof replies) =>
      frames.map(({ type, sequence, body }) => [type, sequence, contentOf(body).status]);
    expect(outline(replies)).toEqual(outline(recorded));
    expect(find(heardIn(replies), noise(480))).toBeGreaterThanOrEqual(0);
    expect(find(heardIn(recorded), noise(480))).toBeGreaterThanOrEqual(0);
  });
});
