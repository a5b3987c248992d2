import { EINVAL } from "@sof-ts/kit";
import { concat } from "./bytes.js";
import type { ConformanceCase, Context } from "./case.js";
import { check, checkSame } from "./check.js";
import { Rig } from "./rig.js";
import { drain, feed } from "./streams.js";
import { TestServices } from "./test-services.js";

/** Payloads, and the life of an instance. */
export function lifeCases(context: Context): readonly ConformanceCase[] {
  return [
    {
      name: "refuses every payload that is cut short, and takes longer ones or refuses them",
      run: () => cutPayloads(context),
    },
    { name: "makes sound", run: () => sound(context) },
    { name: "moves nothing before it is prepared", run: () => unprepared(context) },
    {
      name: "stands the loss of a connection while it runs",
      run: () => disconnected(context),
    },
    {
      name: "answers every order of calls, and streams afterwards as if new",
      run: () => orders(context),
    },
    {
      name: "keeps apart from another instance on the same memory",
      run: () => neighbours(context),
    },
  ];
}

function cutPayloads({ subject }: Context): void {
  const { driver, payload, requiredBytes = payload.length } = subject;
  for (let length = 0; length < requiredBytes; length++) {
    const services = new TestServices();
    const made = driver.create(services, payload.subarray(0, length));
    const whole = `${length} of ${requiredBytes} bytes of its payload`;
    check(typeof made === "number" && made < 0, `it takes ${whole}`);
    check(services.heap.live.size === 0, `it refuses ${whole} and keeps memory`);
  }
  const longer = concat(payload, new Uint8Array(64).fill(0xff));
  const made = driver.create(new TestServices(), longer);
  if (typeof made === "number") {
    check(made === -EINVAL, `it refuses a payload with more behind it with ${made}, not -EINVAL`);
  }
}

function sound(context: Context): void {
  const { subject, input, block } = context;
  const rig = context.fresh();
  const out = subject.generator === true ? generate(rig) : rig.run(input, block);
  check(out.length > 0, "nothing comes out");
  check(
    out.some((byte) => byte !== 0),
    "only silence comes out",
  );
}

function generate(rig: Rig): Uint8Array {
  rig.process();
  rig.process();
  return drain(rig.sink);
}

function unprepared({ subject, input }: Context): void {
  const rig = new Rig(subject);
  feed(rig.source, input.subarray(0, 8));
  rig.process();
  check(rig.source.available === 8, "it consumes before it is prepared");
  check(rig.sink.available === 0, "it produces before it is prepared");
}

/** The host unbinds what it likes, also under a running pipeline: then a side has no stream. */
function disconnected(context: Context): void {
  const { module, source, sink } = context.fresh();
  for (const [sources, sinks] of [
    [[], []],
    [[source], []],
    [[], [sink]],
  ] as const) {
    const rc = module.process(sources, sinks);
    check(rc <= 0, `its process gives ${rc} without a connection`);
  }
}

function orders(context: Context): void {
  const { subject, input, block } = context;
  const expected = context.expected();
  const prepares = [true, false];
  for (const [firstName, first] of Object.entries(calls)) {
    for (const [secondName, second] of Object.entries(calls)) {
      for (const prepared of prepares) {
        const rig = prepared ? context.fresh() : new Rig(subject);
        first(rig, context);
        second(rig, context);
        rig.restart();
        if (subject.forgetsByReset === true) {
          for (const setting of subject.setup ?? []) rig.set(setting);
        }
        rig.prepare();
        rig.module.trigger?.("start");
        const what = `after ${prepared ? "prepare, " : ""}${firstName}, ${secondName} and reset`;
        checkSame(rig.run(input, block), expected, what);
      }
    }
  }
}

/** Before a prepare these may fail, but not throw. */
const calls: Readonly<Record<string, (rig: Rig, context: Context) => unknown>> = {
  reset: (rig) => rig.module.reset(),
  prepare: (rig) => rig.module.prepare([rig.source], [rig.sink]),
  process: (rig, { input, block }) => {
    feed(rig.source, input.subarray(0, rig.source.frameBytes * block));
    rig.process();
    drain(rig.sink);
  },
  start: (rig) => rig.module.trigger?.("start"),
  pause: (rig) => rig.module.trigger?.("pause"),
  release: (rig) => rig.module.trigger?.("release"),
  stop: (rig) => rig.module.trigger?.("stop"),
};

function neighbours(context: Context): void {
  const { subject, input, block } = context;
  const alone = context.expected();
  const services = new TestServices();
  const one = new Rig(subject, undefined, services);
  const two = new Rig(subject, undefined, new TestServices(services.heap));
  one.prepare();
  two.prepare();
  const other = input.slice().reverse();
  const { frameBytes } = two.source;
  const out = one.run(input, block, (frame) => {
    feed(two.source, other.subarray(frame * frameBytes, (frame + block) * frameBytes));
    two.process();
    drain(two.sink);
  });
  checkSame(out, alone, "beside another instance");
}
