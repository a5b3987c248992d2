import { InputError } from "@sof-ts/kit";

/** What a number of a manifest may be. */
export interface NumberRule {
  readonly otherwise: number;
  readonly least: number;
  readonly most: number;
}

/** An object of a JSON file: takes out what is known, and refuses the rest by name. */
export class Fields {
  private readonly values: ReadonlyMap<string, unknown>;
  private readonly source: string;
  private readonly path: string;
  private readonly known = new Set<string>();

  private constructor(values: ReadonlyMap<string, unknown>, source: string, path: string) {
    this.values = values;
    this.source = source;
    this.path = path;
  }

  /** @throws InputError when `value` is no object */
  static of(value: unknown, source: string, path: string): Fields {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new InputError(`${path === "" ? "the file" : path} is no object`, {
        source,
        remedy: 'Write { "key": value, … }',
      });
    }
    return new Fields(new Map(Object.entries(value)), source, path);
  }

  /** @throws InputError when it is no text, or absent where nothing stands in for it */
  text(key: string, { otherwise }: { readonly otherwise?: string } = {}): string {
    const value = this.take(key) ?? otherwise;
    if (typeof value === "string") return value;
    throw this.error(key, value === undefined ? "is missing" : "is no text", "Write it in quotes");
  }

  number(key: string, { otherwise, least, most }: NumberRule): number {
    const value = this.take(key) ?? otherwise;
    if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) {
      return value;
    }
    throw this.error(key, "is no whole number in range", `Use ${least} to ${most}`);
  }

  /** One of `choices`, the first when it is absent. */
  choice<T extends string>(key: string, choices: readonly [T, ...T[]]): T {
    const value = this.take(key) ?? choices[0];
    const found = choices.find((choice) => choice === value);
    if (found !== undefined) return found;
    throw this.error(key, `is ${JSON.stringify(value)}`, `Use "${choices.join('" or "')}"`);
  }

  texts(key: string): readonly string[] {
    const value = this.take(key) ?? [];
    if (Array.isArray(value) && value.every((one): one is string => typeof one === "string")) {
      return value;
    }
    throw this.error(key, "is no list of texts", 'Write ["one", "two"]');
  }

  /** Bytes as hexadecimal text. */
  bytes(key: string, rule: { readonly otherwise?: string } = {}): Uint8Array {
    const text = this.text(key, rule);
    if (/^([0-9a-f]{2})*$/i.test(text)) return Uint8Array.from(Buffer.from(text, "hex"));
    throw this.error(key, `"${text}" is no hexadecimal text`, "Write 2 digits for each byte");
  }

  flag(key: string): boolean {
    const value = this.take(key) ?? false;
    if (typeof value === "boolean") return value;
    throw this.error(key, "is neither true nor false", "Write true or false without quotes");
  }

  /** The object of a key; an empty one when it is absent. */
  object(key: string): Fields {
    return Fields.of(this.take(key) ?? {}, this.source, this.at(key));
  }

  /** Whether there is such a key. */
  has(key: string): boolean {
    return this.values.has(key);
  }

  /** The objects of a list. */
  list(key: string, { optional = false } = {}): readonly Fields[] {
    const value = this.take(key) ?? (optional ? [] : undefined);
    if (!Array.isArray(value)) throw this.error(key, "is no list", "Write [ … ]");
    return value.map((one, index) => Fields.of(one, this.source, `${this.at(key)}[${index}]`));
  }

  /** Counts a key as known, for the list of what is. */
  knows(key: string): void {
    this.known.add(key);
  }

  /** @throws InputError when something was not taken */
  end(): void {
    const unknown = [...this.values.keys()].find((key) => !this.known.has(key));
    if (unknown === undefined) return;
    throw this.error(unknown, "is unknown", `Known are ${[...this.known].join(", ")}`);
  }

  error(key: string, reason: string, remedy: string): InputError {
    return new InputError(`${this.at(key)} ${reason}`, { source: this.source, remedy });
  }

  private take(key: string): unknown {
    this.known.add(key);
    return this.values.get(key);
  }

  private at(key: string): string {
    return this.path === "" ? key : `${this.path}.${key}`;
  }
}
