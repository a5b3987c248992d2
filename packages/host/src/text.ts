/** @returns a number as the kernel's `%#x` prints it, except that 0 is `0x0` */
export function hexWord(value: number): string {
  return `0x${(value >>> 0).toString(16)}`;
}
