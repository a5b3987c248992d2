import { describe, expect, it } from "vitest";
import { Machine, MS, TestHeap } from "./machine.js";
import { DpStream } from "./stream.js";

// Defects that firmware of this design has had or could have: none may come back.

describe("memory", () => {
  it("DP-11, GR-02: a shortage at any allocation refuses the instance and leaves nothing", () => {
    const full = (() => {
      const machine = new Machine();
      const stream = new DpStream(machine);
      const before = machine.pool.chunks.stats().allocatedBytes;
      machine.do(() => stream.create());
      return machine.pool.chunks.stats().allocatedBytes - before;
    })();
    let refused = 0;
    for (let poolBytes = 64; poolBytes < full; poolBytes += 48) {
      const machine = new Machine({ poolBytes });
      const stream = new DpStream(machine);
      const before = machine.resources;
      expect(machine.do(() => stream.create())).toBe(-12);
      expect(machine.resources).toEqual(before);
      refused++;
    }
    expect(refused).toBeGreaterThan(20);
    for (let budget = 0; budget < 3; budget++) {
      const machine = new Machine();
      const stream = new DpStream(machine);
      machine.do(() => stream.create());
      stream.heap.budget = budget;
      expect(machine.do(() => stream.bind())).toBe(-12);
      machine.do(function* () {
        yield* machine.locking.lock(0);
        yield* machine.locking.unlock(0);
        expect(() => machine.locking.assertLocked(0)).toThrow(/without its LL lock/);
      });
      machine.do(() => stream.free());
      expect(stream.heap.blocks).toBe(0);
    }
  });

  it("DP-11: a kernel without thread ids left refuses the instance instead of stopping", () => {
    const machine = new Machine({ kernel: { maxThreadBytes: 1 } });
    const made: number[] = [];
    for (let i = 0; i < 8; i++) {
      const stream = new DpStream(machine, { name: `m${i}` });
      made.push(machine.do(() => stream.create()));
      // The thread that asked has ended and its number is free for the next.
    }
    expect(made.filter((rc) => rc === 0).length).toBe(6);
    expect(made.slice(6)).toEqual([-12, -12]);
  });

  it("a task's kernel objects outlive the thread that asked for it, and a fault of its own", () => {
    const machine = new Machine({ onFatal: () => "abort-thread" });
    const before = machine.pool.chunks.stats().allocatedBytes;
    const stream = new DpStream(machine, { cycles: MS });
    // Each operation has a thread that ends with it.
    machine.do(() => stream.setUp());
    const { objects } = stream.dp.task;
    stream.module.process = () => {
      throw new Error("wild pointer");
    };
    machine.runTo(15.5);
    expect(stream.dp.task.state).toBe("dead");
    for (const object of Object.values(objects)) expect(object.freed).toBe(false);
    machine.do(() => stream.free());
    for (const object of Object.values(objects)) expect(object.freed).toBe(true);
    expect(machine.pool.chunks.stats().allocatedBytes).toBe(before);
  });

  it("PR-09: a hundred instances one after the other leave nothing in use", () => {
    const machine = new Machine({ kernel: { maxDomainPartitions: 4 } });
    const partition = { start: 0x2000_0000, size: 0x1000, attr: 0x1b };
    const before = machine.resources;
    for (let i = 0; i < 100; i++) {
      const memory = { domainId: i % 3, partitions: [partition] };
      const stream = new DpStream(machine, { memory });
      expect(machine.do(() => stream.setUp())).toBe(0);
      machine.do(() => stream.free());
      for (const ring of [...stream.sources, stream.sink]) machine.heap.free(ring.start);
    }
    expect(machine.resources).toEqual(before);
  });

  it("a partition that its domain does not take refuses the instance and leaves nothing", () => {
    const machine = new Machine();
    const before = machine.pool.chunks.stats().allocatedBytes;
    const twice = { start: 0x2000_0000, size: 0x1000, attr: 0x1b };
    const overlap = { start: 0x2000_0000, size: 0x2000, attr: 0x1b };
    const memory = { domainId: 0, partitions: [twice, overlap] };
    expect(machine.do(() => new DpStream(machine, { memory }).create())).toBe(-22);
    expect(machine.pool.chunks.stats().allocatedBytes).toBe(before);
    expect(machine.resources).toMatchObject({ memoryDomains: 0, llTasks: [0] });
  });

  it("a user thread that makes a task cannot have memory mapped that is not a module's", () => {
    const allowed = { start: 0x2000_0000, size: 0x1000, attr: 0x1b };
    const kernelMemory = { start: 0x3000_0000, size: 0x1000, attr: 0x1b };
    const machine = new Machine({ allowsPartition: ({ start }) => start === allowed.start });
    const make = (...partitions: (typeof allowed)[]): number => {
      const stream = new DpStream(machine, { memory: { domainId: 0, partitions } });
      return machine.do(() => stream.create());
    };
    expect(make(kernelMemory)).toBe(-13);
    expect(make(allowed, kernelMemory)).toBe(-13);
    expect(machine.resources.memoryDomains).toBe(0);
    expect(make(allowed)).toBe(0);
  });

  it("LL-11: a task's partitions are those that were checked, whatever becomes of the request", () => {
    const partition = { start: 0x2000_0000, size: 0x1000, attr: 0x1b };
    const machine = new Machine();
    const partitions = [partition];
    const stream = new DpStream(machine, { memory: { domainId: 7, partitions } });
    machine.do(() => stream.create());
    partitions[0] = { ...partition, start: 0x3000_0000 };
    partition.size = 0x2000;
    expect(stream.dp.task.thread.domain?.partitions).toEqual([
      { start: 0x2000_0000, size: 0x1000, attr: 0x1b },
    ]);
    expect(stream.dp.task.memory?.partitions).toEqual([
      { start: 0x2000_0000, size: 0x1000, attr: 0x1b },
    ]);
    machine.do(() => stream.free());
    expect(machine.resources.memoryDomains).toBe(0);
  });

  it("PR-12: a module's rings lie in its own memory, and go back where they came from", () => {
    const machine = new Machine();
    const stream = new DpStream(machine);
    const llBlocks = machine.heap.blocks;
    machine.do(() => stream.setUp());
    expect([machine.heap.blocks, stream.heap.blocks]).toEqual([llBlocks, 3]);
    expect(stream.heap).toBeInstanceOf(TestHeap);
    machine.do(() => stream.free());
    expect([machine.heap.blocks, stream.heap.blocks]).toEqual([llBlocks, 0]);
  });
});
