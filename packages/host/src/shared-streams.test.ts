import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { built, payloadOf, stereo32, TestBench, wordsOf } from "../test/bench.js";
import { mixedPlayback, serialPlayback } from "../test/topologies.js";
import type { PcmStream } from "./pcm-stream.js";

function start(bench: TestBench, stream: PcmStream): void {
  bench.run(stream.hwParams(stereo32));
  bench.run(stream.prepare());
  bench.run(stream.trigger("start"));
}

describe("two streams that share a mixer and a link", () => {
  const open = () => {
    const bench = TestBench.booted(built(mixedPlayback()));
    const music = bench.driver.openPcm("Music", "playback");
    const deep = bench.driver.openPcm("Deep Buffer", "playback");
    return { bench, music, deep };
  };

  it("set up the second stream's own modules only", () => {
    const { bench, music, deep } = open();
    start(bench, music);
    bench.requests();
    bench.run(deep.hwParams(stereo32));
    expect(bench.requests()).toEqual([
      "create-pipeline 0x11020006|0x1",
      "init-instance 0x40020004|0x20015",
      "init-instance 0x40020006|0x20010",
      "init-instance 0x40010002|0x2000a",
      "bind 0x45020004|0x20006",
      "bind 0x45020006|0x10002",
      "bind 0x45010002|0x1000003",
    ]);
  });

  it("give the deep buffer its length and its low-power memory", () => {
    const { bench, deep } = open();
    bench.run(deep.hwParams(stereo32));
    const init = bench.firmware.requests.find(({ message }) => message.kind === "init-instance");
    const words = wordsOf(payloadOf(init));
    expect([words[18], words[20]]).toEqual([100 * 384, 1]);
  });

  it("start the second stream without touching the link", () => {
    const { bench, music, deep } = open();
    start(bench, music);
    bench.run(deep.hwParams(stereo32));
    bench.run(deep.prepare());
    bench.requests();
    bench.run(deep.trigger("start"));
    expect(bench.requests()).toEqual([
      "set-pipeline-state 0x13020003|0x0",
      "set-pipeline-state 0x13020004|0x0",
    ]);
    expect(bench.links.events).toEqual(["start Analog playback"]);
  });

  it("keep the link running while one of them plays", () => {
    const { bench, music, deep } = open();
    start(bench, music);
    start(bench, deep);
    bench.requests();
    bench.run(music.trigger("pausePush"));
    bench.run(music.trigger("pauseRelease"));
    bench.run(music.trigger("stop"));
    expect(bench.requests()).toEqual([
      "set-pipeline-state 0x13000003|0x0",
      "set-pipeline-state 0x13000004|0x0",
      "set-pipeline-state 0x13000003|0x0",
    ]);
    bench.run(music.hwFree());
    expect(bench.requests()).toEqual([
      "set-pipeline-state 0x13000002|0x0",
      "unbind 0x46000002|0x3",
      "delete-pipeline 0x12000000|0x0",
    ]);
    expect(bench.links.events).toEqual(["start Analog playback"]);
    bench.run(deep.trigger("stop"));
    expect(bench.links.events).toEqual(["start Analog playback", "stop Analog playback"]);
  });

  it("pause the link with the last one that plays", () => {
    const { bench, music, deep } = open();
    start(bench, music);
    start(bench, deep);
    bench.run(music.trigger("pausePush"));
    bench.requests();
    bench.run(deep.trigger("stop"));
    expect(bench.requests()).toEqual([
      "set-pipeline-state 0x13020003|0x0",
      "set-pipeline-state 0x13010003|0x0",
    ]);
    bench.run(music.trigger("pauseRelease"));
    expect(bench.requests()).toEqual([
      "set-pipeline-state 0x13010004|0x0",
      "set-pipeline-state 0x13000004|0x0",
    ]);
  });

  it("leave the mixer to the one that came second", () => {
    const { bench, music, deep } = open();
    start(bench, music);
    start(bench, deep);
    bench.run(music.close());
    bench.requests();
    bench.run(deep.close());
    expect(bench.requests()).toEqual([
      "set-pipeline-state 0x13020003|0x0",
      "set-pipeline-state 0x13010003|0x0",
      "set-pipeline-state 0x13000002|0x1",
      "unbind 0x46010002|0x1000003",
      "delete-pipeline 0x12020000|0x0",
      "delete-pipeline 0x12010000|0x0",
    ]);
    expect(bench.taken).toBe(0);
  });
});

