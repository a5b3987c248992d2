/**
 * Makes the reverse look-up of a constants table.
 *
 * @returns a function from a number to the table's name for it, undefined when it has none
 */
export function namesOf(
  table: Readonly<Record<string, number>>,
): (value: number) => string | undefined {
  const names = new Map(Object.entries(table).map(([name, value]) => [value, name]));
  return (value) => names.get(value);
}

/** @returns `0x` and lower-case digits without leading zeros, as the kernel's `%#x` */
export const hex = (value: number): string => `0x${value.toString(16)}`;
