import type { DmaControlResult, MicPrivacyPort } from "@sof-ts/ipc4-helper";
import { type Gateway, containerBytes } from "@sof-ts/module-api";
import { GatewayDecorator } from "./gateway-decorator.js";

/** Gain of one (Q10). */
const UNITY = 1024;
/** A gain for each of the microphones of one interface. */
const GAINS = 4;
const GAIN_BYTES = 2 * GAINS;

/** What is done to the samples of the digital microphones before anybody sees them: gains and privacy. */
export class Microphones implements MicPrivacyPort {
  private readonly open = new Set<MicrophoneGateway>();
  private muted = false;
  /** Interfaces that firmware mutes while privacy is on, a bit each. */
  private policy = 0xffff_ffff;

  /** Puts the firmware's hand on a microphone's samples. */
  attach(gateway: Gateway): Gateway {
    const attached = new MicrophoneGateway(gateway, this);
    this.open.add(attached);
    return attached;
  }

  detach(gateway: MicrophoneGateway): void {
    this.open.delete(gateway);
  }

  /** DMA_CONTROL of a microphone: four gains (Q10). */
  setGains(nodeId: number, data: Uint8Array): DmaControlResult {
    if (data.length < GAIN_BYTES) return "failed";
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    let found = false;
    for (const gateway of this.open) {
      if (gateway.nodeId !== nodeId) continue;
      found = true;
      for (let i = 0; i < GAINS; i++) gateway.gains[i] = view.getUint16(2 * i, true);
    }
    return found ? "done" : "no-device";
  }

  setState(muted: boolean): void {
    this.muted = muted;
  }

  setPolicy(mask: number): void {
    this.policy = mask;
  }

  /** Whether nothing of an interface may be heard. */
  silences(nodeId: number): boolean {
    return this.muted && (this.policy & (1 << (nodeId & 7))) !== 0;
  }
}

/** A microphone's gateway: what came since the last look is muted or scaled where it lies. */
class MicrophoneGateway extends GatewayDecorator {
  readonly gains = new Uint16Array(GAINS).fill(UNITY);
  private readonly owner: Microphones;

  constructor(inner: Gateway, owner: Microphones) {
    super(inner);
    this.owner = owner;
  }

  override status(): number {
    const { stream } = this;
    const before = stream.available;
    const rc = super.status();
    const fresh = stream.available - before;
    if (fresh > 0) {
      const from = stream.wrap(stream.readPtr + before);
      if (this.owner.silences(this.nodeId)) this.silence(from, fresh);
      else if (this.gains.some((gain) => gain !== UNITY)) this.scale(from, fresh);
    }
    return rc;
  }

  override free(): void {
    this.owner.detach(this);
    super.free();
  }

  private silence(from: number, bytes: number): void {
    const { stream } = this;
    const first = Math.min(bytes, stream.end - from);
    stream.memory.u8.fill(0, from, from + first);
    stream.memory.u8.fill(0, stream.start, stream.start + bytes - first);
  }

  private scale(from: number, bytes: number): void {
    const { stream, gains } = this;
    const size = containerBytes(stream.frameFmt);
    const samples = size === 2 ? stream.memory.i16 : stream.memory.i32;
    const limit = 2 ** (8 * size - 1);
    // Whole frames arrive, so the first sample is the first channel's.
    let at = from;
    for (let i = 0; i < bytes / size; i++) {
      const gain = gains[(i % stream.channels) % GAINS] as number;
      const value = Math.floor(((samples[at / size] as number) * gain + UNITY / 2) / UNITY);
      samples[at / size] = Math.max(-limit, Math.min(limit - 1, value));
      at = stream.wrap(at + size);
    }
  }
}
