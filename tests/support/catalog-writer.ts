/**
 * Small security catalogs for fixtures: a PKCS #7 `SignedData` without signers whose content is a certificate trust
 * list. Written from RFC 2315 and Microsoft's description of Authenticode; nothing is shared with the reader.
 */
import { Buffer } from 'node:buffer';

/** A file that the catalog lists. */
export interface CatalogMember {
  readonly algorithm: 'sha1' | 'sha256';
  /** Authenticode digest of the file, hexadecimal. */
  readonly digest: string;
}

function value(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const length =
    content.length < 128
      ? [content.length]
      : content.length < 256
        ? [0x81, content.length]
        : content.length < 65_536
          ? [0x82, content.length >> 8, content.length & 255]
          : [0x83, content.length >> 16, (content.length >> 8) & 255, content.length & 255];
  return Buffer.concat([Uint8Array.from([tag, ...length]), content]);
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => value(0x30, ...parts);
const set = (...parts: readonly Uint8Array[]): Buffer => value(0x31, ...parts);
const octets = (bytes: Uint8Array): Buffer => value(0x04, bytes);
const nothing = value(0x05);

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const digits = [part & 127];
    for (let left = part >>> 7; left > 0; left >>>= 7) digits.unshift((left & 127) | 128);
    bytes.push(...digits);
  }
  return value(0x06, Uint8Array.from(bytes));
}

const ALGORITHMS = { sha1: '1.3.14.3.2.26', sha256: '2.16.840.1.101.3.4.2.1' } as const;

function member({ algorithm, digest }: CatalogMember): Buffer {
  const bytes = Buffer.from(digest, 'hex');
  const image = sequence(
    oid('1.3.6.1.4.1.311.2.1.15'),
    sequence(value(0x03, Uint8Array.from([0])), value(0xa0, value(0xa2, value(0x80)))),
  );
  const info = sequence(sequence(oid(ALGORITHMS[algorithm]), nothing), octets(bytes));
  // Catalogs of the first version name a file by the digits of its SHA-1, those of the second by the SHA-256 itself.
  const identifier = algorithm === 'sha1' ? Buffer.from(digest.toUpperCase(), 'utf16le') : bytes;
  return sequence(octets(identifier), set(sequence(oid('1.3.6.1.4.1.311.2.1.4'), set(sequence(image, info)))));
}

/** Writes a catalog that lists `members`. */
export function writeCatalog(members: readonly CatalogMember[]): Uint8Array<ArrayBuffer> {
  const version = members.some(({ algorithm }) => algorithm === 'sha256') ? '3' : '2';
  const list = sequence(
    sequence(oid('1.3.6.1.4.1.311.12.1.1')),
    octets(Buffer.alloc(16, 7)),
    value(0x17, Buffer.from('240701120000Z', 'latin1')),
    sequence(oid(`1.3.6.1.4.1.311.12.1.${version}`), nothing),
    sequence(...members.map(member)),
  );
  const signed = sequence(
    value(0x02, Uint8Array.from([1])),
    set(),
    sequence(oid('1.3.6.1.4.1.311.10.1'), value(0xa0, list)),
    set(),
  );
  return new Uint8Array(sequence(oid('1.2.840.113549.1.7.2'), value(0xa0, signed)));
}
