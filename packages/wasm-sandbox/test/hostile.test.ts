import { describe, expect, it } from "vitest";
import type { FaultReason, IsolatedModule } from "@sof-ts/wasm-sandbox";
import { assemble, I32, moduleWith, s32 } from "./assembler.js";
import { wasm } from "./generated/hostile.js";
import { alive, binaryOf, make, Rings, words } from "./kit.js";

const hostile = binaryOf({ wasm });
const EFAULT = 14;
const ENODEV = 19;
const ENOMEM = 12;
const INIT = 0;
const PREPARE = 1;
const PROCESS = 2;
const RESET = 3;
const SET_PARAM = 4;
const FREE = 5;
const NEVER = 9;

/** What the module does, and what ends it. */
const deeds: readonly (readonly [what: string, deed: number, reason: FaultReason])[] = [
  ["loops for ever", 1, "out-of-fuel"],
  ["calls itself for ever", 2, "stack-overflow"],
  ["calls itself for ever by way of another function", 3, "stack-overflow"],
  ["reads beyond its memory", 4, "out-of-bounds"],
  ["writes across the end of its memory", 5, "out-of-bounds"],
  ["reaches the unreachable", 6, "unreachable"],
  ["divides by zero", 7, "arithmetic"],
  ["divides out of range", 8, "arithmetic"],
  ["allocates without end", 9, "out-of-memory"],
  ["throws", 10, "abort"],
  ["indexes an array out of range", 11, "abort"],
  ["returns a positive number for success", 12, "bad-result"],
  ["returns an errno that is none", 13, "bad-result"],
  ["fills more memory than there is", 15, "out-of-fuel"],
  ["fills its memory over and over", 16, "out-of-fuel"],
  ["asks for memory without end", 17, "out-of-fuel"],
];

/** An instance on two rings of one period. */
function streaming(deed: number, when: number) {
  const rings = new Rings();
  const made = alive(hostile, words(deed, 0, 0, when));
  const [source, sink] = [rings.ring(384), rings.ring(384)];
  return { ...made, rings, source, sink };
}

