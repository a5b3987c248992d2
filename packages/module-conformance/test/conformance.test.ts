import { conformanceCases, format, payload, type Subject, words } from "@sof-ts/module-conformance";
import {
  alignedFrames,
  type AudioModule,
  type AudioStream,
  type ModuleDriver,
  type ModuleServices,
} from "@sof-ts/module-api";
import { describe, expect, it } from "vitest";

/** A gain by shifts that does everything right; its faults are in the subclasses. */
class Shift implements AudioModule {
  protected readonly services: ModuleServices;
  protected shift = 1;
  protected ready = false;
  protected block: number;

  constructor(services: ModuleServices) {
    this.services = services;
    this.block = services.heap.alloc(64);
  }

  prepare(): number {
    this.ready = true;
    return 0;
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const [source, sink] = [sources[0], sinks[0]];
    if (!this.ready || source === undefined || sink === undefined) return 0;
    this.move(source, sink, alignedFrames(source, sink) * source.channels);
    return 0;
  }

  reset(): number {
    this.ready = false;
    return 0;
  }

  free(): void {
    this.services.heap.free(this.block);
  }

  setConfiguration(id: number, position: string, size: number, fragment: Uint8Array): number {
    if (position !== "single" || size !== fragment.length || size !== 4 || id !== 0) return -22;
    this.shift = fragment[0] as number;
    return 0;
  }

  protected move(source: AudioStream, sink: AudioStream, samples: number): void {
    const { i32 } = source.memory;
    for (let i = 0; i < samples; i++) {
      i32[sink.writePtr >> 2] = (i32[source.readPtr >> 2] as number) >> this.shift;
      source.consume(4);
      sink.produce(4);
    }
  }
}

class Trusting extends Shift {
  override process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const [source, sink] = [sources[0] as AudioStream, sinks[0] as AudioStream];
    if (!this.ready) return 0;
    this.move(source, sink, alignedFrames(source, sink) * source.channels);
    return 0;
  }
}

class Hasty extends Shift {
  override process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    this.ready = true;
    (sources[0] as AudioStream).consume(Math.min(4, (sources[0] as AudioStream).available));
    return super.process(sources, sinks);
  }
}
class Mute extends Shift {
  override shift = 31;
  protected override move(source: AudioStream, sink: AudioStream, samples: number): void {
    sink.memory.i32.fill(0, sink.start >> 2, sink.end >> 2);
    source.consume(4 * samples);
    sink.produce(4 * samples);
  }
}
class Leak extends Shift {
  override free(): void {}
}
class Greedy extends Shift {
  override process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    this.services.heap.free(this.block);
    this.block = this.services.heap.alloc(64);
    return super.process(sources, sinks);
  }
}
class Forgetful extends Shift {
  override reset(): number {
    this.shift = 1;
    return super.reset();
  }
}
class Sticky extends Shift {
  override reset(): number {
    this.shift = 2;
    return super.reset();
  }
}
let shared = 0;
class Sharing extends Shift {
  private n = 0;
  override prepare(): number {
    shared = 0;
    this.n = 0;
    return super.prepare();
  }
  protected override move(source: AudioStream, sink: AudioStream, samples: number): void {
    this.shift = shared++ === this.n++ ? 1 : 2;
    super.move(source, sink, samples);
  }
}
class PerBlock extends Shift {
  protected override move(source: AudioStream, sink: AudioStream, samples: number): void {
    this.shift = samples > 90 ? 1 : 2;
    super.move(source, sink, samples);
  }
}
class Late extends Shift {
  private next = 1;
  override setConfiguration(id: number, position: string, size: number, fragment: Uint8Array) {
    const before = this.shift;
    const rc = super.setConfiguration(id, position, size, fragment);
    this.next = this.shift;
    this.shift = before;
    return rc;
  }
  protected override move(source: AudioStream, sink: AudioStream, samples: number): void {
    super.move(source, sink, samples);
    this.shift = this.next;
  }
}
class Scribbling extends Shift {
  protected override move(source: AudioStream, sink: AudioStream, samples: number): void {
    source.memory.i32[source.readPtr >> 2] = 7;
    super.move(source, sink, samples);
  }
}
class Rewriting extends Shift {
  protected override move(source: AudioStream, sink: AudioStream, samples: number): void {
    const start = sink.writePtr;
    super.move(source, sink, samples);
    if (sink.readPtr !== start) sink.memory.i32[sink.readPtr >> 2] = 7;
  }
}
class Backwards extends Shift {
  protected override move(source: AudioStream, sink: AudioStream, samples: number): void {
    const { i32 } = source.memory;
    const [from, to] = [source.readPtr >> 2, sink.writePtr >> 2];
    for (let i = 0; i < samples; i++) i32[to + i] = (i32[from + samples - 1 - i] as number) >> 1;
    source.consume(4 * samples);
    sink.produce(4 * samples);
  }
}
class Unprepared extends Shift {
  private wasReady = false;
  override prepare(): number {
    this.wasReady = true;
    return super.prepare();
  }
  override reset(): number {
    if (!this.wasReady) this.shift = 3;
    return super.reset();
  }
}
class Chatter extends Shift {
  protected override move(source: AudioStream, sink: AudioStream, samples: number): void {
    if (samples === 0 && sink.free >= 8) sink.produce(8);
    super.move(source, sink, samples);
  }
}
class Credulous extends Shift {
  override setConfiguration(_: number, __: string, ___: number, fragment: Uint8Array): number {
    this.shift = (fragment[0] as number) & 31;
    return 0;
  }
}
class Dropping extends Shift {
  override process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const ret = super.process(sources, sinks);
    const [source, sink] = [sources[0], sinks[0]];
    if (sink?.free === 0) source?.consume(source.available);
    return ret;
  }
}
class Straight extends Shift {
  protected override move(source: AudioStream, sink: AudioStream, samples: number): void {
    const { i32 } = source.memory;
    const [from, to] = [source.readPtr >> 2, sink.writePtr >> 2];
    for (let i = 0; i < samples; i++) i32[to + i] = (i32[from + i] as number) >> this.shift;
    source.consume(4 * samples);
    sink.produce(4 * samples);
  }
}
class Careless extends Shift {
  private readonly table: number;
  constructor(services: ModuleServices) {
    super(services);
    this.table = services.heap.alloc(64);
  }
  override free(): void {
    super.free();
    if (this.block !== 0) this.services.heap.free(this.table);
  }
  override prepare(): number {
    return this.table === 0 ? -5 : super.prepare();
  }
}
class Scattered extends Shift {
  override setConfiguration(id: number, position: string, size: number, fragment: Uint8Array) {
    if (position === "single") return super.setConfiguration(id, position, size, fragment);
    // It says yes to each fragment and puts none together.
    return 0;
  }
}
class Deaf extends Shift {
  override setConfiguration(): number {
    return 0;
  }
}

