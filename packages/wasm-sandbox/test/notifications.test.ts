import { type ModuleFault, IsolatedModule, IsolatedProgram } from "@sof-ts/wasm-sandbox";
import { describe, expect, it } from "vitest";
import { assemble, I32, moduleWith, s32 } from "./assembler.js";
import * as midSide from "./generated/mid-side.js";
import { binaryOf, Rings, services } from "./kit.js";

const EINVAL = 22;
const EPERM = 1;
const EBUSY = 16;
/** Params of the module. */
const [DELAY, IN_PERIOD, NOW, NOWHERE] = [0, 1, 2, 3];
const [ACCEPTED, LAST, AT_INIT, AT_PREPARE] = [0, 1, 2, 3];

/** An instance of a binary, and what it told the host. */
function told(binary: Uint8Array = binaryOf(midSide)) {
  const said: { readonly eventId: number; readonly data: readonly number[] }[] = [];
  const faults: ModuleFault[] = [];
  const module = IsolatedModule.create(
    IsolatedProgram.load(binary, "test.wasm"),
    { ...services, notify: (eventId, data) => said.push({ eventId, data: [...data] }) },
    new Uint8Array(0),
    {
      maxSources: 1,
      maxSinks: 1,
      processFuel: 1e6,
      controlFuel: 1e6,
      report: (fault) => faults.push(fault),
    },
  );
  if (typeof module === "number") throw new Error(`create returned ${module}`);
  return { module, said, faults };
}

const streams = (): ReturnType<Rings["ring"]>[] => {
  const rings = new Rings();
  return Array.from({ length: 2 }, () => rings.ring(384));
};

describe("a notification of an isolated module", () => {
  it("comes with its event and a copy of its data, when the operation is over", () => {
    const { module, said } = told();
    module.setConfigParam(IN_PERIOD, 3);
    expect(said).toEqual([]);
    expect(module.process([], [])).toBe(0);
    expect(said).toEqual([0, 1, 2].map((number) => ({ eventId: 0x1234, data: [number, 0, 0, 0] })));
  });

  it("may come eight at once from process, and then once in 64 periods", () => {
    const { module, said } = told();
    const periods = (count: number): void => {
      for (let i = 0; i < count; i++) module.process([], []);
    };
    const ask = (): number => {
      module.setConfigParam(IN_PERIOD, 20);
      periods(1);
      return module.getConfigParam(ACCEPTED);
    };
    expect(ask()).toBe(0xff);
    expect(module.getConfigParam(LAST)).toBe(EBUSY);
    expect(ask()).toBe(0);
    // With what was asked in between not quite 64 operations since the first.
    periods(50);
    expect(ask()).toBe(0);
    periods(64);
    expect(ask()).toBe(1);
    periods(100_000);
    expect(ask()).toBe(0xff);
    expect(said).toHaveLength(17);
  });

  it("may come once from another operation, of at most 1024 bytes", () => {
    const { module, said } = told();
    for (let i = 0; i < 100; i++) module.setConfigParam(NOW, 1024);
    expect(said).toHaveLength(100);
    expect(said[0]?.data).toHaveLength(1024);
    module.setConfigParam(NOW, 0);
    expect(said).toHaveLength(101);
    module.setConfigParam(NOW, 1025);
    expect(module.getConfigParam(LAST)).toBe(EINVAL);
    module.setConfigParam(NOW, -1);
    expect(module.getConfigParam(LAST)).toBe(EINVAL);
    expect(said).toHaveLength(101);
  });

  it("is refused at init and prepare, and from free goes nowhere", () => {
    const { module, said } = told();
    expect(module.getConfigParam(AT_INIT)).toBe(EPERM);
    expect(module.prepare(streams(), streams())).toBe(0);
    expect(module.getConfigParam(AT_PREPARE)).toBe(EPERM);
    module.free();
    expect(said).toEqual([]);
  });

  it("of data that is not its own ends it", () => {
    const { module, said, faults } = told();
    expect(module.setConfigParam(NOWHERE, 0)).toBe(-14);
    expect(faults.map(({ reason }) => reason)).toEqual(["bad-address"]);
    expect(said).toEqual([]);
  });

  it("goes with an operation that faults", () => {
    const notify = { module: "sof", name: "notify", params: [I32, I32, I32], results: [I32] };
    const { module, said, faults } = told(
      assemble({
        imports: [notify],
        functions: moduleWith({
          name: "sof_module_process",
          params: [I32, I32],
          results: [I32],
          // notify(1, 0, 4), then the unreachable.
          code: [0x41, 1, 0x41, 0, 0x41, 4, 0x10, 0, 0x1a, 0x00],
        }),
      }),
    );
    expect(module.process([], [])).toBe(-14);
    expect(faults.map(({ reason }) => reason)).toEqual(["unreachable"]);
    expect(said).toEqual([]);
  });

  it("without end costs its sender its fuel, and nobody else anything", () => {
    const { module, said, faults } = told(
      assemble({
        imports: [{ module: "sof", name: "notify", params: [I32, I32, I32], results: [I32] }],
        functions: moduleWith({
          name: "sof_module_process",
          params: [I32, I32],
          results: [I32],
          // loop: notify(1, 0, 4); again
          code: [0x03, 0x40, 0x41, 1, 0x41, 0, 0x41, 4, 0x10, 0, 0x1a, 0x0c, 0, 0x0b, 0x41, 0],
        }),
      }),
    );
    expect(module.process([], [])).toBe(-14);
    expect(faults.map(({ reason }) => reason)).toEqual(["out-of-fuel"]);
    expect(said).toEqual([]);
  });
});

describe("the latency of an isolated module", () => {
  it("is asked when it is prepared, and read without running its code", () => {
    const { module } = told();
    module.setConfigParam(DELAY, 48);
    expect(module.latencyFrames).toBe(0);
    expect(module.prepare(streams(), streams())).toBe(0);
    expect(module.latencyFrames).toBe(48);
    const { lastOperationCycles } = module;
    expect(module.latencyFrames).toBe(48);
    expect(module.lastOperationCycles).toBe(lastOperationCycles);
  });

  it("is none without the operation, and fails prepare with its errno or its fault", () => {
    const latency = (...code: readonly number[]) =>
      told(
        assemble({
          functions: moduleWith({ name: "sof_module_latency", results: [I32], code }),
        }),
      );
    expect(told(assemble({ functions: moduleWith() })).module.latencyFrames).toBe(0);
    const refusing = latency(0x41, ...s32(-22));
    expect(refusing.module.prepare([], [])).toBe(-22);
    const lying = latency(0x41, ...s32(-5000));
    expect(lying.module.prepare([], [])).toBe(-14);
    expect(lying.faults.map(({ reason }) => reason)).toEqual(["bad-result"]);
    const trapping = latency(0x00);
    expect(trapping.module.prepare([], [])).toBe(-14);
    expect(trapping.module.prepare([], [])).toBe(-19);
  });
});
