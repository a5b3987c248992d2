import { assert } from "@sof-ts/kit";
import {
  type AudioModule,
  type AudioStream,
  type BindInfo,
  type FragmentPosition,
  PeriodCost,
} from "@sof-ts/module-api";

/**
 * A module of blocks with several inputs, after the shape of an echo canceller: the output is the first
 * input minus all others, a block at a time, shifted by a tuning value. An input without a block counts as
 * silence. Fails loudly when it is used while freed or told to reset inside a run.
 */
export class BlockModule implements AudioModule {
  readonly log: string[] = [];
  readonly blockBytes: number;
  /** Cost of a run. */
  readonly cost: PeriodCost;
  /** Results that operations are to have, by name; 0 where there is none. */
  readonly results: Record<string, number> = {};
  freed = 0;
  resets = 0;
  runs = 0;
  tuning = 0;
  private readonly blob = new Uint8Array(64);

  constructor(blockBytes: number, cycles = 1000) {
    this.blockBytes = blockBytes;
    this.cost = new PeriodCost(cycles);
  }

  prepare(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    return this.note("prepare", `${sources.length}/${sinks.length}`);
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    assert(this.freed === 0, "process of a freed module");
    this.runs++;
    const [first, ...others] = sources;
    const sink = sinks[0];
    const rc = this.results["process"] ?? 0;
    if (first === undefined || sink === undefined || rc < 0) return rc;
    assert(sink.free >= this.blockBytes, "run without room for a block");
    const words = this.blockBytes >> 2;
    for (let i = 0, w = sink.writePtr; i < words; i++, w = sink.wrap(w + 4)) {
      let value = this.tuning + sample(first, i);
      for (const other of others) value -= sample(other, i);
      sink.memory.i32[w >> 2] = value;
    }
    for (const source of sources) source.consume(Math.min(source.available, this.blockBytes));
    sink.produce(this.blockBytes);
    return rc;
  }

  reset(): number {
    this.resets++;
    return this.note("reset");
  }

  free(): void {
    this.note("free");
    this.freed++;
    assert(this.freed === 1, "module freed twice");
  }

  setConfiguration(
    paramId: number,
    position: FragmentPosition,
    _sizeOrOffset: number,
    fragment: Uint8Array,
  ): number {
    this.blob.set(fragment.subarray(0, this.blob.length));
    return this.note("set", `${paramId} ${position} ${fragment.join(",")}`);
  }

  getConfiguration(paramId: number, out: Uint8Array): number {
    this.note("get", String(paramId));
    out.set(this.blob.subarray(0, out.length));
    return Math.min(out.length, this.blob.length);
  }

  setConfigParam(paramId: number, value: number): number {
    this.tuning = value;
    return this.note("param", `${paramId}=${value}`);
  }

  getConfigParam(paramId: number): number {
    this.note("get param", String(paramId));
    return this.tuning;
  }

  bind(info: BindInfo): number {
    return this.note("bind", `${info.side} ${info.queueId}`);
  }

  unbind(info: BindInfo): number {
    return this.note("unbind", `${info.side} ${info.queueId}`);
  }

  trigger(command: string): number {
    return this.note("trigger", command);
  }

  private note(name: string, detail = ""): number {
    assert(this.freed === 0, `${name} of a freed module`);
    this.log.push(detail === "" ? name : `${name} ${detail}`);
    return this.results[name] ?? 0;
  }
}

/** Word `i` that waits in `stream`, 0 past its end. */
function sample(stream: AudioStream, i: number): number {
  if (4 * i >= stream.available) return 0;
  return stream.memory.i32[stream.wrap(stream.readPtr + 4 * i) >> 2] as number;
}
