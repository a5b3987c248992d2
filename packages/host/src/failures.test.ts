import type { TopologyBuilder } from "@sof-ts/topology";
import { describe, expect, it } from "vitest";
import { built, stereo32, TestBench } from "../test/bench.js";
import {
  analogCapture,
  chains,
  echoCanceller,
  mixedPlayback,
  twoCores,
} from "../test/topologies.js";
import { HostError } from "./host-error.js";
import type { HostTask } from "./host-task.js";
import type { PcmParams } from "./pcm-params.js";
import type { PcmStream } from "./pcm-stream.js";
import type { StreamDirection } from "./ports.js";

interface Scenario {
  readonly name: string;
  readonly topology: () => TopologyBuilder;
  readonly pcm: string;
  readonly direction: StreamDirection;
  readonly params?: PcmParams;
}

const scenarios: readonly Scenario[] = [
  { name: "mixed playback", topology: mixedPlayback, pcm: "Music", direction: "playback" },
  { name: "another core", topology: twoCores, pcm: "Music", direction: "playback" },
  { name: "capture", topology: analogCapture, pcm: "Record", direction: "capture" },
  {
    name: "echo canceller",
    topology: echoCanceller,
    pcm: "Echo Cancelled",
    direction: "capture",
    params: { ...stereo32, format: "S16_LE" },
  },
  { name: "DMA chain", topology: chains, pcm: "HDMI1", direction: "playback" },
];

/** From open to close, with a pause; goes on to the close whatever fails. */
function life(bench: TestBench, { pcm, direction, params = stereo32 }: Scenario): HostError[] {
  const errors: HostError[] = [];
  const stream = bench.driver.openPcm(pcm, direction);
  const attempt = (task: HostTask<void>) => {
    try {
      bench.run(task);
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      errors.push(error);
    }
  };
  const steps: ((stream: PcmStream) => HostTask<void>)[] = [
    (s) => s.hwParams(params),
    (s) => s.prepare(),
    (s) => s.trigger("start"),
    (s) => s.trigger("pausePush"),
    (s) => s.trigger("pauseRelease"),
    (s) => s.trigger("stop"),
  ];
  for (const step of steps) {
    if (errors.length > 0) break;
    attempt(step(stream));
  }
  attempt(stream.close());
  return errors;
}

const boot = (scenario: Scenario) => TestBench.booted(built(scenario.topology()), { coreCount: 2 });

const total = (scenario: Scenario): number => {
  const bench = boot(scenario);
  expect(life(bench, scenario)).toEqual([]);
  return bench.firmware.requests.length;
};

for (const scenario of scenarios) {
  describe(`a life of a stream (${scenario.name})`, () => {
    const requests = total(scenario);

    it("gives everything back, whichever message is refused", () => {
      for (let failing = 0; failing < requests; failing++) {
        const bench = boot(scenario);
        let refused = "";
        bench.firmware.intercept = ({ message }, index) => {
          if (index !== failing) return undefined;
          refused = message.kind;
          return 104;
        };
        const [error] = life(bench, scenario);
        const what = `message ${failing} (${refused})`;
        expect(error, what).toBeInstanceOf(HostError);
        expect(error?.status, what).toBe(104);
        expect(error?.pcm, what).toBe(scenario.pcm);
        const numbers = Object.values(bench.driver.inUse);
        expect(
          numbers.every((count) => count === 0),
          what,
        ).toBe(true);
        expect(bench.dma.inUse + bench.links.inUse, what).toBe(0);
        expect(bench.firmware.violations, what).toEqual([]);
        // What could be freed in the firmware is: only the refused object and what hangs on it may stay.
        if (["init-instance", "bind", "large-config-set"].includes(refused)) {
          expect(bench.firmware.objects.count, what).toBe(0);
        }
      }
    });

    it("plays again after a refusal", () => {
      const bench = boot(scenario);
      bench.firmware.intercept = ({ message }) =>
        message.kind === "bind" || message.kind === "chain-dma" ? 12 : undefined;
      expect(life(bench, scenario)[0]?.status).toBe(12);
      bench.firmware.intercept = () => undefined;
      expect(life(bench, scenario)).toEqual([]);
      expect(bench.taken).toBe(0);
    });

    it("gives everything back, whichever message is never answered", () => {
      for (let failing = 0; failing < requests; failing += 3) {
        const bench = boot(scenario);
        bench.firmware.intercept = (_, index) => (index === failing ? "silence" : undefined);
        const [error] = life(bench, scenario);
        expect(error?.reason).toContain("no reply within 500 ms");
        expect(Object.values(bench.driver.inUse).every((count) => count === 0)).toBe(true);
        expect(bench.dma.inUse + bench.links.inUse).toBe(0);
        expect(bench.driver.crashed).toBe(true);
        // Nothing more is sent to a firmware that is taken for dead.
        expect(bench.firmware.requests).toHaveLength(failing + 1);
      }
    });
  });
}

