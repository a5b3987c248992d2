import { describe, expect, it } from "vitest";
import { MemAttr, MemDomain } from "@sof-ts/kernel";
import { library, Machine, payloadOf, uuid } from "./machine.js";
import { addingWasm } from "./wasm.js";

const effect = (n: number, name = `EFFECT${n}`) => ({
  modules: [{ name, uuid: uuid(n), maxInstances: 4, configs: [{ ibs: 384, obs: 192, cpc: 9000 }] }],
  text: addingWasm({ run: n }),
});

const big = library({ ...effect(1), rodata: new Uint8Array(50_000) });

describe("LOAD_LIBRARY", () => {
  it("takes the manifest's 38 KiB first, then the rest, 38 KiB at a time", () => {
    const machine = new Machine();
    expect(machine.load(1, big)).toBe(0);
    const size = payloadOf(big).length;
    expect(size).toBe(0x15000);
    expect(machine.channels[0]?.blocks).toEqual([38912, 38912, size - 2 * 38912]);
  });

  it("registers the modules under the library's number", () => {
    const machine = new Machine();
    const two = library({
      modules: [
        { name: "FIRST", uuid: uuid(1), maxInstances: 3, initConfig: "base+ext" },
        { name: "SECOND", uuid: uuid(2), maxInstances: 1, domain: "DP" },
      ],
      text: addingWasm({ a: 1, b: 2 }),
    });
    expect(machine.load(5, two)).toBe(0);
    expect(machine.manager.modules.entries().map(({ moduleId }) => moduleId)).toEqual([
      0x5000, 0x5001,
    ]);
    expect(machine.manager.modules.find(0x5000)?.driver.manifest).toEqual({
      name: "FIRST",
      uuid: uuid(1),
      initConfig: "base+ext",
      maxInstances: 3,
      domain: "LL",
      configs: [],
    });
    expect(machine.manager.modules.find(0x5001)?.driver.manifest.domain).toBe("DP");
    expect(machine.manager.libraries()).toEqual([
      {
        id: 5,
        name: "EXAMPLE",
        version: { major: 1, minor: 2, hotfix: 3, build: 4 },
        moduleCount: 2,
      },
    ]);
  });

  it("tells what a module costs", () => {
    const machine = new Machine();
    machine.load(1, library(effect(1)));
    expect(machine.manager.modules.find(0x1000)?.driver.manifest.configs).toEqual([
      { ibs: 384, obs: 192, cpc: 9000 },
    ]);
  });

  it.each([0, -1, 16, 1.5])("refuses library id %s before it takes a channel", (id) => {
    const machine = new Machine();
    expect(machine.load(id, big)).toBe(-22);
    expect(machine.channels).toHaveLength(0);
  });

  it("refuses an id that is taken, and gives the channel back that was prepared for it", () => {
    const machine = new Machine();
    machine.load(1, big);
    machine.run(function* () {
      return machine.manager.prepare(7);
    });
    expect(machine.load(1, big)).toBe(-17);
    expect(machine.channels.map(({ closed }) => closed)).toEqual([1, 1]);
    expect(machine.manager.libraries()).toHaveLength(1);
  });

  it("gives up when the host stops sending, 200 ms after the last block", () => {
    const machine = new Machine();
    const before = machine.resources;
    machine.sent = payloadOf(big).slice(0, 60_000);
    const { rc, ms } = machine.run(function* () {
      const start = machine.kernel.now;
      const rc = yield* machine.manager.load(3, 1);
      return { rc, ms: (machine.kernel.now - start) / 400_000 };
    });
    expect(rc).toBe(-116);
    expect(ms).toBeGreaterThan(200);
    expect(ms).toBeLessThan(202);
    expect(machine.resources).toEqual(before);
    expect(machine.refusals).toEqual(["its image did not arrive (ETIMEDOUT)"]);
  });

  it("takes a moment for what it checks", () => {
    const machine = new Machine();
    const start = machine.kernel.now;
    machine.load(1, big);
    expect(machine.kernel.now).toBeGreaterThan(start + 84 * 256);
  });

  it("waits for a load that another thread has under way", () => {
    const machine = new Machine();
    machine.sent = payloadOf(library(effect(1)));
    const order: string[] = [];
    machine.run(function* () {
      const thread = machine.kernel.createThread({
        name: "other",
        priority: 2,
        entry: function* () {
          order.push(`other ${yield* machine.manager.load(4, 2)}`);
        },
      });
      order.push(`first ${yield* machine.manager.load(3, 1)}`);
      yield* thread.join(Number.POSITIVE_INFINITY);
    });
    expect(order).toEqual(["first 0", "other 0"]);
    expect(machine.manager.libraries().map(({ id }) => id)).toEqual([1, 2]);
  });
});

