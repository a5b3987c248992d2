import type { LinkRequest } from "@sof-ts/host";
import { describe, expect, it } from "vitest";
import { Links } from "../src/index.js";
import { copier, words } from "./payloads.js";
import { Id, Lab } from "./protocol/lab.js";
import {
  chainDma,
  concat,
  createPipeline,
  deletePipeline,
  type End,
  initInstance,
  type Message,
} from "./protocol/messages.js";
import { strategies } from "./strategies.js";

const MOD_NOT_INITIALIZED = 104;
const HDA_DMA = 1;
const SSP0_OUT = 0x0c00;
const ALH_GROUP_OUT = 0x1050;
const FORMAT = { rate: 48_000, channels: 2, containerBits: 32, validBits: 32 };

/** 156 bytes: `struct ipc_dma_config` with one device behind a type and a length. */
const dmaConfig = (channel: number, device = 0, method = HDA_DMA): Uint8Array =>
  words([0x1000, 148, method | (1 << 8), channel, channel + 1, 1, device, 3, ...zeros(30), 0]);
const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);

/** A DAI copier whose blob is so many words of its own, then the configurations of its DMA. */
function dai(node: number, blob: readonly number[], ...configs: Uint8Array[]): Uint8Array {
  const all = concat(words(blob), ...configs);
  const payload = concat(copier(node, 768).subarray(0, 80), all);
  new DataView(payload.buffer).setUint32(76, all.length / 4, true);
  return payload;
}

const init = (instance: number, payload: Uint8Array): Message => {
  const end: End = [Id.COPIER, instance];
  return initInstance(end, 0, payload);
};

const inUse = (lab: Lab): readonly string[] => lab.firmware.soc.dma.namesInUse();

describe.each(strategies)("a link that the host's HD-A link DMA carries, with %s,", (locking) => {
  it("goes through the channel that the host has set apart for it", () => {
    const lab = new Lab({ config: { platform: "lnl", locking } });
    lab.ok(createPipeline(0), init(0, dai(SSP0_OUT, zeros(21), dmaConfig(3))));
    expect(inUse(lab)).toEqual(["hda-link-out.3"]);
    lab.ok(deletePipeline(0));
    expect(inUse(lab)).toEqual([]);
  });

  it("leaves the others to streams that ask for them", () => {
    const lab = new Lab({ config: { platform: "ptl", locking } });
    lab.ok(createPipeline(0), init(0, dai(SSP0_OUT, zeros(21), dmaConfig(1))));
    lab.firmware.soc.gateways
      .get("hda", 0, "playback")
      .configure({ rateHz: 48_000, channels: 2, containerBytes: 4 });
    lab.ok(chainDma(0, 0, { allocate: true, enable: true }));
    expect(inUse(lab)).toContain("hda-link-out.0");
  });

  it("is refused when its channel is taken or is not there", () => {
    const lab = new Lab({ config: { platform: "lnl", locking } });
    lab.ok(createPipeline(0), init(0, dai(SSP0_OUT, zeros(21), dmaConfig(2))));
    const before = lab.firmware.resources;
    const taken = init(1, dai(SSP0_OUT + 0x10, zeros(21), dmaConfig(2)));
    expect(lab.status(taken)).toBe(MOD_NOT_INITIALIZED);
    const missing = init(1, dai(SSP0_OUT + 0x10, zeros(21), dmaConfig(0x8000_0000)));
    expect(lab.status(missing)).toBe(MOD_NOT_INITIALIZED);
    expect(lab.firmware.resources).toEqual(before);
  });

  it("of several SoundWire endpoints has a channel for each, by its device", () => {
    const lab = new Lab({ config: { platform: "lnl", locking } });
    const [a, b] = [2, 5];
    const group = [0, 2, a, 3, b, 3, ...zeros(28)];
    const payload = dai(ALH_GROUP_OUT, group, dmaConfig(4, b), dmaConfig(6, a));
    lab.ok(createPipeline(0), init(0, payload));
    expect(inUse(lab).toSorted()).toEqual(["hda-link-out.4", "hda-link-out.6"]);
  });

  it("goes through DMA inside the DSP where that serves it, whatever its blob ends with", () => {
    const lab = new Lab({ config: { platform: "mtl", locking } });
    lab.ok(createPipeline(0), init(0, dai(SSP0_OUT, zeros(21), dmaConfig(3))));
    expect(inUse(lab)).toHaveLength(1);
    expect(inUse(lab)[0]).not.toContain("hda");
  });
});

describe("the host's link streams", () => {
  const request = (type: LinkRequest["type"], index = 0): LinkRequest => ({
    type,
    index,
    link: "link",
    direction: "playback",
    endpoint: 0,
    format: FORMAT,
  });

  it("are one for each link where the host drives all, and free again afterwards", () => {
    const links = new Links(new Lab({ config: { platform: "lnl" } }).firmware.soc, () => {});
    const streams = [request("SSP", 1), request("HDA"), request("ALH"), request("HDA")].map(
      (wanted) => links.allocate(wanted),
    );
    expect(streams.map((stream) => stream?.tag)).toEqual([1, 2, 3, 4]);
    for (const stream of streams) stream?.release();
    expect(links.inUse).toBe(0);
  });

  it("run out for SSP ports and codecs alike", () => {
    const { soc } = new Lab({ config: { platform: "lnl" } }).firmware;
    const links = new Links(soc, () => {});
    let streams = 0;
    while (links.allocate(request("HDA")) !== null) streams++;
    expect(streams).toBe(soc.dma.linkOut.channels.length);
    expect(links.allocate(request("SSP"))).toBeNull();
    expect(links.inUse).toBe(streams);
  });

  it("are only those of codecs where the DSP's own DMA serves the rest", () => {
    const links = new Links(new Lab().firmware.soc, () => {});
    expect(links.allocate(request("SSP"))?.tag).toBeNull();
    expect(links.allocate(request("HDA"))?.tag).toBe(1);
  });
});
