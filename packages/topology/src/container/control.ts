import type { ByteReader, ByteWriter } from "@sof-ts/kit";
import { ControlType } from "../abi.js";
import { DAMAGED, expectWord, privateReader, readFixed } from "./checks.js";
import { quotedName, u32 } from "./codec.js";
import { bytesLayout, controlLayout, enumLayout, mixerLayout, RecordBytes } from "./layouts.js";
import type { ControlRecord } from "./records.js";
import { readVendorArrays, writeVendorArrays } from "./vendor-array.js";

/**
 * Reads one control that is embedded in a widget.
 *
 * @throws InputError for a control kind other than mixer, bytes and enum, or wrong sizes
 */
export function readControl(reader: ByteReader, owner: string): ControlRecord {
  const what = `control of ${owner}`;
  expectWord(reader, RecordBytes.control, `size of the header of a ${what}`);
  const typeOffset = reader.offset;
  const type = readFixed(reader, u32, `type of a ${what}`);
  const fields = readFixed(reader, controlLayout, what);
  const named = `control ${quotedName(fields.name)}`;
  switch (type) {
    case ControlType.MIXER: {
      expectWord(reader, RecordBytes.mixer, `size of ${named}`);
      const mixer = readFixed(reader, mixerLayout, named);
      const tuples = readVendorArrays(privateReader(reader, `private data of ${named}`), named);
      return { kind: "mixer", ...fields, ...mixer, tuples };
    }
    case ControlType.ENUM: {
      expectWord(reader, RecordBytes.enum, `size of ${named}`);
      const items = readFixed(reader, enumLayout, named);
      const tuples = readVendorArrays(privateReader(reader, `private data of ${named}`), named);
      return { kind: "enum", ...fields, ...items, tuples };
    }
    case ControlType.BYTES: {
      expectWord(reader, RecordBytes.bytes, `size of ${named}`);
      const bytes = readFixed(reader, bytesLayout, named);
      const data = privateReader(reader, `private data of ${named}`);
      return { kind: "bytes", ...fields, ...bytes, privateData: data.bytes.slice() };
    }
    default:
      throw reader.error(
        `${named} has type ${type}, expected 1 (mixer), 2 (bytes) or 3 (enum)`,
        typeOffset,
        DAMAGED,
      );
  }
}

/** Writes one control with its private data. */
export function writeControl(writer: ByteWriter, control: ControlRecord): void {
  writer.u32(RecordBytes.control);
  writer.u32(controlTypes[control.kind]);
  controlLayout.write(writer, control);
  writer.u32(RecordBytes[control.kind]);
  switch (control.kind) {
    case "mixer":
      mixerLayout.write(writer, control);
      break;
    case "enum":
      enumLayout.write(writer, control);
      break;
    case "bytes":
      bytesLayout.write(writer, control);
      writer.u32(control.privateData.length).bytes(control.privateData);
      return;
  }
  writeSized(writer, (inner) => writeVendorArrays(inner, control.tuples));
}

const controlTypes = { mixer: ControlType.MIXER, enum: ControlType.ENUM, bytes: ControlType.BYTES };

/** Writes a size word and then what `write` writes. */
export function writeSized(writer: ByteWriter, write: (writer: ByteWriter) => void): void {
  const sizeOffset = writer.length;
  writer.u32(0);
  write(writer);
  writer.patchU32(sizeOffset, writer.length - sizeOffset - 4);
}
