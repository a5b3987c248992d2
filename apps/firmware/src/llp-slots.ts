import { FwRegisterCount, llpGpdmaOffset, llpSndwOffset, NODE_ID_MASK } from "@sof-ts/ipc4";
import type { Gateway } from "@sof-ts/module-api";
import { GatewayDecorator } from "./gateway-decorator.js";

const NODE = 0;
const LLP = 4;
const WALL_CLOCK = 12;
const HIGH_WORD = 2 ** 32;

/** One link position slot of the firmware registers (IPC4 `struct ipc4_llp_reading_slot`). Plain stores. */
class LlpSlot {
  private readonly view: DataView;
  private readonly offset: number;

  constructor(view: DataView, offset: number) {
    this.view = view;
    this.offset = offset;
  }

  get taken(): boolean {
    return this.view.getUint32(this.offset + NODE, true) !== 0;
  }

  take(nodeId: number): void {
    this.view.setUint32(this.offset + NODE, nodeId & NODE_ID_MASK, true);
    this.write(0, 0);
  }

  /** In every period of a link: counts below 2^53 in two words each, for a bigint would be made for each. */
  write(bytes: number, wallClock: number): void {
    const { view, offset } = this;
    view.setUint32(offset + LLP, bytes, true);
    view.setUint32(offset + LLP + 4, bytes < HIGH_WORD ? 0 : bytes / HIGH_WORD, true);
    view.setUint32(offset + WALL_CLOCK, wallClock, true);
    view.setUint32(
      offset + WALL_CLOCK + 4,
      wallClock < HIGH_WORD ? 0 : wallClock / HIGH_WORD,
      true,
    );
  }

  giveBack(): void {
    this.write(0, 0);
    this.view.setUint32(this.offset + NODE, 0, true);
  }
}

/** Which array of the registers a slot is taken from. */
export type LlpSlotKind = "gpdma" | "soundwire";

/**
 * The link positions that the host reads of links without registers of their own: every gateway but those of
 * HD-A links has a slot, groups of SoundWire endpoints in an array of their own. Calling context: privileged,
 * where gateways are opened.
 */
export class LlpSlots {
  private readonly slots: Readonly<Record<LlpSlotKind, readonly LlpSlot[]>>;
  private readonly wallClock: () => number;

  constructor(view: DataView, wallClock: () => number) {
    const slots = (count: number, offsetOf: (index: number) => number) =>
      Array.from({ length: count }, (_, index) => new LlpSlot(view, offsetOf(index)));
    this.slots = {
      gpdma: slots(FwRegisterCount.LLP_GPDMA, llpGpdmaOffset),
      soundwire: slots(FwRegisterCount.LLP_SNDW, llpSndwOffset),
    };
    this.wallClock = wallClock;
  }

  /** @returns the gateway with its position reported, or null when no slot is free */
  report(gateway: Gateway, kind: LlpSlotKind): Gateway | null {
    const slot = this.slots[kind].find((candidate) => !candidate.taken);
    if (slot === undefined) return null;
    slot.take(gateway.nodeId);
    return new ReportedGateway(gateway, slot, this.wallClock);
  }
}

/** Writes the position down after each copy. */
class ReportedGateway extends GatewayDecorator {
  private readonly slot: LlpSlot;
  private readonly wallClock: () => number;

  constructor(inner: Gateway, slot: LlpSlot, wallClock: () => number) {
    super(inner);
    this.slot = slot;
    this.wallClock = wallClock;
  }

  override reset(): number {
    this.slot.write(0, 0);
    return super.reset();
  }

  override reload(byteCount: number): number {
    const rc = super.reload(byteCount);
    this.slot.write(this.inner.totalBytes, this.wallClock());
    return rc;
  }

  override free(): void {
    super.free();
    this.slot.giveBack();
  }
}
