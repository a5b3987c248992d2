import type { Random } from "@sof-ts/kit";
import { words } from "../payloads.js";
import * as message from "../protocol/messages.js";
import {
  damaged,
  type FuzzModule,
  gatewayPair,
  initBlock,
  noise,
  number,
  numbers,
  parameter,
} from "./payloads.js";

/** What there is to talk about right now. */
export interface World {
  /** Modules of the image. */
  readonly modules: readonly FuzzModule[];
  readonly pipelines: readonly number[];
  readonly components: readonly message.End[];
  /** What is bound: source with its queue, sink with its own. */
  readonly connections: readonly (readonly [message.End, message.End])[];
}

const CORES = 3;
const PIPELINES = 5;
const INSTANCES = 4;
/** Parameters that the base firmware knows, and those that modules do. */
const baseParams = [
  3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 15, 16, 17, 18, 20, 22, 23, 24, 25, 27, 30, 35,
];
const moduleParams = [0, 1, 2, 3, 4, 5, 6, 7, 11, 200, 201, 202, 254, 255];
const { RESET, PAUSED, RUNNING, EOS } = message.State;

/**
 * Makes messages: mostly such as a driver may send, in any order; some of them damaged; some without any
 * meaning. What it makes depends on its random numbers and on the world only.
 */
export class MessageGenerator {
  private readonly random: Random;
  private readonly world: () => World;
  /** Rest of a stream's set-up that is under way. */
  private readonly planned: message.Message[] = [];

  constructor(random: Random, world: () => World) {
    this.random = random;
    this.world = world;
  }

  next(): message.Message {
    const { random, planned } = this;
    if (random.below(10) === 0) return this.meaningless();
    if (planned.length === 0 && random.below(12) === 0) planned.push(...this.stream());
    const made = (random.below(3) > 0 ? planned.shift() : undefined) ?? this.meaningful();
    return random.below(8) === 0 ? this.spoil(made) : made;
  }

  private meaningless(): message.Message {
    const { random } = this;
    // The top bit of the first word is the doorbell's own.
    return [random.u32() & 0x7fff_ffff, random.u32(), noise(random)];
  }

  private spoil([
    primary,
    extension,
    payload = new Uint8Array(0),
  ]: message.Message): message.Message {
    const { random } = this;
    switch (random.below(4)) {
      case 0:
        return [(primary ^ (1 << random.below(31))) >>> 0, extension, payload];
      case 1:
        return [primary, (extension ^ (1 << random.below(32))) >>> 0, payload];
      case 2:
        return [primary, random.u32(), payload];
      default:
        return [primary, extension, damaged(random, payload)];
    }
  }

  private meaningful(): message.Message {
    const { random } = this;
    switch (random.below(24)) {
      case 0:
      case 1:
        return message.createPipeline(random.below(PIPELINES), {
          core: random.pick([0, 0, 0, 1, 2, 3]),
          priority: random.below(8),
          ...(random.below(4) === 0 ? { payload: numbers(random) } : {}),
        });
      case 2:
        return message.deletePipeline(this.pipeline());
      case 3:
      case 4:
      case 5:
        return this.init();
      case 6:
      case 7:
      case 8:
        return message.bind(this.end(), this.end());
      case 9:
        return this.unbind();
      case 10:
      case 11:
      case 12:
        return this.setState();
      case 13:
        return random.below(2) === 0
          ? message.configGet(this.end(), random.below(4), random.below(0x1_0000))
          : message.configSet(this.end(), random.pick([0, 0x3000, 0x3001]), random.below(0x1_0000));
      case 14:
      case 15:
      case 16:
        return this.set();
      case 17:
      case 18:
        return this.get();
      case 19:
        return this.setDx();
      case 20:
        return message.setD0ix(random.below(16), random.pick([[0, 0], this.end()]));
      case 21:
        return message.deleteInstance(this.end());
      case 22:
        return this.chain();
      default:
        return this.rare();
    }
  }

  private rare(): message.Message {
    const { random } = this;
    switch (random.below(8)) {
      case 0:
      case 1:
        return this.gateway();
      case 2:
        return message.loadLibraryPrepare(random.below(12));
      case 3:
        return message.unloadModules([random.below(0x1_0000)]);
      case 4:
        return message.anyGlobal(random.below(32), random.below(1 << 24));
      case 5:
        // Waits for data that never come, so it is rarer than the others.
        return message.loadLibrary(random.below(12), random.below(random.below(8) === 0 ? 16 : 1));
      default:
        return message.anyModule(random.below(32), this.end());
    }
  }

  private gateway(): message.Message {
    const { random } = this;
    const node = random.pick([0x1400, 0x1500, 0x1501, number(random)]);
    return message.ipcGateway(random.below(5), node, random.below(1024), noise(random, 512));
  }

  private pipeline(): number {
    const { random } = this;
    const { pipelines } = this.world();
    return pipelines.length > 0 && random.below(8) > 0
      ? random.pick(pipelines)
      : random.below(PIPELINES);
  }

