import type { Blocking } from "@sof-ts/kernel";
import type { ModuleHandle } from "@sof-ts/module-api";
import { limiterDriver } from "../test/limiter.js";
import { Machine, TestModule } from "../test/machine.js";

/** The operation of a benchmark, over and over in an IPC thread of `core`. */
function repeated(
  cpus: number,
  core: number,
  operation: (m: Machine) => Blocking<() => Blocking>,
): (iterations: number) => void {
  const m = new Machine({ cpus });
  const { kernel } = m;
  let left = 0;
  m.ipc(
    core,
    function* () {
      const once = yield* operation(m);
      for (;;) {
        if ((yield* once()) < 0) throw new Error("the operation fails");
        if (--left === 0) kernel.stop();
      }
    },
    { name: "caller" },
  );
  return (iterations) => {
    left = iterations;
    kernel.run();
    if (left !== 0) throw new Error(`${left} operations are left`);
  };
}

const quick = () => ({
  prepare: () => 0,
  process: () => 0,
  reset: () => 0,
  free: () => {},
  lastOperationCycles: 100,
});

/** Reset by a worker, as a handle does it. */
function* byWorker(m: Machine, core: number): Blocking<() => Blocking> {
  const handle: ModuleHandle = yield* m.made(core, quick());
  return () => handle.reset();
}

/** Host time of one operation: user-mode system call, lock, domain, work item, two switches, event. */
export const benches = [
  {
    name: "reset, direct call in the same thread",
    run: repeated(1, 0, function* (m): Blocking<() => Blocking> {
      const module = quick();
      return function* (): Blocking {
        const rc = module.reset();
        yield* m.kernel.busy(module.lastOperationCycles);
        return rc;
      };
    }),
  },
  { name: "reset by the worker", run: repeated(1, 0, (m) => byWorker(m, 0)) },
  { name: "reset by the worker, 4 cores", run: repeated(4, 2, (m) => byWorker(m, 2)) },
  { name: "reset by the worker of another core", run: repeated(2, 0, (m) => byWorker(m, 1)) },
  {
    name: "set configuration by the worker, with the mailbox",
    run: repeated(1, 0, function* (m) {
      const module = new TestModule();
      module.setConfiguration = () => 0;
      const handle = yield* m.made(0, module);
      const fragment = m.mailbox.subarray(0, 64);
      return () => handle.setConfiguration(1, "single", 64, fragment);
    }),
  },
  {
    name: "reset of a sandboxed module by the worker",
    run: repeated(1, 0, function* (m) {
      const handle = yield* m.made(0, limiterDriver().create);
      return () => handle.reset();
    }),
  },
];
