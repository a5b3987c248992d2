/**
 * Sample formats of a stream inside the firmware (SOF's `enum sof_ipc_frame`). The value is the container;
 * `S24_4LE` is 24 valid bits, right-aligned in 32; `S24_4LE_MSB` the same left-aligned; `S16_4LE` 16 bits
 * right-aligned in 32.
 */
export const FrameFmt = {
  S16_LE: 0,
  S24_4LE: 1,
  S32_LE: 2,
  FLOAT: 3,
  S24_3LE: 4,
  S24_4LE_MSB: 5,
  U8: 6,
  S16_4LE: 7,
  A_LAW: 8,
  MU_LAW: 9,
  INVALID: 10,
} as const;
export type FrameFmt = (typeof FrameFmt)[keyof typeof FrameFmt];

const containers = [2, 4, 4, 4, 3, 4, 1, 4, 1, 1, 0];

/** @returns bytes of one sample of one channel in memory; 0 for `INVALID` */
export function containerBytes(format: FrameFmt): number {
  return containers[format] ?? 0;
}

/** Sample types of IPC4's audio format (`enum ipc4_sample_type`). */
export const SampleType = {
  MSB_INTEGER: 0,
  LSB_INTEGER: 1,
  SIGNED: 2,
  UNSIGNED: 3,
  FLOAT: 4,
  A_LAW: 5,
  MU_LAW: 6,
} as const;
export type SampleType = (typeof SampleType)[keyof typeof SampleType];

/** Container and valid format of a stream. */
export interface FormatPair {
  readonly frameFmt: FrameFmt;
  readonly validFmt: FrameFmt;
}

const integerFormats: readonly FrameFmt[] = [FrameFmt.S16_LE, FrameFmt.S24_4LE, FrameFmt.S32_LE];

/**
 * Maps depth, valid bits and sample type of an IPC4 audio format to the firmware's formats
 * (SOF's `audio_stream_fmt_conversion`). MSB alignment is the copier's business, not decided here.
 *
 * @param depth container bits
 * @param valid significant bits
 * @returns both formats; `INVALID` for a combination that no stream can have
 */
export function formatsOf(depth: number, valid: number, sampleType: number): FormatPair {
  if (sampleType === SampleType.FLOAT) {
    const format = depth === 32 && valid === 32 ? FrameFmt.FLOAT : FrameFmt.INVALID;
    return { frameFmt: format, validFmt: format };
  }
  if (
    sampleType === SampleType.UNSIGNED ||
    sampleType === SampleType.A_LAW ||
    sampleType === SampleType.MU_LAW
  ) {
    const bytewide =
      sampleType === SampleType.UNSIGNED
        ? FrameFmt.U8
        : sampleType === SampleType.A_LAW
          ? FrameFmt.A_LAW
          : FrameFmt.MU_LAW;
    const format = depth === 8 && valid === 8 ? bytewide : FrameFmt.INVALID;
    return { frameFmt: format, validFmt: format };
  }
  if (depth === 24 && valid === 24)
    return { frameFmt: FrameFmt.S24_3LE, validFmt: FrameFmt.S24_3LE };
  // Only 16 and 32-bit containers remain: index 1 of the table is a valid format, never a container.
  if (depth !== 16 && depth !== 32)
    return { frameFmt: FrameFmt.INVALID, validFmt: FrameFmt.INVALID };
  return {
    frameFmt: integerFormats[depth / 8 - 2] ?? FrameFmt.INVALID,
    validFmt: integerFormats[valid / 8 - 2] ?? FrameFmt.INVALID,
  };
}