  private end(): message.End {
    const { random } = this;
    const { components } = this.world();
    const queue = random.below(4) === 0 ? random.below(8) : 0;
    if (components.length === 0 || random.below(8) === 0)
      return [this.module().id, random.below(INSTANCES), queue];
    const [module, instance] = random.pick(components);
    return [module, instance, queue];
  }

  private init(): message.Message {
    const { random } = this;
    const module = this.module();
    const extended = random.below(8) === 0;
    const payload = initBlock(random, module);
    const header = words([random.pick([0, 4]), 0, 0, 1 | (1 << 1) | (3 << 16), 0, 4096, 4096]);
    const block = extended ? Uint8Array.from([...header, ...payload]) : payload;
    return message.initInstance(
      [module.id, random.below(INSTANCES)],
      random.below(8) === 0 ? 0xff : this.pipeline(),
      block.subarray(0, block.length & ~3),
      { core: random.pick([0, 0, 0, 1, 2]), dataProcessing: random.below(8) === 0, extended },
    );
  }

  private unbind(): message.Message {
    const { random } = this;
    const { connections } = this.world();
    return connections.length > 0 && random.below(4) > 0
      ? message.unbind(...random.pick(connections))
      : message.unbind(this.end(), this.end());
  }

  private setState(): message.Message {
    const { random } = this;
    const state = random.pick([RESET, PAUSED, PAUSED, RUNNING, RUNNING, EOS, random.below(9)]);
    if (random.below(2) === 0) return message.setState(state, this.pipeline());
    const ids = Array.from({ length: random.below(5) }, () => this.pipeline());
    return message.setStates(state, ...ids);
  }

  private set(): message.Message {
    const { random } = this;
    const base = random.below(3) === 0;
    const end: message.End = base ? [0, 0] : this.end();
    const param = random.pick(base ? baseParams : moduleParams);
    const value = parameter(random);
    if (random.below(3) > 0) return message.largeSet(end, param, value);
    const size = random.pick([value.length, random.below(8192), number(random) & 0xf_ffff]);
    const roles = { init: random.below(2) === 0, final: random.below(2) === 0 };
    return message.largeSet(end, param, value, roles, size);
  }

  private get(): message.Message {
    const { random } = this;
    const base = random.below(3) === 0;
    const end: message.End = base ? [0, 0] : this.end();
    const param = random.pick(base ? baseParams : moduleParams);
    const roles = { init: random.below(4) > 0, final: random.below(2) === 0 };
    const size = random.pick([4096, 64, 0, number(random) & 0xf_ffff]);
    return message.largeGet(end, param, size, roles, parameter(random));
  }

  private setDx(): message.Message {
    const { random } = this;
    const core = 1 << random.below(CORES);
    const on = random.below(3) > 0 ? core : 0;
    return random.below(4) === 0
      ? message.setDx(number(random), number(random))
      : message.setDx(core, on);
  }

  private chain(): message.Message {
    const { random } = this;
    const flags = { allocate: random.below(3) > 0, enable: random.below(2) === 0 };
    const id = random.below(8);
    return message.chainDma(id, random.below(4) === 0 ? random.below(16) : id, flags);
  }

  /** Everything that a stream takes, from its core to RUNNING and back; its modules need not fit together. */
  private stream(): readonly message.Message[] {
    const { random } = this;
    const id = random.below(PIPELINES);
    const core = random.pick([0, 0, 1, 2]);
    const { modules } = this.world();
    const ends: message.End[] = [];
    const inits: message.Message[] = [];
    const add = (module: FuzzModule, block: Uint8Array) => {
      const end: message.End = [module.id, random.below(INSTANCES)];
      ends.push(end);
      inits.push(message.initInstance(end, id, block, { core }));
    };
    const copier = modules.find(({ isCopier }) => isCopier) ?? random.pick(modules);
    const [from, to] = gatewayPair(random);
    const real = random.below(3) > 0;
    if (real) add(copier, from);
    for (let left = random.below(3) + (real ? 0 : 2); left > 0; left--) {
      const module = this.module();
      add(module, initBlock(random, module));
    }
    if (real) add(copier, to);
    return [
      ...(core > 0 ? [message.setDx(1 << core, 1 << core)] : []),
      message.createPipeline(id, { core }),
      ...inits,
      ...ends.slice(1).map((end, i) => message.bind(ends[i] as message.End, end)),
      ...[PAUSED, RUNNING, PAUSED, RUNNING].map((state) => message.setState(state, id)),
    ];
  }

  /** Copiers are every other module, as in real streams. */
  private module(): FuzzModule {
    const { random } = this;
    const { modules } = this.world();
    const copier = modules.find(({ isCopier }) => isCopier);
    return copier !== undefined && random.below(2) === 0 ? copier : random.pick(modules);
  }
}
