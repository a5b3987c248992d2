import { MemAttr, type MemPartition } from "@sof-ts/kernel";
import { describe, expect, it } from "vitest";
import { HEAP_BYTES, Machine, TestModule, UNCACHED } from "./machine.js";

const EINVAL = 22;
const ENOSPC = 28;
const MAILBOX = 0xa000_0000;
const RX = MemAttr.P_RX_U_RX;
const RW = MemAttr.P_RW_U_RW;

/** What the worker may do to an address, seen from inside an operation. */
function rights(m: Machine, address: number): string {
  return `${m.kernel.userMayAccess(address, 4, false) ? "r" : "-"}${m.kernel.userMayAccess(address, 4, true) ? "w" : "-"}`;
}

describe("a module's memory domain", () => {
  it("holds its heap through both aliases, its library, and nothing of another module", () => {
    const m = new Machine();
    const [mine, other] = [m.heap(), m.heap()];
    const base = (mine.partitions[0] as MemPartition).start;
    const foreign = (other.partitions[0] as MemPartition).start;
    const code = { start: 0xb000_0000, size: 0x1000, attr: RX };
    let seen: string[] = [];
    const module = new TestModule(() => {
      seen = [
        base,
        base + UNCACHED,
        base + HEAP_BYTES - 4,
        base + HEAP_BYTES,
        foreign,
        0xb000_0000,
        0x1000,
      ].map((address) => rights(m, address));
    });
    m.ipc(0, function* () {
      const handle = yield* m.made(0, module, { heap: mine, partitions: [code] });
      const second = yield* m.made(0, new TestModule(), { heap: other });
      yield* second.reset();
      yield* handle.reset();
      expect(seen).toEqual(["rw", "rw", "rw", "--", "--", "r-", "--"]);
      yield* handle.free();
      yield* second.free();
    });
    m.run();
    m.expectClean([mine, other]);
  });

  it("has the mailbox for reading while an operation needs it, and no longer", () => {
    const m = new Machine();
    const seen: Record<string, string> = {};
    const look = (what: string) => {
      seen[what] = rights(m, MAILBOX) + rights(m, MAILBOX + UNCACHED) + rights(m, MAILBOX + 4096);
    };
    const module = new TestModule((what) =>
      look(
        what
          .split(" ")
          .slice(0, what.startsWith("set param") || what.startsWith("get param") ? 2 : 1)
          .join(" "),
      ),
    );
    m.ipc(0, function* () {
      const handle = yield* m.made(0, () => {
        look("init");
        return module;
      });
      const mapped = () => handle.domain.partitions.filter((p) => p !== null).length;
      const own = mapped();
      expect(own).toBe(2);
      const fragment = m.mailbox.subarray(16, 32);
      for (const operation of [
        handle.prepare([], []),
        handle.setConfiguration(1, "single", 16, fragment),
        handle.getConfiguration(1, new Uint8Array(4)),
        handle.setConfigParam(0, 0),
        handle.getConfigParam(0),
        handle.trigger("start"),
        handle.reset(),
      ]) {
        yield* operation;
        expect(mapped()).toBe(own);
      }
      yield* handle.free();
    });
    m.run();
    const none = "------";
    expect(seen).toEqual({
      init: "r-r---",
      prepare: none,
      set: "r-r---",
      get: "r-r---",
      "set param": none,
      "get param": none,
      trigger: none,
      reset: none,
      free: none,
    });
  });

  it("takes the mailbox away after a failed operation too", () => {
    const m = new Machine();
    const module = new TestModule();
    m.ipc(0, function* () {
      const handle = yield* m.made(0, module);
      module.result = -EINVAL;
      yield* handle.setConfiguration(1, "single", 4, m.mailbox.subarray(0, 4));
      expect(handle.domain.partitions.filter((p) => p !== null).length).toBe(2);
      yield* handle.free();
    });
    m.run();
    m.expectClean();
  });

  it("gives the module a fragment that the host can no longer change (PR-21)", () => {
    const m = new Machine();
    m.mailbox.set([1, 2, 3, 4]);
    let kept: Uint8Array = new Uint8Array(0);
    const module = new TestModule();
    module.setConfiguration = (_id, _position, _size, fragment) => {
      kept = fragment;
      m.mailbox.fill(0xee);
      return 0;
    };
    m.ipc(0, function* () {
      const handle = yield* m.made(0, module);
      yield* handle.setConfiguration(1, "single", 4, m.mailbox.subarray(0, 4));
      expect([...kept]).toEqual([1, 2, 3, 4]);
      yield* handle.free();
    });
    m.run();
  });

  it("ends a worker that reaches outside it, and the module with it", () => {
    const m = new Machine();
    const foreign = (m.heap().partitions[0] as MemPartition).start;
    const evil = new TestModule((what) => {
      if (what === "reset") m.kernel.checkAccess(foreign, 4, true);
    });
    const good = new TestModule();
    m.ipc(0, function* () {
      const bad = yield* m.made(0, evil);
      const other = yield* m.made(0, good);
      expect(yield* bad.reset()).toBe(-5);
      expect(bad.state).toBe("dead");
      // The next module finds a new worker.
      expect(yield* other.reset()).toBe(0);
      yield* bad.free();
      yield* other.free();
    });
    m.run();
    expect(m.fatals.map(({ message }) => message)).toEqual([
      `write of 4 bytes at 0x${foreign.toString(16)} by user thread userspace_proxy0`,
    ]);
    expect(m.lost).toMatchObject([{ operation: "reset", error: -5, core: 0 }]);
    expect([evil.log, good.log]).toEqual([["reset"], ["reset", "free"]]);
    m.expectClean();
  });

  it.each([
    [
      "overlap",
      [
        { start: 0xb000_0000, size: 0x2000, attr: RX },
        { start: 0xb000_1000, size: 0x1000, attr: RX },
      ],
      -EINVAL,
    ],
    [
      "may be written and executed",
      [{ start: 0xb000_0000, size: 0x1000, attr: MemAttr.P_RWX_U_RWX }],
      -EINVAL,
    ],
    [
      "are too many",
      Array.from({ length: 40 }, (_, i) => ({
        start: 0xb000_0000 + i * 0x1000,
        size: 0x1000,
        attr: RW,
      })),
      -ENOSPC,
    ],
  ])(
    "is not made of partitions that %s, and nothing is left of the attempt (PR-18)",
    (_what, partitions, expected) => {
      const m = new Machine();
      const heap = m.heap();
      m.ipc(0, function* () {
        expect(yield* m.create(0, new TestModule(), { heap, partitions })).toBe(expected);
      });
      m.run();
      m.expectClean([heap]);
    },
  );

  it("that is full refuses the mailbox and keeps none of its aliases (PR-18)", () => {
    // Room for the heap's two partitions and one of the mailbox's two.
    const m = new Machine({ kernel: { maxDomainPartitions: 3 } });
    const heap = m.heap();
    m.ipc(0, function* () {
      expect(yield* m.create(0, new TestModule(), { heap })).toBe(-ENOSPC);
    });
    m.run();
    m.expectClean([heap]);
  });

  it("that has become full refuses an operation, whole, and serves others (PR-18)", () => {
    const m = new Machine({ kernel: { maxDomainPartitions: 4 } });
    const module = new TestModule();
    m.ipc(
      0,
      function* () {
        const handle = yield* m.made(0, module);
        const more = { start: 0xb000_0000, size: 0x1000, attr: RX };
        expect(handle.domain.addPartition(more)).toBe(0);
        const fragment = m.mailbox.subarray(0, 4);
        expect(yield* handle.setConfiguration(1, "single", 4, fragment)).toBe(-ENOSPC);
        expect(handle.domain.partitions.filter((p) => p !== null).length).toBe(3);
        expect(yield* handle.reset()).toBe(0);
        handle.domain.removePartition(more);
        expect(yield* handle.setConfiguration(1, "single", 4, fragment)).toBe(0);
        yield* handle.free();
      },
      { user: false },
    );
    m.run();
    expect(module.log).toEqual(["reset", "set 1 single 4 0,0,0,0", "free"]);
    m.expectClean();
  });

  it("does not fill up over many operations and many modules (PR-09)", () => {
    const m = new Machine({ kernel: { maxDomainPartitions: 4 } });
    const heap = m.heap();
    m.ipc(0, function* () {
      for (let i = 0; i < 20; i++) {
        const handle = yield* m.made(0, new TestModule(), { heap });
        for (let j = 0; j < 5; j++) {
          expect(yield* handle.setConfiguration(1, "single", 4, m.mailbox.subarray(0, 4))).toBe(0);
        }
        yield* handle.free();
      }
    });
    m.run();
    m.expectClean([heap]);
  });

  it("keeps a library that another instance of it loses (PR-17)", () => {
    const m = new Machine();
    const code = { start: 0xb000_0000, size: 0x1000, attr: RX };
    let seen = "";
    const module = new TestModule(() => (seen = rights(m, code.start)));
    m.ipc(0, function* () {
      const first = yield* m.made(0, module, { partitions: [code] });
      const second = yield* m.made(0, new TestModule(), { partitions: [code] });
      yield* second.free();
      yield* first.reset();
      expect(seen).toBe("r-");
      yield* first.free();
    });
    m.run();
    m.expectClean();
  });

  it("gives memory back to the heap it came from, on every path (PR-12)", () => {
    const m = new Machine({ cpus: 2 });
    const heaps = [m.heap(), m.heap()];
    m.ipc(0, function* () {
      const handle = yield* m.made(1, new TestModule(), { heap: heaps[0] as never });
      const other = yield* m.made(0, new TestModule(), { heap: heaps[1] as never });
      // From another core: the item is one in coherent memory.
      yield* handle.reset();
      yield* other.reset();
      yield* other.free();
      yield* handle.free();
    });
    m.run();
    expect(heaps.map(({ used }) => used)).toEqual([0, 0]);
    m.expectClean(heaps);
  });
});
