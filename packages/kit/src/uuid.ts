import { InputError } from "./input-error.js";

/**
 * Formats the 16 bytes of a UUID as images, topologies and manifests store it (`sof_uuid`, the kernel's
 * `guid_t`): the first three fields are little-endian.
 *
 * @returns lower-case 8-4-4-4-12 text
 */
export function formatUuid(bytes: Uint8Array): string {
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  const hex = order.map((index) => (bytes[index] ?? 0).toString(16).padStart(2, "0")).join("");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join("-");
}

/**
 * Parses UUID text: the standard 8-4-4-4-12 form or the 8-4-4-16 form of SOF's registry, any case.
 *
 * @returns 16 bytes in stored order
 * @throws InputError for anything else
 */
export function parseUuid(text: string): Uint8Array {
  const hex = text.replaceAll("-", "").toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(hex) || !/^[0-9a-f]{8}-/i.test(text)) {
    throw new InputError(`"${text}" is not a UUID`, {
      remedy: "Write it as 8-4-4-4-12 hexadecimal digits",
    });
  }
  const plain = Uint8Array.from({ length: 16 }, (_, i) =>
    Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16),
  );
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  return Uint8Array.from(order, (index) => plain[index] as number);
}