describe("a hostile module", () => {
  it.each(deeds)("that %s at init never comes to life", (_what, deed, reason) => {
    const { result, faults } = make(hostile, words(deed, 0, 0, INIT));
    expect(result).toBe(-EFAULT);
    expect(faults.map((fault) => [fault.reason, fault.operation])).toEqual([[reason, "init"]]);
  });

  it.each(deeds)("that %s in a period is over, and says why", (_what, deed, reason) => {
    const { module, faults, rings, source, sink } = streaming(deed, PROCESS);
    expect(module.prepare([source], [sink])).toBe(0);
    rings.write(source, [1, 2]);
    expect(module.process([source], [sink])).toBe(-EFAULT);
    expect(faults).toEqual([module.fault]);
    expect(module.fault).toMatchObject({
      reason,
      operation: "process",
      moduleId: 0x120,
      instanceId: 3,
    });
    // Nothing of the period happened, and every operation from here on is refused.
    expect([source.available, sink.available]).toEqual([8, 0]);
    expect(module.process([source], [sink])).toBe(-ENODEV);
    expect(module.prepare([source], [sink])).toBe(-ENODEV);
    expect(module.reset()).toBe(-ENODEV);
    expect(module.setConfiguration(1, "single", 4, words(1))).toBe(-ENODEV);
    expect(module.getConfiguration(1, new Uint8Array(4))).toBe(-ENODEV);
    expect(module.setConfigParam(0, 1)).toBe(-ENODEV);
    expect(module.getConfigParam(0)).toBe(-ENODEV);
    expect(module.trigger("stop")).toBe(-ENODEV);
    expect(module.getProcessingMode()).toBe(-ENODEV);
    module.free();
    expect(faults.length).toBe(1);
  });

  it.each([
    [PREPARE, "prepare"],
    [RESET, "reset"],
    [SET_PARAM, "set param"],
    [FREE, "free"],
  ] as const)("that loops in operation %i is stopped there", (when, operation) => {
    const { module, source, sink } = streaming(1, when);
    const results = [
      module.prepare([source], [sink]),
      when === RESET ? module.reset() : 0,
      when === SET_PARAM ? module.setConfigParam(0, 1) : 0,
    ];
    module.free();
    expect(module.fault).toMatchObject({ reason: "out-of-fuel", operation });
    expect(results.includes(-EFAULT)).toBe(when !== FREE);
  });

  it.each([
    ["consumes more than there is", 30],
    ["produces more than there is room for", 31],
    ["produces a negative number of bytes", 32],
    ["consumes half a frame", 33],
    ["is honest about its source and not about its sink", 35],
  ])("that %s is over, and the streams are as before", (_what, deed) => {
    const { module, rings, source, sink } = streaming(deed, NEVER);
    expect(module.prepare([source], [sink])).toBe(0);
    rings.write(source, [1, 2, 3, 4]);
    expect(module.process([source], [sink])).toBe(-EFAULT);
    expect(module.fault).toMatchObject({ reason: "bad-size", operation: "process" });
    expect([source.available, sink.available]).toEqual([16, 0]);
  });

  it("that overwrites its descriptors moves nothing but its own view", () => {
    const { module, rings, source, sink } = streaming(34, NEVER);
    expect(module.prepare([source], [sink])).toBe(0);
    for (const samples of [
      [1, 2],
      [3, 4],
    ]) {
      rings.write(source, samples);
      expect(module.process([source], [sink])).toBe(0);
      expect(rings.read(sink)).toEqual(samples);
    }
  });

  it.each([
    ["at the end of the address space", 21, "bad-address"],
    ["that is not aligned", 22, "bad-address"],
    ["whose end lies outside the memory", 23, "bad-address"],
  ] as const)("that gives an address %s is over", (_what, deed, reason) => {
    const { module, source, sink } = streaming(deed, NEVER);
    expect(module.prepare([source], [sink])).toBe(-EFAULT);
    expect(module.fault).toMatchObject({ reason, operation: "prepare" });
  });

  it("that has no room for its streams says so and lives", () => {
    const { module, source, sink } = streaming(20, NEVER);
    expect(module.prepare([source], [sink])).toBe(-ENOMEM);
    expect(module.fault).toBeNull();
    expect(module.prepare([source], [sink])).toBe(0);
  });

  it.each([
    ["more bytes of configuration than fit", 40],
    ["a length that is no errno either", 41],
  ])("that returns %s is over", (_what, deed) => {
    const { module } = streaming(deed, NEVER);
    const out = new Uint8Array(16).fill(9);
    expect(module.getConfiguration(0, out)).toBe(-EFAULT);
    expect(module.fault).toMatchObject({ reason: "bad-result", operation: "get configuration" });
    expect([...out]).toEqual(Array(16).fill(9));
  });

  it("that returns a parameter that is neither a value nor an errno is over", () => {
    const { module } = streaming(42, NEVER);
    expect(module.getConfigParam(0)).toBe(-EFAULT);
    expect(module.fault).toMatchObject({ reason: "bad-result", operation: "get param" });
  });

  it("does not keep another instance of the same program from playing on", () => {
    const good = streaming(0, NEVER);
    const bad = streaming(5, PROCESS);
    for (const each of [good, bad]) expect(each.module.prepare([each.source], [each.sink])).toBe(0);
    for (let period = 0; period < 20; period++) {
      for (const { module, rings, source, sink } of [bad, good]) {
        rings.write(source, [period, ~period]);
        module.process([source], [sink]);
      }
      expect(good.rings.read(good.sink)).toEqual([period, ~period]);
    }
    expect(bad.module.fault?.reason).toBe("out-of-bounds");
  });

  it("is stopped after the same amount of fuel each time", () => {
    const used = [1, 2].map(() => make(hostile, words(1, 0, 0, INIT)).faults[0]?.fuelUsed);
    expect(used).toEqual([1_000_000, 1_000_000]);
  });

  it("runs no longer than its budget allows", () => {
    const budgets = [1000, 10_000, 100_000].map(
      (controlFuel) => make(hostile, words(1, 0, 0, INIT), { controlFuel }).faults[0]?.fuelUsed,
    );
    expect(budgets).toEqual([1000, 10_000, 100_000]);
  });

  it("can be ended from outside", () => {
    const { module, faults } = streaming(0, NEVER);
    module.terminate("reset", "no answer for 5 ms");
    module.terminate("reset", "no answer for 5 ms");
    expect(faults).toMatchObject([{ reason: "time-out", operation: "reset" }]);
    expect(module.reset()).toBe(-ENODEV);
  });

  it("tells its end in one line", () => {
    const { faults } = make(hostile, words(10, 0, 0, INIT));
    expect(String(faults[0])).toMatch(
      /^module 288 instance 3 ended in init: abort \(on purpose at \d+:\d+\), \d+ fuel used$/,
    );
  });
});