const stream = format("s32");

function subjectOf(kind: new (services: ModuleServices) => Shift, checksPayload = true): Subject {
  const driver: ModuleDriver = {
    manifest: {
      name: "SHIFT",
      uuid: "11111111-2222-3333-4444-555555555555",
      initConfig: "base",
      maxInstances: 1,
      domain: "LL",
      configs: [],
    },
    create(services, init) {
      if (checksPayload && init.length < 40) return -22;
      const module = new kind(services);
      return module["block"] === 0 ? -12 : module;
    },
  };
  return {
    name: "shift",
    driver,
    payload: payload(stream),
    input: stream,
    change: [0, words(3)],
    refused: [[0, words(3, 3)]],
  };
}

/** Names of the cases that fail, with what they say. */
function failures(subject: Subject): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { name, run } of conformanceCases(subject)) {
    try {
      run();
    } catch (error) {
      found[name] = (error as Error).message;
    }
  }
  return found;
}

describe("the conformance suite", () => {
  it("passes a module that does everything right", () => {
    expect(failures(subjectOf(Shift))).toEqual({});
  });

  it.each([
    [Hasty, "moves nothing before it is prepared", "it consumes before it is prepared"],
    [Trusting, "stands the loss of a connection while it runs", "of undefined"],
    [Mute, "makes sound", "only silence comes out"],
    [Leak, "gives back all its memory, whatever it was doing", "keeps 1 blocks"],
    [Greedy, "allocates nothing while it processes", "10 allocations"],
    [Forgetful, "takes a configuration at the border of a block", "lost by reset"],
    [Sticky, "answers every order of calls, and streams afterwards as if new", "differ from byte"],
    [Sharing, "keeps apart from another instance on the same memory", "beside another instance"],
    [PerBlock, "gives the same samples for blocks of 1 frame to 4 periods", "in blocks of 1 frame"],
    [Late, "takes a configuration at the border of a block", "it has effect later"],
    [Scribbling, "writes nowhere but into the free part of its sink", "into its source"],
    [Rewriting, "writes nowhere but into the free part of its sink", "that wait in its sink"],
    [Backwards, "gives the same samples where source and sink are the same memory", "in place"],
    [
      Unprepared,
      "answers every order of calls, and streams afterwards as if new",
      "after reset, reset and reset",
    ],
    [Chatter, "does nothing with an empty source, and nothing is lost by it", "out of nothing"],
    [Dropping, "waits while the sink is full, and nothing is lost by it", "often full"],
    [Straight, "gives the same samples wherever the rings wrap", "with rings of"],
    [Careless, "survives memory running out at any allocation", "with room for 1 allocations"],
    [
      Scattered,
      "takes a configuration in fragments as in one piece, or refuses fragments",
      "fragments",
    ],
    [Credulous, "refuses wrong configurations and keeps the one it has", "it takes wrong config"],
    [Credulous, "refuses fragments without a start, gaps and too many bytes", "without a first"],
    [Deaf, "takes a configuration at the border of a block", "no effect"],
  ])("tells that %o fails where it %s", (kind, name, reason) => {
    expect(failures(subjectOf(kind))[name]).toContain(reason);
  });

  it("tells a module that takes half a payload", () => {
    const found = failures(subjectOf(Shift, false));
    expect(
      found["refuses every payload that is cut short, and takes longer ones or refuses them"],
    ).toContain("0 of 40 bytes");
  });
});