describe("LOAD_LIBRARY_PREPARE", () => {
  const prepare = (machine: Machine, dmaId: number) =>
    machine.run(function* () {
      return machine.manager.prepare(dmaId);
    });

  it("takes the channel that the load uses", () => {
    const machine = new Machine();
    expect(prepare(machine, 3)).toBe(0);
    expect(machine.channels).toHaveLength(1);
    expect(machine.load(1, big)).toBe(0);
    expect(machine.channels).toHaveLength(1);
    expect(machine.channels[0]?.closed).toBe(1);
  });

  it("can be left out, as older hosts do", () => {
    const machine = new Machine();
    expect(machine.load(1, big)).toBe(0);
    expect(machine.channels[0]?.closed).toBe(1);
  });

  it("takes a channel anew when it is asked again, for the same or another", () => {
    const machine = new Machine();
    expect([prepare(machine, 3), prepare(machine, 3), prepare(machine, 4)]).toEqual([0, 0, 0]);
    expect(machine.channels.map(({ closed }) => closed)).toEqual([1, 1, 0]);
  });

  it("answers what the channel answers", () => {
    const machine = new Machine();
    machine.dmaError = -16;
    expect(prepare(machine, 3)).toBe(-16);
    expect(machine.load(1, big)).toBe(-16);
    machine.dmaError = 0;
    expect(prepare(machine, 32)).toBe(-22);
    expect(prepare(machine, -1)).toBe(-22);
    expect(machine.load(1, big)).toBe(0);
  });

  it("is refused while a library is being loaded", () => {
    const machine = new Machine();
    machine.sent = payloadOf(big);
    const rc = machine.run(function* () {
      const seen: number[] = [];
      machine.kernel.createThread({
        name: "other",
        priority: 0,
        delay: 2000,
        entry: function* () {
          seen.push(machine.manager.prepare(4));
        },
      });
      yield* machine.manager.load(3, 1);
      return seen;
    });
    expect(rc).toEqual([-16]);
  });
});

describe("a load that fails leaves nothing behind", () => {
  const file = library({ ...effect(1), bssBytes: 100 }, effect(2));
  const steps: readonly (readonly [string, number, Machine, Uint8Array])[] = [
    ["without DRAM for the first block", -12, new Machine({ dramBytes: 0x8000 }), file],
    ["without DRAM for the image", -12, new Machine({ dramBytes: 0xc000 }), file],
    ["when the first block is no image", -22, new Machine(), new Uint8Array(100_000)],
    ["when the image is bad", -22, new Machine(), tampered(file, 0x5c + 28)],
    ["when a module's code is bad", -8, new Machine(), tampered(file, 0x8000)],
    ["when the image is no library", -22, new Machine(), tampered(file, 0x2014)],
    [
      "without memory for a driver",
      -12,
      new Machine({ driverHeap: { alignedAlloc: onlyOnce(), free: () => undefined } }),
      file,
    ],
    [
      "when user space could not read its drivers",
      -14,
      new Machine({ driverHeap: { alignedAlloc: () => 0x9000_0000, free: () => undefined } }),
      file,
    ],
    ["when the LL domain is full", -28, new Machine({ options: { maxDomainPartitions: 1 } }), file],
  ];

  function onlyOnce(): () => number {
    let calls = 0;
    return () => (calls++ === 0 ? 0x4000_0100 : 0);
  }

  function tampered(file: Uint8Array, at: number): Uint8Array {
    const bytes = file.slice();
    const offset = file.length - payloadOf(file).length + at;
    bytes[offset] = (bytes[offset] as number) ^ 0x04;
    return bytes;
  }

  it.each(steps)("%s: %s", (_what, rc, machine, bytes) => {
    const before = machine.resources;
    if (bytes.some((byte) => byte !== 0)) machine.sent = payloadOf(bytes);
    else machine.sent = bytes;
    expect(machine.run(() => machine.manager.load(3, 1))).toBe(rc);
    expect(machine.resources).toEqual({ ...before, channels: 0 });
    expect(machine.refusals).toHaveLength(1);
    expect(machine.faults).toEqual([]);
  });

  it("and the next load works", () => {
    const machine = new Machine();
    expect(machine.load(1, tampered(file, 0x8000))).toBe(-8);
    expect(machine.load(1, file)).toBe(0);
  });

  it("says what is wrong with the image, where, and what to do", () => {
    const machine = new Machine();
    machine.load(4, tampered(file, 0x5c + 28));
    expect(machine.events[0]?.error).toMatchObject({ check: "css", status: 1 });
    expect(machine.refusals[0]).toBe(
      'library 4, offset 120 (0x78): "$MN2" is 0x324e4d20, not 0x324e4d24. Build the image again',
    );
  });
});