describe("a hostile binary", () => {
  it("that loops in its start function ends at instantiation", () => {
    const { result, faults } = make(
      assemble({
        functions: [...moduleWith(), { code: [0x03, 0x40, 0x0c, 0, 0x0b] }],
        start: 7,
      }),
    );
    expect(result).toBe(-EFAULT);
    expect(faults).toMatchObject([{ reason: "out-of-fuel", operation: "start" }]);
  });

  const forEver = [0x03, 0x40, 0x0c, 0, 0x0b];
  it.each([
    ["sof_module_abi", [], "abi"],
    ["sof_module_pins", [], "pins"],
    ["sof_module_alloc", [I32, I32], "init"],
    ["sof_module_init", [I32], "init"],
  ])("that never comes back from %s is not made", (name, params, operation) => {
    const code = [...forEver, 0x41, 0];
    const { result, faults } = make(
      assemble({ functions: moduleWith({ name, params, results: [I32], code }) }),
    );
    expect(result).toBe(-14);
    expect(faults).toMatchObject([{ reason: "out-of-fuel", operation }]);
  });

  it.each([
    ["sof_module_latency", [], (module: IsolatedModule) => module.prepare([], []), "latency"],
    ["sof_module_trigger", [I32], (module: IsolatedModule) => module.trigger("start"), "trigger"],
    ["sof_module_get_mode", [], (module: IsolatedModule) => module.getProcessingMode(), "get mode"],
    [
      "sof_module_set_config",
      [I32, I32, I32, I32],
      (module: IsolatedModule) => module.setConfiguration(0, "single", 1, new Uint8Array(1)),
      "set configuration",
    ],
    [
      "sof_module_get_config",
      [I32, I32],
      (module: IsolatedModule) => module.getConfiguration(0, new Uint8Array(1)),
      "get configuration",
    ],
  ] as const)("that never comes back from %s ends there", (name, params, ask, operation) => {
    const code = [...forEver, 0x41, 0];
    const functions = moduleWith({ name, params, results: [I32], code });
    const { module, faults } = alive(assemble({ functions }));
    expect(ask(module)).toBe(-14);
    expect(faults).toMatchObject([{ reason: "out-of-fuel", operation }]);
    expect(ask(module)).toBe(-19);
  });

  it("whose allocator gives one address for everything confuses itself only", () => {
    const functions = moduleWith({
      name: "sof_module_alloc",
      params: [I32, I32],
      results: [I32],
      code: [0x41, 0],
    });
    // Address 0 is no room.
    expect(make(assemble({ functions })).result).toBe(-12);
    // The samples of the second source lie over the descriptor of the first, which claims to have taken them all.
    const rings = new Rings();
    const sources = [rings.ring(384), rings.ring(384)];
    const sink = rings.ring(384);
    const same = alive(assemble({ functions: moduleWith() }));
    expect(same.module.prepare(sources, [sink])).toBe(0);
    for (const source of sources) {
      rings.write(
        source,
        Array.from({ length: 96 }, () => 0x7fff_ffff),
      );
    }
    expect(same.module.process(sources, [sink])).toBe(-14);
    expect(same.faults).toMatchObject([{ reason: "bad-size" }]);
    expect([...sources, sink].map(({ available }) => available)).toEqual([384, 384, 0]);
  });

  it("whose data lies outside its memory ends at instantiation", () => {
    const { result, faults } = make(
      assemble({ functions: moduleWith(), data: [{ offset: 0x10000, bytes: [1] }] }),
    );
    expect(result).toBe(-EFAULT);
    expect(faults).toMatchObject([{ reason: "out-of-bounds", operation: "instantiate" }]);
  });

  it.each([
    [0x0002_0000, "version 2.0, not 1.x"],
    [0x0001_0001, "version 1.1, not 1.x"],
    [0, "version 0.0, not 1.x"],
  ])("that speaks version 0x%i of the interface is told so", (version, detail) => {
    const { result, faults } = make(
      assemble({
        functions: moduleWith({
          name: "sof_module_abi",
          results: [I32],
          code: [0x41, ...s32(version)],
        }),
      }),
    );
    expect(result).toBe(-EFAULT);
    expect(faults).toMatchObject([{ reason: "abi", operation: "abi", detail }]);
  });

  it("that calls through an empty or another type's table entry ends", () => {
    for (const index of [0, 1, 2]) {
      const { faults } = make(
        assemble({
          table: [0],
          tableLimits: [0, 2],
          functions: moduleWith({
            name: "sof_module_init",
            params: [I32],
            results: [I32],
            // Type 3 has two parameters; entry 0 has none.
            code: [0x41, 1, 0x41, 1, 0x41, index, 0x11, 1, 0],
          }),
        }),
      );
      expect(faults).toMatchObject([{ reason: "bad-call", operation: "init" }]);
    }
  });

  it("that logs from outside its memory ends", () => {
    const { faults } = make(
      assemble({
        imports: [{ module: "sof", name: "log", params: [I32, I32] }],
        functions: moduleWith({
          name: "sof_module_init",
          params: [I32],
          results: [I32],
          code: [0x41, ...s32(-1), 0x41, 2, 0x10, 0, 0x41, 0],
        }),
      }),
    );
    expect(faults).toMatchObject([{ reason: "bad-address", operation: "init" }]);
  });

  it("that aborts with whatever address gets no text out of it", () => {
    for (const address of [0, 1, 2, 0xfffe, 0x10000, -2, -1]) {
      const { faults } = make(
        assemble({
          imports: [{ module: "env", name: "abort", params: [I32, I32, I32, I32] }],
          functions: moduleWith({
            name: "sof_module_init",
            params: [I32],
            results: [I32],
            code: [0x41, ...s32(address), 0x41, 0, 0x41, 1, 0x41, 2, 0x10, 0, 0x41, 0],
          }),
        }),
      );
      expect(faults).toMatchObject([{ reason: "abort", detail: " at 1:2" }]);
    }
  });

  it("with frames as large as they may be ends by the count, not by the host's stack", () => {
    const { faults } = make(
      assemble({
        functions: moduleWith({
          name: "sof_module_init",
          params: [I32],
          results: [I32],
          locals: Array<number>(500).fill(I32),
          code: [0x20, 0, 0x10, 6],
        }),
      }),
    );
    expect(faults).toMatchObject([
      { reason: "stack-overflow", detail: "calls need over 131072 bytes" },
    ]);
  });
});
