import { rnd, sat16, sat32, type Width } from "./exact.js";

/** One polyphase stage. Coefficients are Q1.31 words of which the upper 24 bits count, sub-filter by sub-filter. */
export interface StageReference {
  readonly interpolation: number;
  readonly decimation: number;
  readonly subFilterLength: number;
  readonly shift: number;
  readonly coefficients: readonly number[];
}

/** Smallest `idm`, `odm` with `-idm * L + odm * M = 1`. */
export function stepsOf(l: number, m: number): { idm: number; odm: number } {
  if (l === 1) return { idm: 1, odm: 0 };
  if (m === 1) return { idm: 0, odm: 1 };
  for (let odm = 1; ; odm++) {
    if ((odm * m - 1) % l === 0) return { idm: (odm * m - 1) / l, odm };
  }
}

/** Runs one channel through one stage; whole blocks only. */
export function stageReference(
  stage: StageReference,
  samples: readonly bigint[],
  width: Width,
): bigint[] {
  const { interpolation: l, decimation: m, subFilterLength: t, shift, coefficients } = stage;
  const { idm, odm } = stepsOf(l, m);
  const x = samples.map((v) => (width === 32 ? v : v << BigInt(32 - width)));
  const ring = Array.from({ length: 1 + (l - 1) * odm }, () => 0n);
  const out: bigint[] = [];
  let read = 0;
  for (let end = m; end <= x.length; end += m) {
    const base = end - 1 - (m - 1) - (l - 1) * idm;
    for (let k = 0; k < l; k++) {
      let acc = 1n << BigInt(22 + shift);
      for (let j = 0; j < t; j++) {
        acc += BigInt((coefficients[k * t + j] as number) >> 8) * (x[base + k * idm - j] ?? 0n);
      }
      const v = sat32(acc >> BigInt(23 + shift));
      ring[(read + k * odm) % ring.length] =
        width === 32 ? v : width === 24 ? v >> 8n : sat16(rnd(v, 16));
    }
    for (let k = 0; k < l; k++) {
      out.push(ring[read] as bigint);
      read = (read + 1) % ring.length;
    }
  }
  return out;
}
