import { crc32 } from 'node:zlib';
import { assert } from '../errors.ts';
import type { AtomicFile } from './output_stream.ts';

/** The one array of a file: its name, its fields with their NumPy types, the bytes of a row and how many rows there are. */
export interface NpzArray {
  readonly name: string;
  readonly fields: readonly (readonly [name: string, type: string])[];
  readonly rowBytes: number;
  readonly rows: number;
}

/** What the records of a ZIP archive begin with. */
const signature = { entry: 0x04034b50, descriptor: 0x08074b50, central: 0x02014b50, end64: 0x06064b50 } as const;
const locator64 = 0x07064b50;
const end = 0x06054b50;
/** ZIP64, and sizes that follow the data. */
const version = 45;
const sizesFollow = 8;
/** 1980-01-01: the same rows give the same bytes. */
const date = 0x0021;
const all16 = 0xffff;
const all32 = 0xffff_ffff;

/**
 * Writes one structured array as NumPy's `.npz`: a ZIP archive with a stored `.npy`, of any size, in one pass. `start`, `write` as
 * often as there are rows, `finish`; the file is committed and aborted by its owner. Throws what `AtomicFile.write` throws.
 */
export class NpzWriter {
  readonly #file: AtomicFile;
  readonly #array: NpzArray;
  readonly #entryName: Buffer;
  #crc = 0;
  #bytes = 0;

  constructor(file: AtomicFile, array: NpzArray) {
    this.#file = file;
    this.#array = array;
    this.#entryName = Buffer.from(`${array.name}.npy`);
  }

  async start(): Promise<void> {
    const name = this.#entryName;
    const head = Buffer.alloc(30);
    head.writeUInt32LE(signature.entry, 0);
    head.writeUInt16LE(version, 4);
    head.writeUInt16LE(sizesFollow, 6);
    head.writeUInt16LE(date, 12);
    head.writeUInt32LE(all32, 18);
    head.writeUInt32LE(all32, 22);
    head.writeUInt16LE(name.length, 26);
    const extra = zip64Extra([0, 0]);
    head.writeUInt16LE(extra.length, 28);
    await this.#file.write(Buffer.concat([head, name, extra]));
    await this.write(npyHead(this.#array));
  }

  /** Appends rows, which may be reused once the promise is fulfilled. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#crc = crc32(bytes, this.#crc);
    this.#bytes += bytes.length;
    await this.#file.write(bytes);
  }

  async finish(): Promise<void> {
    const { rows, rowBytes } = this.#array;
    assert(this.#bytes === npyHead(this.#array).length + rows * rowBytes, 'an array has as many rows as it says');
    const descriptor = Buffer.alloc(24);
    descriptor.writeUInt32LE(signature.descriptor, 0);
    descriptor.writeUInt32LE(this.#crc, 4);
    descriptor.writeBigUInt64LE(BigInt(this.#bytes), 8);
    descriptor.writeBigUInt64LE(BigInt(this.#bytes), 16);
    const directory = this.#directory();
    const directoryAt = this.#file.bytesWritten + descriptor.length;
    await this.#file.write(Buffer.concat([descriptor, directory, endOf(directoryAt, directory.length)]));
  }

  /** The one entry as the archive's directory lists it. */
  #directory(): Buffer {
    const name = this.#entryName;
    const extra = zip64Extra([this.#bytes, this.#bytes, 0]);
    const head = Buffer.alloc(46);
    head.writeUInt32LE(signature.central, 0);
    head.writeUInt16LE(version, 4);
    head.writeUInt16LE(version, 6);
    head.writeUInt16LE(sizesFollow, 8);
    head.writeUInt16LE(date, 14);
    head.writeUInt32LE(this.#crc, 16);
    head.writeUInt32LE(all32, 20);
    head.writeUInt32LE(all32, 24);
    head.writeUInt16LE(name.length, 28);
    head.writeUInt16LE(extra.length, 30);
    head.writeUInt32LE(all32, 42);
    return Buffer.concat([head, name, extra]);
  }
}

/** Where the directory lies, twice: in 64 bits, and in the old form that points there. */
function endOf(directoryAt: number, directoryBytes: number): Buffer {
  const bytes = Buffer.alloc(56 + 20 + 22);
  bytes.writeUInt32LE(signature.end64, 0);
  bytes.writeBigUInt64LE(44n, 4);
  bytes.writeUInt16LE(version, 12);
  bytes.writeUInt16LE(version, 14);
  bytes.writeBigUInt64LE(1n, 24);
  bytes.writeBigUInt64LE(1n, 32);
  bytes.writeBigUInt64LE(BigInt(directoryBytes), 40);
  bytes.writeBigUInt64LE(BigInt(directoryAt), 48);
  bytes.writeUInt32LE(locator64, 56);
  bytes.writeBigUInt64LE(BigInt(directoryAt + directoryBytes), 64);
  bytes.writeUInt32LE(1, 72);
  bytes.writeUInt32LE(end, 76);
  bytes.writeUInt16LE(all16, 84);
  bytes.writeUInt16LE(all16, 86);
  bytes.writeUInt32LE(all32, 88);
  bytes.writeUInt32LE(all32, 92);
  return bytes;
}

function zip64Extra(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 + values.length * 8);
  bytes.writeUInt16LE(1, 0);
  bytes.writeUInt16LE(values.length * 8, 2);
  for (const [i, value] of values.entries()) bytes.writeBigUInt64LE(BigInt(value), 4 + i * 8);
  return bytes;
}

/** The head of a `.npy` of version 1.0: its length is a multiple of 64. */
function npyHead({ fields, rows }: NpzArray): Buffer {
  const types = fields.map(([name, type]) => `('${name}', '${type}')`).join(', ');
  const text = `{'descr': [${types}], 'fortran_order': False, 'shape': (${rows},), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const head = Buffer.alloc(10);
  head.write('\x93NUMPY', 'latin1');
  head.writeUInt8(1, 6);
  head.writeUInt16LE(length, 8);
  return Buffer.concat([head, Buffer.from(`${text.padEnd(length - 1)}\n`, 'latin1')]);
}
