import type { Random } from "@sof-ts/kit";
import { initShapes } from "../init-payloads.js";
import { copier, words } from "../payloads.js";
import { concat, tlv } from "../protocol/messages.js";

const MAILBOX_BYTES = 4096;
const DMA_BYTES = 768;
/** Gateways of every kind, most of them there; node ids as in the doorbell's protocol. */
const nodes = [
  0x0002, 0x0003, 0x0004, 0x0100, 0x0101, 0x0102, 0x0800, 0x0801, 0x0802, 0x0900, 0x0901, 0x0b00,
  0x0b01, 0x0c00, 0x0c10, 0x0c20, 0x0d00, 0x0d20, 0x1001, 0x1002, 0x1102, 0xffff_ffff, 0x1fff,
] as const;
const words32 = [0, 1, 2, 7, 0xff, 0x100, 0x400, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

/** Number that is likely to matter somewhere: small, a limit, or anything. */
export function number(random: Random): number {
  const kind = random.below(4);
  if (kind === 0) return random.pick(words32);
  return kind === 3 ? random.u32() : random.below(1 << (4 * kind));
}

/** Bytes without meaning; long ones are rare. */
export function noise(random: Random, limit = MAILBOX_BYTES): Uint8Array {
  const length = random.below(random.below(16) === 0 ? limit + 1 : Math.min(limit, 128));
  return Uint8Array.from({ length }, () => random.below(256));
}

/** Words of numbers that are likely to matter. */
export function numbers(random: Random, most = 24): Uint8Array {
  return words(Array.from({ length: random.below(most) }, () => number(random)));
}

function gateway(random: Random): Uint8Array {
  const kind = random.below(8);
  if (kind === 0) {
    // Two SoundWire endpoints.
    const group = words([6, 0, 2, random.below(3), 1, 3, 2]);
    return concat(copier(0x1050 | random.below(2), DMA_BYTES).subarray(0, 76), group);
  }
  if (kind === 1) {
    const node = random.pick([0x1400, 0x1500, 0x1501]);
    return concat(copier(node, 0).subarray(0, 76), words([5, 0, DMA_BYTES, 0, 0, 0]));
  }
  return copier(random.pick(nodes), random.pick([DMA_BYTES, 384, 40_000, 0, number(random)]));
}

/** Copiers at both ends of a stream that can run: from host to link or back. */
export function gatewayPair(random: Random): readonly [Uint8Array, Uint8Array] {
  const host = 2 + random.below(3);
  const link = random.pick([0x0800, 0x0801, 0x0c00, 0x1001]);
  const [from, to] =
    random.below(2) === 0 ? [host, link] : [link | 0x0100, 0x0100 | random.below(3)];
  return [copier(from, DMA_BYTES), copier(to, DMA_BYTES)];
}

/** A module of the image, with an init block that it takes. */
export interface FuzzModule {
  readonly id: number;
  readonly isCopier: boolean;
  readonly block: Uint8Array;
}

/** An init block: mostly one that the module takes, else any other's or numbers. */
export function initBlock(random: Random, module: FuzzModule): Uint8Array {
  const kind = random.below(12);
  if (kind < 9) return module.isCopier && kind < 7 ? gateway(random) : module.block;
  return kind < 11 ? random.pick(initShapes) : numbers(random, 64);
}

/** Value of a large parameter: a control, elements, a gain, or numbers. */
export function parameter(random: Random): Uint8Array {
  switch (random.below(5)) {
    case 0: {
      const channels = random.below(9);
      const elements = Array.from({ length: 2 * channels }, () => number(random));
      return words([random.below(3) | (channels << 16), 0, 0, 0, 0, ...elements]);
    }
    case 1:
      return concat(
        ...Array.from({ length: random.below(4) }, () =>
          tlv(random.pick([0, 1, 2, 3, 7, 200, number(random)]), noise(random, 64)),
        ),
      );
    case 2:
      return words([random.pick([0, 1, 0xffff_ffff]), number(random), random.below(6), 0, 0, 0]);
    case 3:
      return noise(random);
    default:
      return numbers(random);
  }
}

/** The payload with something wrong in it: bits flipped, cut, lengthened, or a word replaced. */
export function damaged(random: Random, payload: Uint8Array): Uint8Array {
  const bytes = payload.slice();
  switch (random.below(4)) {
    case 0:
      return bytes.subarray(0, random.below(bytes.length + 1));
    case 1:
      return concat(bytes, noise(random, 64)).subarray(0, MAILBOX_BYTES);
    case 2:
      if (bytes.length >= 4)
        bytes.set(words([number(random)]), 4 * random.below(bytes.length >> 2));
      return bytes;
    default:
      for (let flips = 1 + random.below(4); flips > 0 && bytes.length > 0; flips--) {
        const at = random.below(bytes.length);
        bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
      }
      return bytes;
  }
}
