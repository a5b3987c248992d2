import { describe, expect, it } from "vitest";
import { chainedPlayback, echoCancellingCapture, mixedPlayback } from "../../test/samples.js";
import { audioFormat } from "../audio-format.js";
import { TopologyBuilder } from "../builder/topology-builder.js";
import { type StreamPath, TopologyGraph } from "./graph.js";
import { parseTopology } from "./parse.js";

const s32 = audioFormat("S32_LE");
const graphOf = (builder: TopologyBuilder) =>
  new TopologyGraph(parseTopology(builder.build(), "x"));

function pathOf(
  graph: TopologyGraph,
  pcm: string | number,
  direction: "playback" | "capture",
): StreamPath {
  const found = graph.pcm(pcm);
  const path = found === undefined ? null : graph.path(found, direction);
  if (path === null) throw new Error(`no path for ${pcm} ${direction}`);
  return path;
}

const names = (path: StreamPath) => path.widgets.map((widget) => widget.name);

/** Two host copiers and a DAI copier for each direction, pipelines 1 to 4, without routes. */
function ends(options = {}) {
  const builder = new TopologyBuilder({ allowDefects: true, ...options });
  const play = builder
    .pipeline({ id: 1 })
    .hostCopier({ direction: "playback", stream: "P", format: s32 });
  const record = builder
    .pipeline({ id: 2 })
    .hostCopier({ direction: "capture", stream: "C", format: s32 });
  const speaker = builder
    .pipeline({ id: 3 })
    .daiCopier({ direction: "playback", type: "HDA", link: "L", format: s32 });
  const mic = builder
    .pipeline({ id: 4 })
    .daiCopier({ direction: "capture", type: "HDA", link: "L", format: s32 });
  builder
    .pcm({
      id: 0,
      name: "PCM",
      playback: { host: play, formats: ["S32_LE"] },
      capture: { host: record, formats: ["S32_LE"] },
    })
    .link({ id: 0, name: "L", type: "HDA", index: 0 });
  return { builder, play, record, speaker, mic };
}

