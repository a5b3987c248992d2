import { library, Machine, uuid } from "../test/machine.js";
import { addingWasm } from "../test/wasm.js";

const effect = (n: number, imports: readonly string[] = []) => ({
  modules: [{ name: `EFFECT${n}`, uuid: uuid(n), maxInstances: 4 }],
  text: addingWasm({ [`run${n}`]: n }, imports),
  exports: [`run${n}`],
});
const file = library(effect(1, ["run2"]), effect(2));

/** A machine where a library is loaded, and linked by an instance. */
function linked(): Machine {
  const machine = new Machine();
  machine.load(1, file);
  machine.instance(0x1000, 0);
  return machine;
}

export const benches = [
  {
    name: "load a library over DMA and unload it",
    unit: "library",
    run(iterations: number) {
      const machine = new Machine();
      for (let i = 0; i < iterations; i++) {
        machine.load(1, file);
        machine.unload(1);
        machine.channels.length = 0;
        machine.events.length = 0;
      }
    },
  },
  {
    name: "link, map and instantiate, and undo it",
    unit: "instance",
    run(iterations: number) {
      const machine = new Machine();
      machine.load(1, file);
      for (let i = 0; i < iterations; i++) {
        machine.free(machine.instance(0x1000, 0));
        machine.events.length = 0;
      }
    },
  },
  {
    name: "one more instance of a linked library",
    unit: "instance",
    run(iterations: number) {
      const machine = linked();
      for (let i = 0; i < iterations; i++) machine.free(machine.instance(0x1000, 1));
    },
  },
];