describe("streams on a link that the firmware drives", () => {
  const open = (priority = 0) => {
    const bench = TestBench.booted(built(serialPlayback(priority)));
    const music = bench.driver.openPcm("Music", "playback");
    const deep = bench.driver.openPcm("Deep Buffer", "playback");
    return { bench, music, deep };
  };
  const states = (bench: TestBench) =>
    bench.firmware.take().flatMap(({ message, payload }) => {
      if (message.kind !== "set-pipeline-state") return [];
      const ids = message.multiPipeline ? wordsOf(payload).slice(1) : [message.pipelineId];
      return [`${message.state}: ${ids.join(" ")}`];
    });

  it("change all pipelines by the front end, sink first", () => {
    const { bench, music } = open();
    start(bench, music);
    expect(states(bench)).toEqual(["3: 1 0", "4: 1 0"]);
    bench.run(music.trigger("pausePush"));
    bench.run(music.trigger("pauseRelease"));
    bench.run(music.trigger("stop"));
    bench.run(music.hwFree());
    expect(states(bench)).toEqual(["3: 0 1", "4: 1 0", "3: 0 1", "2: 1 0"]);
  });

  it("start the pipeline of the higher priority first, and pause and reset it last", () => {
    const { bench, music } = open(2);
    start(bench, music);
    expect(states(bench)).toEqual(["3: 0 1", "4: 0 1"]);
    bench.run(music.trigger("stop"));
    bench.run(music.hwFree());
    expect(states(bench)).toEqual(["3: 1 0", "2: 1 0"]);
  });

  it("leave the shared pipeline to the last one", () => {
    const { bench, music, deep } = open();
    start(bench, music);
    start(bench, deep);
    expect(states(bench)).toEqual(["3: 1 0", "4: 1 0", "3: 2", "4: 2"]);
    bench.run(music.trigger("pausePush"));
    bench.run(deep.trigger("stop"));
    expect(states(bench)).toEqual(["3: 0", "3: 2 1"]);
    bench.run(music.trigger("pauseRelease"));
    bench.run(music.trigger("stop"));
    expect(states(bench)).toEqual(["4: 1 0", "3: 0 1"]);
    bench.run(music.hwFree());
    bench.run(deep.hwFree());
    expect(states(bench)).toEqual(["2: 1 0", "2: 1 2"]);
    expect(bench.taken).toBe(0);
  });
});

/** Verbs that an application can call in a state, as ALSA allows them. */
const verbs = {
  open: ["hwParams", "close"],
  setup: ["prepare", "hwParams", "hwFree"],
  prepared: ["start", "hwFree", "prepare"],
  running: ["pausePush", "stop", "close"],
  paused: ["pauseRelease", "stop", "close"],
  suspended: ["prepare", "hwFree"],
  closed: ["open"],
} as const;

describe("any order of verbs on streams that share pipelines", () => {
  const step = fc.record({ stream: fc.nat(1), choice: fc.nat(2) });
  const topologies = {
    "the back end changes states": mixedPlayback,
    "front ends do": serialPlayback,
  };

  it.each(Object.entries(topologies))("is never refused where %s", (_, topology) => {
    const check = (steps: readonly { stream: number; choice: number }[]) => {
      const bench = TestBench.booted(built(topology()));
      const open = (i: number) =>
        bench.driver.openPcm(i === 0 ? "Music" : "Deep Buffer", "playback");
      const streams = [open(0), open(1)];
      for (const { stream: i, choice } of steps) {
        const stream = streams[i] as PcmStream;
        const allowed = verbs[stream.state];
        const verb = allowed[choice % allowed.length] as (typeof allowed)[number];
        if (verb === "open") streams[i] = open(i);
        else if (verb === "hwParams") bench.run(stream.hwParams(stereo32));
        else if (verb === "prepare" || verb === "hwFree" || verb === "close") {
          bench.run(stream[verb]());
        } else bench.run(stream.trigger(verb));
        const plays = [...bench.firmware.objects.pipelines.values()].some(
          ({ state }) => state === 4,
        );
        expect(plays).toBe(streams.some(({ state }) => state === "running"));
      }
      for (const stream of streams) bench.run(stream.close());
      expect(bench.taken).toBe(0);
      expect(bench.firmware.violations).toEqual([]);
    };
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), check), { numRuns: 60 });
  });
});