describe("TopologyGraph.path", () => {
  const playback = graphOf(mixedPlayback());

  it("follows playback from the host copier to the DAI copier", () => {
    const path = pathOf(playback, "HDA Analog", "playback");
    expect(names(path)).toEqual([
      "host-copier.0.playback",
      "gain.1.1",
      "mixin.1.1",
      "mixout.2.1",
      "eqiir.2.1",
      "drc.2.1",
      "dai-copier.HDA.Analog.playback",
    ]);
    expect(path.pipelines.map(({ id }) => id)).toEqual([1, 2]);
    expect(path.dais.map(({ name }) => name)).toEqual(["dai-copier.HDA.Analog.playback"]);
    expect(path.routes.map(({ source, sink }) => `${source} ${sink}`)).toEqual([
      "host-copier.0.playback gain.1.1",
      "gain.1.1 mixin.1.1",
      "mixin.1.1 mixout.2.1",
      "mixout.2.1 eqiir.2.1",
      "eqiir.2.1 drc.2.1",
      "drc.2.1 dai-copier.HDA.Analog.playback",
    ]);
    expect(path.chainDma).toBe(false);
    expect(path.brokenRoutes).toEqual([]);
  });

  it("shares the pipeline behind the mixer, and nothing in front of it", () => {
    const path = pathOf(playback, 31, "playback");
    expect(path.pipelines.map(({ id }) => id)).toEqual([15, 2]);
    expect(names(path)).not.toContain("mixin.1.1");
  });

  it("follows capture up from the host copier and lists it with the flow of audio", () => {
    const graph = graphOf(echoCancellingCapture());
    expect(names(pathOf(graph, "DMIC Raw", "capture"))).toEqual([
      "dai-copier.DMIC.dmic01.capture",
      "gain.14.1",
      "module-copier.14.1",
      "host-copier.99.capture",
    ]);
  });

  it("finds every source of a stream that is made of several", () => {
    const path = pathOf(graphOf(echoCancellingCapture()), "DMIC Clean", "capture");
    expect(path.dais.map(({ name }) => name)).toEqual([
      "dai-copier.SSP.SSP1-Codec.capture",
      "dai-copier.DMIC.dmic01.capture",
    ]);
    expect(names(path)).toEqual([
      "dai-copier.SSP.SSP1-Codec.capture",
      "google-rtc-aec.18.1",
      "tdfb.18.1",
      "host-copier.27.capture",
      "dai-copier.DMIC.dmic01.capture",
      "gain.14.1",
      "module-copier.14.1",
      "module-copier.18.1",
    ]);
    expect(path.routes.length).toBe(7);
    expect(path.pipelines.map(({ id }) => id)).toEqual([8, 18, 14]);
  });

  it("does not follow an echo reference into a pipeline of the other direction", () => {
    const { builder, play, record, speaker, mic } = ends();
    builder.route(play, speaker).route(play, record).route(mic, record);
    const graph = graphOf(builder);
    expect(names(pathOf(graph, "PCM", "playback"))).toEqual([play.name, speaker.name]);
    expect(names(pathOf(graph, "PCM", "capture"))).toEqual([mic.name, record.name]);
  });

  it("ends at virtual widgets", () => {
    const { builder, play, speaker } = ends();
    const codec = builder.virtual("output", "codec");
    builder.route(play, codec, speaker);
    expect(names(pathOf(graphOf(builder), "PCM", "playback"))).toEqual([play.name]);
  });

  it("takes each branch to its end before the next, in file order", () => {
    const builder = new TopologyBuilder({ allowDefects: true });
    const pipeline = builder.pipeline({ id: 1 });
    const host = pipeline.hostCopier({ direction: "playback", stream: "P", format: s32 });
    const [split, a, b, c] = ["split", "a", "b", "c"].map((name) =>
      pipeline.moduleCopier({ name, format: s32 }),
    );
    builder.pcm({ id: 0, name: "PCM", playback: { host, formats: ["S32_LE"] } });
    builder
      .route(host, split as never, a as never, c as never)
      .route(split as never, b as never, c as never);
    expect(names(pathOf(graphOf(builder), "PCM", "playback"))).toEqual([
      host.name,
      "split",
      "a",
      "c",
      "b",
    ]);
  });

  it("survives loops", () => {
    const { builder, play, speaker } = ends();
    builder.route(play, speaker, play);
    expect(names(pathOf(graphOf(builder), "PCM", "playback"))).toEqual([play.name, speaker.name]);
  });

  it("lists a duplicate route once and broken routes apart", () => {
    const { builder, play, speaker } = ends();
    builder.route(play, speaker).route(play, speaker).route(play, "nowhere");
    const path = pathOf(graphOf(builder), "PCM", "playback");
    expect(path.routes.map(({ index }) => index)).toEqual([0]);
    expect(path.brokenRoutes.map(({ sink }) => sink)).toEqual(["nowhere"]);
  });

  it("knows DMA chains, and mixtures that no driver takes", () => {
    expect(pathOf(graphOf(chainedPlayback()), "HDMI1", "playback").chainDma).toBe(true);
    const builder = new TopologyBuilder({ allowDefects: true });
    const host = builder
      .pipeline({ id: 1, chainDma: true })
      .hostCopier({ direction: "playback", stream: "P", format: s32 });
    const dai = builder
      .pipeline({ id: 2 })
      .daiCopier({ direction: "playback", type: "HDA", link: "L", format: s32 });
    builder.route(host, dai).pcm({ id: 0, name: "PCM", playback: { host, formats: ["S32_LE"] } });
    expect(pathOf(graphOf(builder), "PCM", "playback").chainDma).toBe("mixed");
  });

  it("is null for a direction that is not there and a stream without host copier", () => {
    const analog = playback.pcm(0);
    expect(analog && playback.path(analog, "capture")).toBeNull();
    const builder = new TopologyBuilder({ allowDefects: true });
    builder.pcm({ id: 0, name: "PCM", playback: { host: "nobody", formats: ["S32_LE"] } });
    const graph = graphOf(builder);
    const pcm = graph.pcm(0);
    expect(pcm && graph.path(pcm, "playback")).toBeNull();
  });
});

describe("TopologyGraph", () => {
  const graph = graphOf(mixedPlayback());

  it("finds PCMs by name and by id", () => {
    expect(graph.pcm("HDA Analog")?.id).toBe(0);
    expect(graph.pcm("31")?.name).toBe("Deepbuffer HDA Analog");
    expect(graph.pcm(31)?.name).toBe("Deepbuffer HDA Analog");
    expect([graph.pcm("Analog"), graph.pcm(7)]).toEqual([undefined, undefined]);
  });

  it("finds widgets, pipelines and routes", () => {
    const drc = graph.widget("drc.2.1");
    expect(drc && graph.pipelineOf(drc)?.name).toBe("pipeline.2");
    expect(graph.pipeline(15)?.lpMode).toBe(true);
    expect(graph.routesTo("mixout.2.1").map(({ source }) => source)).toEqual([
      "mixin.1.1",
      "mixin.15.1",
    ]);
    expect(graph.routesFrom("drc.2.1").map(({ sink }) => sink)).toEqual([
      "dai-copier.HDA.Analog.playback",
      "Codec Output",
    ]);
    expect(graph.routesFrom("nobody")).toEqual([]);
  });

  it("walks up and down, as far as it is let", () => {
    const mixout = graph.widget("mixout.2.1");
    if (mixout === undefined) throw new Error("no mixout");
    const up = graph.reachable(mixout, "up").map(({ name }) => name);
    expect(up).toEqual([
      "mixout.2.1",
      "mixin.1.1",
      "gain.1.1",
      "host-copier.0.playback",
      "mixin.15.1",
      "gain.15.1",
      "host-copier.31.playback",
    ]);
    const down = graph.reachable(mixout, "down", (widget) => widget.kind === "process");
    expect(down.map(({ name }) => name)).toEqual(["mixout.2.1", "eqiir.2.1", "drc.2.1"]);
  });
});
