/** Where an active data segment goes. */
export interface DataSegment {
  readonly offset: number;
  readonly bytes: number;
}

/**
 * Lists the active data segments of a WebAssembly binary (core specification 5.5.14), whose offsets are
 * constant expressions `i32.const`.
 */
export function dataSegments(binary: Uint8Array): DataSegment[] {
  let at = 8;
  const byte = () => binary[at++] ?? 0;
  const unsigned = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const part = byte();
      value |= (part & 0x7f) << shift;
      if ((part & 0x80) === 0) return value >>> 0;
    }
  };
  const segments: DataSegment[] = [];
  while (at < binary.length) {
    const section = byte();
    const end = unsigned() + at;
    if (section === 11) {
      for (let left = unsigned(); left > 0; left--) {
        if (unsigned() !== 0 || byte() !== 0x41)
          throw new Error("data segment is not active with i32.const");
        const offset = unsigned();
        byte();
        const bytes = unsigned();
        segments.push({ offset, bytes });
        at += bytes;
      }
    }
    at = end;
  }
  return segments;
}