describe("a refused INIT_INSTANCE", () => {
  it("has the modules that were made freed, last first, and says what happened", () => {
    const bench = TestBench.booted(built(mixedPlayback()));
    bench.firmware.intercept = ({ words }) => (words.primary === 0x4001_0004 ? 104 : undefined);
    const stream = bench.driver.openPcm("Music", "playback");
    expect(() => bench.run(stream.hwParams(stereo32))).toThrow(
      'PCM "Music" playback: widget dai-copier.HDA.Analog.playback: MOD_INIT_INSTANCE was refused ' +
        "with status 104 (MOD_NOT_INITIALIZED) (EINVAL)",
    );
    expect(bench.requests().slice(-3)).toEqual([
      "init-instance 0x40010004|0x10015",
      "delete-pipeline 0x12010000|0x0",
      "delete-pipeline 0x12000000|0x0",
    ]);
    expect(bench.taken).toBe(0);
    expect(stream.state).toBe("open");
  });
});

describe("a refused start", () => {
  it("leaves the stream stopped, and the next one succeeds", () => {
    const bench = TestBench.booted(built(mixedPlayback()));
    const stream = bench.driver.openPcm("Music", "playback");
    bench.run(stream.hwParams(stereo32));
    bench.run(stream.prepare());
    bench.firmware.intercept = ({ words }) => (words.primary === 0x1300_0004 ? 7 : undefined);
    expect(() => bench.run(stream.trigger("start"))).toThrow(/status 7 \(INVALID_REQUEST\)/);
    expect(stream.state).toBe("setup");
    expect(bench.links.events).toEqual(["start Analog playback", "stop Analog playback"]);
    bench.firmware.intercept = () => undefined;
    bench.run(stream.prepare());
    bench.run(stream.trigger("start"));
    expect(stream.state).toBe("running");
    bench.run(stream.close());
    expect(bench.taken).toBe(0);
  });
});

describe("a refused stop", () => {
  it("does not keep a shared pipeline from being reset by the last stream", () => {
    const bench = TestBench.booted(built(mixedPlayback()));
    const streams = ["Music", "Deep Buffer"].map((name) => {
      const stream = bench.driver.openPcm(name, "playback");
      bench.run(stream.hwParams(stereo32));
      bench.run(stream.prepare());
      bench.run(stream.trigger("start"));
      return stream;
    });
    bench.firmware.intercept = ({ words }) => (words.primary === 0x1300_0003 ? 164 : undefined);
    expect(() => bench.run((streams[0] as PcmStream).close())).toThrow(/status 164/);
    bench.firmware.intercept = () => undefined;
    bench.firmware.take();
    bench.run((streams[1] as PcmStream).close());
    expect(bench.requests()).toContain("set-pipeline-state 0x13000002|0x1");
    expect(Object.values(bench.driver.inUse).every((count) => count === 0)).toBe(true);
  });
});
