import { TopologyBuilder } from "@sof-ts/topology";
import { describe, expect, it } from "vitest";
import { built, stereo32, TestBench } from "../test/bench.js";
import { s16, s32 } from "../test/topologies.js";
import type { PcmParams } from "./pcm-params.js";

const stereo16: PcmParams = { ...stereo32, format: "S16_LE" };

describe("topologies with defects", () => {
  const defective = (add: (topology: TopologyBuilder) => void) => {
    const topology = new TopologyBuilder({ allowDefects: true });
    add(topology);
    return TestBench.booted(built(topology));
  };

  it.each([
    ["in a pipeline", 1],
    ["in no pipeline at all", 99],
  ])("name the widget that has no module UUID, %s, before anything is sent", (_where, id) => {
    const bench = defective((topology) => {
      const pipeline = topology.pipeline({ id: 1 });
      const host = pipeline.hostCopier({ direction: "playback", stream: "P", format: s32 });
      const link = { direction: "playback", type: "HDA", link: "L", format: s32 } as const;
      const dai = pipeline.daiCopier(link);
      topology.route(host, dai).pcm({ id: 0, name: "P", playback: { host, formats: ["S32_LE"] } });
    });
    const { topology } = bench.driver.graph;
    const dai = topology.widgets.find(({ kind }) => kind === "dai") as {
      uuid: string | null;
      pipelineId: number;
    };
    dai.uuid = null;
    dai.pipelineId = id;
    const setUp = () => bench.run(bench.driver.openPcm("P", "playback").hwParams(stereo32));
    expect(setUp).toThrow(
      'PCM "P" playback: widget dai-copier.HDA.L.playback: failed to find module info: ' +
        "the topology gives no module UUID (EINVAL)",
    );
    expect(bench.requests()).toEqual([]);
    expect(bench.taken).toBe(0);
  });

  it("name the module that the firmware lacks", () => {
    const bench = defective((topology) => {
      const pipeline = topology.pipeline({ id: 1 });
      const host = pipeline.hostCopier({ direction: "playback", stream: "P", format: s32 });
      const aria = pipeline.module("aria", { format: s32 });
      const dai = pipeline.daiCopier({
        direction: "playback",
        type: "HDA",
        link: "L",
        format: s32,
      });
      topology.route(host, aria, dai);
      topology.pcm({ id: 0, name: "P", playback: { host, formats: ["S32_LE"] } });
    });
    const stream = bench.driver.openPcm("P", "playback");
    expect(() => bench.run(stream.hwParams(stereo32))).toThrow(
      /widget aria\.1\.1: failed to find module info: the firmware has no module 99f7166d-[-0-9a-f]+ \(aria\) \(EINVAL\)$/,
    );
    expect(() => bench.driver.supportedParams("P", "playback")).toThrow(/aria/);
  });

  it("name the route whose sink does not exist", () => {
    const bench = defective((topology) => {
      const pipeline = topology.pipeline({ id: 1 });
      const host = pipeline.hostCopier({ direction: "playback", stream: "P", format: s32 });
      const mixin = pipeline.mixin({ format: s32 });
      topology.route(host, mixin, "mixout.21.1");
      topology.pcm({ id: 0, name: "P", playback: { host, formats: ["S32_LE"] } });
    });
    expect(() => bench.driver.openPcm("P", "playback")).toThrow(
      'PCM "P" playback: no back end is connected: route mixin.1.1 -> mixout.21.1 names ' +
        "mixout.21.1, which does not exist (EINVAL)",
    );
  });

  it("refuse a path of which only a part is a DMA chain", () => {
    const bench = defective((topology) => {
      const front = topology.pipeline({ id: 1, chainDma: true });
      const host = front.hostCopier({ direction: "playback", stream: "P", format: s32 });
      const back = topology.pipeline({ id: 2 });
      const dai = back.daiCopier({ direction: "playback", type: "HDA", link: "L", format: s32 });
      topology.route(host, dai).pcm({ id: 0, name: "P", playback: { host, formats: ["S32_LE"] } });
    });
    expect(() => bench.driver.openPcm("P", "playback")).toThrow(
      'PCM "P" playback: only some of the pipelines are DMA chains (pipeline.1) (EINVAL)',
    );
  });

  it("bind a route that is there twice once", () => {
    const bench = defective((topology) => {
      const pipeline = topology.pipeline({ id: 1 });
      const host = pipeline.hostCopier({ direction: "playback", stream: "P", format: s32 });
      const gain = pipeline.gain({ format: s32 });
      const dai = pipeline.daiCopier({
        direction: "playback",
        type: "HDA",
        link: "L",
        format: s32,
      });
      topology.route(host, gain, dai).route(host, gain);
      topology.pcm({ id: 0, name: "P", playback: { host, formats: ["S32_LE"] } });
    });
    bench.run(bench.driver.openPcm("P", "playback").hwParams(stereo32));
    expect(bench.requests().filter((request) => request.startsWith("bind"))).toHaveLength(2);
  });

  it("name the SSP port that has no configuration", () => {
    const bench = defective((topology) => {
      const pipeline = topology.pipeline({ id: 1 });
      const host = pipeline.hostCopier({ direction: "playback", stream: "P", format: s16 });
      const dai = pipeline.daiCopier({
        direction: "playback",
        type: "SSP",
        index: 2,
        link: "L",
        format: s16,
      });
      topology.route(host, dai).pcm({ id: 0, name: "P", playback: { host, formats: ["S16_LE"] } });
    });
    const stream = bench.driver.openPcm("P", "playback");
    expect(() => bench.run(stream.hwParams(stereo16))).toThrow(
      /widget dai-copier\.SSP\.L\.playback: no gateway configuration \(NHLT\) for SSP2 at 48000 Hz/,
    );
    expect(bench.taken).toBe(0);
  });
});
