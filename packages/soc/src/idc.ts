import { assert } from "@sof-ts/kit";
import { type Bus, LazyTarget } from "./bus.js";
import { Doorbell } from "./doorbell.js";
import type { InterruptController } from "./interrupts.js";
import { IpcEndpoint } from "./ipc-endpoint.js";
import type { DoorbellLayout, PlatformDescription } from "./platform.js";

/** Bytes of payload that go with a message: two cache lines, as SOF's `IDC_MAX_PAYLOAD_SIZE`. */
export const IDC_PAYLOAD_SIZE = 128;

/** The registers of one endpoint, packed; a core reaches its own at its peer's place. */
const LAYOUT: Omit<DoorbellLayout, "completion"> = {
  tdr: 0x00,
  tda: 0x04,
  tdd: 0x08,
  idr: 0x10,
  ida: 0x14,
  idd: 0x18,
  ctl: 0x28,
  size: 0x30,
};

/**
 * Inter-core communication: a doorbell from each core to each other one, with a word pair and a payload. The
 * target takes the platform's IDC interrupt. A message to a core without power stays unanswered; when the
 * core is powered up its doorbells, both ways, start empty.
 *
 * On the bus the endpoint of core `c` towards `p` sits at `idcBase + (c * coreCount + p) * 0x30`. Real
 * blocks are private to each core and differ between cAVS and ACE; their registers are these.
 */
export class Idc {
  private readonly coreCount: number;
  private readonly endpoints: (IpcEndpoint | null)[] = [];
  private readonly payloads: Uint8Array[] = [];

  constructor(platform: PlatformDescription, interrupts: InterruptController) {
    const { coreCount, irq, hostIpc } = platform;
    this.coreCount = coreCount;
    const layout: DoorbellLayout = { ...LAYOUT, completion: hostIpc.layout.completion };
    const doorbells = Array.from({ length: coreCount * coreCount }, () => new Doorbell());
    for (let core = 0; core < coreCount; core++) {
      for (let peer = 0; peer < coreCount; peer++) {
        this.payloads.push(new Uint8Array(IDC_PAYLOAD_SIZE));
        if (core === peer) {
          this.endpoints.push(null);
          continue;
        }
        const incoming = doorbells[peer * coreCount + core] as Doorbell;
        const outgoing = doorbells[core * coreCount + peer] as Doorbell;
        const interrupt = () => interrupts.raise(core, irq.idc);
        this.endpoints.push(
          new IpcEndpoint(
            `IDC of core ${core} with ${peer}`,
            layout,
            incoming,
            outgoing,
            interrupt,
          ),
        );
      }
    }
    for (let core = 0; core < coreCount; core++) {
      for (let peer = core + 1; peer < coreCount; peer++) {
        IpcEndpoint.connect(this.endpoint(core, peer), this.endpoint(peer, core));
      }
    }
  }

  /** The end of `core` of its two doorbells with `peer`. */
  endpoint(core: number, peer: number): IpcEndpoint {
    const endpoint = this.endpoints[core * this.coreCount + peer];
    assert(endpoint !== null && endpoint !== undefined, "no such pair of cores");
    return endpoint;
  }

  /** Payload that `from` passes to `to`; in coherent memory, so the doorbell orders it. */
  payload(from: number, to: number): Uint8Array {
    const payload = this.payloads[from * this.coreCount + to];
    assert(payload !== undefined, "no such pair of cores");
    return payload;
  }

  /** Empties the doorbells of a core, both ways, and masks its interrupts. */
  resetCore(core: number): void {
    for (let peer = 0; peer < this.coreCount; peer++) {
      if (peer !== core) this.endpoint(core, peer).reset();
    }
  }

  /** Puts every endpoint on the DSP's bus. */
  map(bus: Bus, base: number): void {
    this.endpoints.forEach((endpoint, index) => {
      if (endpoint === null) return;
      bus.map(
        base + index * LAYOUT.size,
        new LazyTarget(endpoint.name, LAYOUT.size, () => endpoint.registers),
      );
    });
  }
}