describe("unloading", () => {
  it("is refused while an instance lives, and takes everything away after it", () => {
    const machine = new Machine();
    const before = machine.resources;
    machine.load(1, library(effect(1)));
    const instance = machine.instance(0x1000, 0);
    expect(machine.unload(1)).toBe(-16);
    machine.free(instance);
    expect(machine.unload(1)).toBe(0);
    expect(machine.resources).toEqual(before);
    expect(machine.manager.modules.find(0x1000)).toBeNull();
  });

  it("takes several libraries or none", () => {
    const machine = new Machine();
    machine.load(1, library(effect(1)));
    machine.load(2, library(effect(2)));
    const instance = machine.instance(0x2000, 0);
    expect(machine.unload(1, 2)).toBe(-16);
    expect(machine.manager.libraries()).toHaveLength(2);
    machine.free(instance);
    expect(machine.unload(1, 2, 1)).toBe(0);
    expect(machine.manager.libraries()).toHaveLength(0);
  });

  it("refuses what is not loaded, the base image, and nothing at all", () => {
    const machine = new Machine();
    expect(machine.unload(3)).toBe(-2);
    expect(machine.unload(0)).toBe(-22);
    expect(machine.unload(16)).toBe(-22);
    expect(machine.unload()).toBe(-22);
  });

  it("lets the id be used again", () => {
    const machine = new Machine();
    machine.load(1, library(effect(1)));
    machine.unload(1);
    expect(machine.load(1, library(effect(2, "OTHER")))).toBe(0);
    expect(machine.manager.modules.find(0x1000)?.driver.manifest.name).toBe("OTHER");
  });
});

describe("a hundred cycles", () => {
  it("of loading, using and unloading leave nothing", () => {
    const machine = new Machine();
    const dp = new MemDomain(machine.kernel, "dp");
    dp.init([{ start: 0x5000_0000, size: 0x1000, attr: MemAttr.P_RW_U_RW }]);
    const maths = { modules: [{ name: "MATHS", uuid: uuid(9), maxInstances: 0 }], auxiliary: true };
    const shared = library({
      ...maths,
      text: addingWasm({ twice: 2 }),
      exports: ["twice"],
      data: new Uint8Array(9),
    });
    const user = library({
      ...effect(1),
      text: addingWasm({ run: 1 }, ["twice"]),
      bssBytes: 5000,
      cold: new Uint8Array(7),
    });
    const before = machine.resources;
    for (let cycle = 0; cycle < 100; cycle++) {
      expect([machine.load(1, shared), machine.load(2, user)]).toEqual([0, 0]);
      const instances = [0, 1].map((core) => machine.instance(0x2000, core, core));
      expect(
        machine.run(function* () {
          return machine.manager.attachDomain(0x2000, 0, dp);
        }),
      ).toBe(0);
      expect(instances[0]?.run(5)).toBe(8);
      for (const [core, instance] of instances.entries()) machine.free(instance, core);
      expect(machine.unload(2, 1)).toBe(0);
    }
    expect(machine.resources).toEqual({ ...before, channels: 0 });
    expect(dp.partitions.filter((partition) => partition !== null)).toHaveLength(1);
    expect(machine.faults).toEqual([]);
  });
});
